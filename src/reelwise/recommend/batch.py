"""Everybody's recommendations at once, by blocked matrix products."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reelwise.artifacts.model import Model
from reelwise.recommend.top_n import top_n

Floats = npt.NDArray[np.float32]

BLOCK = 512  # users per matrix product


class Batch(NamedTuple):
    """Recommendations of some users as parallel columns, shape (recommendations,).

    Attributes:
        user_ids: int64, ascending.
        movie_ids: int64, for each user best first.
        ranks: int32, from 1 for each user.
        scores: float32; in taste, or the predicted stars where the model has no taste model.
        predicted_stars: float32, clipped to the rating scale.
    """

    user_ids: npt.NDArray[np.int64]
    movie_ids: npt.NDArray[np.int64]
    ranks: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]
    predicted_stars: npt.NDArray[np.float32]


def recommend_all(model: Model, n: int) -> Iterator[tuple[int, Batch]]:
    """The `n` best movies for each user of the model, by taste if it can, without what the user rated.

    Yields:
        How many users a block has, and their recommendations; block by block.
    """
    history = model.history
    P, Q = (model.P, model.Q) if model.taste is None else (model.taste.P, model.taste.Q)
    users = len(history.user_ids)
    for start in range(0, users, BLOCK):
        block = slice(start, min(start + BLOCK, users))
        seen = [history.by_user[user][0] for user in range(block.start, block.stop)]
        found = best_of_block(P[block], Q, model.P[block], model.Q, seen, n)
        yield (
            len(seen),
            Batch(
                user_ids=history.user_ids[found.rows + start],
                movie_ids=history.movie_ids[found.movies],
                ranks=found.ranks,
                scores=found.scores,
                predicted_stars=history.scale.clip(found.stars),
            ),
        )


class Found(NamedTuple):
    """The best movies of a block of users as parallel columns: rows in the block, rows of movies, and the rest."""

    rows: npt.NDArray[np.int64]
    movies: npt.NDArray[np.intp]
    ranks: npt.NDArray[np.int32]
    scores: Floats
    stars: Floats


def best_of_block(
    P: Floats, Q: Floats, stars_P: Floats, stars_Q: Floats, seen: Sequence[npt.NDArray[np.integer]], n: int
) -> Found:
    """The `n` best movies for each user of a block, by P · Q, without those that the user has `seen`."""
    scores = P @ Q.T
    chosen = [top_n(of_user, n, excluded) for of_user, excluded in zip(scores, seen, strict=True)]
    counts = np.array([len(movies) for movies in chosen])
    rows, movies = np.repeat(np.arange(len(seen)), counts), np.concatenate(chosen)
    return Found(
        rows,
        movies,
        np.concatenate([np.arange(1, count + 1, dtype=np.int32) for count in counts]),
        scores[rows, movies],
        np.einsum("nk,nk->n", stars_P[rows], stars_Q[movies]),
    )
