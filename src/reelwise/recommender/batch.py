"""Everybody's recommendations at once, by blocked matrix products."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reelwise.recommender.topn import top_n
from reelwise.store.model import Model

_BLOCK = 512  # users per matrix product


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
    for start in range(0, users, _BLOCK):
        block = range(start, min(start + _BLOCK, users))
        scores = P[block.start : block.stop] @ Q.T
        chosen = [top_n(scores[user - start], n, history.by_user[user][0]) for user in block]
        counts = np.array([len(movies) for movies in chosen])
        rows, movies = np.repeat(np.arange(len(block)), counts), np.concatenate(chosen)
        stars = np.einsum("nk,nk->n", model.P[rows + start], model.Q[movies])
        yield (
            len(block),
            Batch(
                user_ids=history.user_ids[rows + start],
                movie_ids=history.movie_ids[movies],
                ranks=np.concatenate([np.arange(1, count + 1, dtype=np.int32) for count in counts]),
                scores=scores[rows, movies],
                predicted_stars=history.scale.clip(stars),
            ),
        )
