"""Everybody's recommendations at once, by blocked matrix products."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.types import Floats, Indices, Positions, Rows
from reelwise.data.vocabulary import IdArray, Vocabulary
from reelwise.errors import UsageError
from reelwise.models.ranking.balance import discount
from reelwise.models.top_n import top_n
from reelwise.recommend.limits import check_n, check_share

BLOCK = 512  # users per matrix product


class Batch(NamedTuple):
    """Recommendations of some users as parallel columns, shape (recommendations,).

    Attributes:
        user_ids: whole numbers or texts, in the order that was asked for.
        movie_ids: for each user best first.
        ranks: int32, from 1 for each user.
        scores: float32; in taste, or the predicted stars where the model has no ranking model.
        predicted_stars: float32, clipped to the rating scale; None where the model was trained without stars.
    """

    user_ids: IdArray
    movie_ids: IdArray
    ranks: Indices
    scores: Floats
    predicted_stars: Floats | None


def recommend_all(
    model: Model, n: int, users: Rows | None = None, balance: float | None = None
) -> Iterator[tuple[int, Batch]]:
    """The `n` best movies for each user of the model, by taste if it can, without what the user rated.

    Args:
        model: the model.
        n: how many movies for each.
        users: rows of users; by default all who can be asked about.
        balance: 0 to 1, from well-known films to hidden ones; by default the model's own.

    Yields:
        How many users a block has, and their recommendations; block by block.

    Raises:
        UsageError: Raised when the model was published without its users, or `n` or `balance` is out of range.
    """
    check_n(n)
    weights = balanced_weights(model, balance)
    if model.histories is None:
        raise UsageError("this model was published without its users; there is nobody to recommend to")
    by_user, ranking, rating = model.histories.by_user, model.ranking or model.rating, model.rating
    never = np.flatnonzero(~model.fitted)
    chosen = model.known_users() if users is None else users
    everybody = users is None and len(chosen) == len(model.users)
    for start in range(0, len(chosen), BLOCK):
        block = chosen[start : start + BLOCK]
        rows = slice(start, start + len(block)) if everybody else block  # a slice of the factors is no copy
        seen = [np.concatenate([by_user[user][0], never]) for user in block.tolist()]
        found = best_of_block(ranking.P[rows], ranking.Q, rating.P[rows], rating.Q, seen, n, weights)
        yield (
            len(block),
            Batch(
                user_ids=_ids_of(model.users, block[found.rows]),
                movie_ids=_ids_of(model.movies, found.movies),
                ranks=found.ranks,
                scores=found.scores,
                predicted_stars=model.scale.clip(found.stars) if model.predicts_stars else None,
            ),
        )


def _ids_of(vocabulary: Vocabulary, rows: Rows) -> IdArray:
    """The ids in those rows: whole numbers, or texts; all of them texts where there are both."""
    if vocabulary.of_both_kinds:
        return np.array([str(one) for one in vocabulary.at(rows)])
    ids = vocabulary.ids[rows]
    return ids if vocabulary.are_numbers else np.char.decode(ids, "utf-8")


class BestOfBlock(NamedTuple):
    """The best movies of a block of users as parallel columns: rows in the block, rows of movies, and the rest."""

    rows: Positions
    movies: Positions
    ranks: Indices
    scores: Floats
    stars: Floats


def balanced_weights(model: Model, balance: float | None) -> Floats:
    """The weights of scores by taste, shape (movies,), or (1,) where they are 1, as by stars always.

    Raises:
        UsageError: Raised when the balance is out of range.
    """
    balance = model.balance if balance is None else balance
    check_share("balance", balance)
    return discount(model.ranking.fame, balance) if balance and model.ranking else np.ones(1, np.float32)


def best_of_block(
    P: Floats, Q: Floats, stars_P: Floats, stars_Q: Floats, seen: Sequence[Rows], n: int, weights: Floats
) -> BestOfBlock:
    """The `n` best movies for each user of a block, by P · Q times `weights`, without what the user has `seen`."""
    scores = P @ Q.T
    chosen = [top_n(of_user * weights, n, excluded) for of_user, excluded in zip(scores, seen, strict=True)]
    counts = np.array([len(movies) for movies in chosen])
    rows, movies = np.repeat(np.arange(len(seen)), counts), np.concatenate(chosen)
    return BestOfBlock(
        rows,
        movies,
        np.concatenate([np.arange(1, count + 1, dtype=np.int32) for count in counts]),
        scores[rows, movies],
        np.einsum("nk,nk->n", stars_P[rows], stars_Q[movies]),
    )
