"""Folding a history into both models.

A history of any number of ratings becomes an embedding in each model in two steps, without training: the profiles
(trained users who stand for everybody) are weighed by how well they explain it, and their weighted mean is the prior
mean of a least squares for the history itself. With stars out of five, for the films i of the history

    w_i = 0, 0, 0.5, 1, 1 for 1 to 5 stars          n = max(1, sum of w_i)
    ω_u ∝ (prod of L(i | u)^w_i)^τ(n) · (a_u + 5)^g    L, τ up to n = 20 and g: `reelwise.models.ranking.blending`
                                                       beyond: τ(20) · (20 / n)^0.85

    ranking model:  m = sum of ω_u p_u,  t_i = 0, 0, 0.6, 1, 1.1,  A = 2 (a0 QᵀQ + λ I), the model's own prior
    rating model:   m = sum of ω_u (p_u, b_u),  x_i = (q_i, 1),  t_i = z_i - b_i,  A = diag(12, …, 12, 5)

(the numbers are those of `FoldInConfig`). The first few films thus speak through people who are like that, and the more
there are the more they speak for themselves: `benchmarks/fold_in.py`.
"""

from dataclasses import dataclass

import numpy as np

from reelwise.data.types import Doubles, Floats, Mask, Rows, Stars
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.fold_in.sides import RankingSide, RatingSide
from reelwise.models.least_squares import LeastSquares
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization

_BLOCK = 64  # films whose likelihoods are worked out at a time: 2 MB


@dataclass(frozen=True)
class Embeddings:
    """Somebody in both models.

    Attributes:
        weights: ω, float32, shape (profiles,).
        ranking: the ranking model's vector, float32, shape (k,).
        rating: the rating model's, biases folded in, float32, shape (k + 2,).
        rating_row: the same as (p, b) on normalised stars, float64, shape (k + 1,).
    """

    weights: Floats
    ranking: Floats
    rating: Floats
    rating_row: Doubles


@dataclass(frozen=True)
class FoldedHistory:
    """What both models need to know of a history.

    Attributes:
        evidence: sum of w_i log L(i | u), float64, shape (profiles,).
        ranking: the least squares of the ranking model's row.
        rating: that of the rating model's.
        likes: sum of w_i.
        movies: int64, shape (films,); their rows.
        stars: float32, likewise; of films that are merely liked or disliked they say which.
        has_stars: bool, likewise; which of the films have stars.
    """

    evidence: Doubles
    ranking: LeastSquares
    rating: LeastSquares
    likes: float
    movies: Rows
    stars: Stars
    has_stars: Mask

    def rated(self) -> tuple[Rows, Stars]:
        """The rows of the movies that have stars, and these."""
        return self.movies[self.has_stars], self.stars[self.has_stars]


class Folding:
    """Folds histories into a ranking and a rating model that were fitted to the same ratings.

    Args:
        ranking: the ranking model, with its profiles.
        rating: the rating model.
        config: how.

    Attributes:
        ranking: what is taken from the ranking model.
        rating: what is taken from the rating model.

    Raises:
        ModelError: Raised when the rating model was made without what folding in takes.
    """

    def __init__(self, ranking: WeightedALS, rating: MatrixFactorization, config: FoldInConfig | None = None) -> None:
        self.config = config or FoldInConfig()
        self.ranking = RankingSide(ranking, self.config)
        self.rating = RatingSide(rating, ranking.profiles.users, self.config)
        self.blend = ranking.blend

    def fold(self, movies: Rows, stars: Stars, felt: Mask | None = None) -> FoldedHistory:
        """A history.

        Args:
            movies: distinct rows of movies that the models were fitted to.
            stars: on the models' own scale.
            felt: which movies are merely liked or disliked; their stars say which, and predict no others. By default
                none.
        """
        weights = self.ranking.like_weights(stars)
        has_stars = np.ones(len(movies), np.bool_) if felt is None else ~felt
        rated, their_stars = movies[has_stars], stars[has_stars]
        return FoldedHistory(
            self._evidence(movies, weights),
            LeastSquares.of(self.ranking.features(movies), self.ranking.targets(stars)),
            LeastSquares.of(self.rating.features(rated), self.rating.targets(rated, their_stars)),
            float(weights.sum()),
            movies.astype(np.int64),
            stars.astype(np.float32),
            has_stars,
        )

    def embed(self, history: FoldedHistory, own: int | None = None) -> Embeddings:
        """Where the history leads in both models.

        Args:
            history: the history.
            own: the profile of the very person whose history it is, which is left out if there are others; None where
                there is none.
        """
        weights = self.weigh(history, own)
        row = self.rating_row(history, weights)
        return Embeddings(weights, self.ranking_row(history, weights), self.rating.fold_bias(row), row)

    def weigh(self, history: FoldedHistory, own: int | None = None) -> Floats:
        """The ω of `embed`, shape (profiles,)."""
        evidence = history.evidence.astype(np.float32)
        if own is not None and len(evidence) > 1:
            evidence[own] = -np.inf
        return self.blend.softmax(evidence, self.inverse_temperature(history.likes))

    def ranking_row(self, history: FoldedHistory, weights: Floats) -> Floats:
        """The ranking model's vector with these ω, float32, shape (k,)."""
        row = history.ranking.solve(weights @ self.ranking.profiles, self.ranking.precision)
        return row.astype(np.float32)

    def rating_row(self, history: FoldedHistory, weights: Floats) -> Doubles:
        """The rating model's (p, b) with these ω on normalised stars, float64, shape (k + 1,)."""
        return history.rating.solve(weights @ self.rating.profiles, self.rating.precision)

    def inverse_temperature(self, likes: float) -> float:
        """τ, for so many likes."""
        longest = self.blend.config.picks[-1]
        beyond = max(likes / longest, 1.0)
        return float(self.blend.inverse_temperature(min(likes, longest)) * beyond**-self.config.temperature_decay)

    def _evidence(self, movies: Rows, weights: Doubles) -> Doubles:
        evidence = np.zeros(len(self.blend.vectors))
        counted = np.flatnonzero(weights)
        for start in range(0, len(counted), _BLOCK):
            part = counted[start : start + _BLOCK]
            evidence += weights[part].astype(np.float32) @ self.blend.log_likelihoods_of_many(movies[part])
        return evidence
