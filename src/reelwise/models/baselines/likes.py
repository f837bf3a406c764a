"""The likes of training, kept for known users of whom a query says no more."""

from typing import Self

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.likes import is_like, likes_of, require_likes
from reelwise.models.queries import STRANGER, Queries
from reelwise.storage.arrays import ArrayStore


class Likes:
    """The likes of each user.

    Attributes:
        by_user: for each user the movies that they like.
        scale: of the ratings.
    """

    def __init__(self, by_user: CSR, scale: RatingScale) -> None:
        self.by_user, self.scale = by_user, scale

    @classmethod
    def among(cls, train: Interactions) -> Self:
        """The likes among these ratings.

        Raises:
            UsageError: Raised when there are none.
        """
        require_likes(train)
        likes = likes_of(train)
        return cls(CSR.grouped(likes.users, likes.movies, likes.stars, train.shape[0]), train.scale)

    def of(self, queries: Queries) -> CSR:
        """The likes in each query's history; of a known user without history, those in training."""
        histories = queries.histories
        liked = is_like(histories.stars, self.scale)
        silent = np.flatnonzero((queries.users != STRANGER) & (histories.counts() == 0))
        known = self.by_user.take(queries.users[silent])
        return CSR.grouped(
            np.concatenate([histories.row_numbers()[liked], silent[known.row_numbers()]]),
            np.concatenate([histories.indices[liked], known.indices]),
            np.concatenate([histories.stars[liked], known.stars]),
            len(queries),
        )

    def save(self, store: ArrayStore, prefix: str) -> None:
        """Write them as `{prefix}_likes_…`."""
        self.by_user.save(store, f"{prefix}_likes")

    @classmethod
    def load(cls, store: ArrayStore, prefix: str, scale: RatingScale = MOVIELENS_SCALE) -> Self:
        """What `save` wrote."""
        return cls(CSR.load(store, f"{prefix}_likes", (None, None), scale), scale)
