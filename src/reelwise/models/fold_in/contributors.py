"""Which films of a history carry its recommendations: the embedding as it would be without each of them.

Without film j, whose target is missed by e_j = t_j - p·x_j, the least squares of `least_squares` leads to

    p - B^-1 x_j e_j / (1 - h_j)  +  B_j^-1 A (m_j - m)        B = A + XᵀX,  h_j = x_jᵀ B^-1 x_j,  B_j = B - x_j x_jᵀ

(Sherman and Morrison), with m_j the prior mean of the profiles weighed without j's likelihood, at the same temperature.
Working that out takes as long for each film as folding in did, so it is done for the likes alone whose first part moves
the films in question most. A history of thousands then takes no longer than one of `_MOST`.
"""

import numpy as np

from reelwise.data.types import Doubles, Floats, Rows
from reelwise.models.fold_in.folding import Embeddings, FoldedHistory, Folding

_MOST = 48  # films that may be named
_LIKED = 0.75  # the least weight of a film that is called a like: that of 3.5 stars out of five


def embed_without_each(
    folding: Folding, history: FoldedHistory, embeddings: Embeddings, shown: Rows
) -> tuple[Rows, Floats]:
    """The likes of a history that say most about some films, and the ranking embedding without each.

    Args:
        folding: how the history was folded in.
        history: the history.
        embeddings: where it leads.
        shown: rows of the films to be explained.

    Returns:
        Rows of the likes, ascending, shape (likes,), and embeddings, float32, shape (likes, k).
    """
    side, movies, stars = folding.ranking, history.movies, history.stars
    weights = side.like_weights(stars)
    liked = np.flatnonzero(weights >= _LIKED)
    movies, stars, weights = movies[liked], stars[liked], weights[liked]
    X, vector = side.features(movies), embeddings.ranking.astype(np.float64)
    inverse = np.linalg.inv(side.precision + history.ranking.gram)
    solved = X @ inverse
    leverages = np.einsum("nk,nk->n", solved, X)
    moves = solved * ((side.targets(stars) - X @ vector) / (1 - leverages))[:, None]
    if len(movies) > _MOST:
        said = np.maximum(moves @ side.features(shown).T, 0).sum(axis=1)
        most = np.sort(np.argpartition(-said, _MOST)[:_MOST])
        movies, weights = movies[most], weights[most]
        solved, leverages, moves = solved[most], leverages[most], moves[most]
        X = X[most]
    prior_moves = _prior_means_without(folding, history, embeddings, movies, weights) @ side.precision
    # B_j^-1 y = B^-1 y + B^-1 x_j (x_jᵀ B^-1 y) / (1 - h_j)
    through = prior_moves @ inverse
    through += solved * (np.einsum("nk,nk->n", X, through) / (1 - leverages))[:, None]
    return movies, (vector - moves + through).astype(np.float32)


def _prior_means_without(
    folding: Folding, history: FoldedHistory, embeddings: Embeddings, movies: Rows, weights: Doubles
) -> Floats:
    """m_j - m for each of the films, shape (films, k)."""
    profiles, power = folding.ranking.profiles, folding.inverse_temperature(history.likes)
    ratios = folding.blend.log_likelihoods_of_many(movies)
    ratios *= (-power * weights).astype(np.float32)[:, None]
    ratios -= ratios.max(axis=1, keepdims=True)
    left = np.exp(ratios, out=ratios)
    left *= embeddings.weights
    left /= left.sum(axis=1, keepdims=True)
    means: Floats = left @ profiles - embeddings.weights @ profiles
    return means
