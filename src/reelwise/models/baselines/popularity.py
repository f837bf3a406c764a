"""Everybody is recommended what most people like."""

from abc import abstractmethod
from typing import ClassVar, Self

import numpy as np

from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.likes import likes_of, require_likes
from reelwise.data.types import Counts, Doubles, Floats
from reelwise.models.base import Estimator
from reelwise.models.queries import Queries
from reelwise.storage.arrays import ArrayStore


class ByLikes(Estimator):
    """Movies by a count of their likes, for everybody alike.

    Attributes:
        array_name: what the counts are called in a folder.
        likes: float32, shape (movies,).
    """

    array_name: ClassVar[str]
    likes: Floats

    def fit_rows(self, train: Interactions) -> Self:
        """Count the likes.

        Raises:
            UsageError: Raised when there are none.
        """
        require_likes(train)
        self.likes = self.count(likes_of(train), train).astype(np.float32)
        return self

    @abstractmethod
    def count(self, liked: Interactions, train: Interactions) -> Counts | Doubles:
        """What the likes among the ratings count for each movie, shape (movies,)."""

    def score(self, queries: Queries) -> Floats:
        """The counts; float32, shape (queries, movies)."""
        return np.broadcast_to(self.likes, (len(queries), len(self.likes)))

    def save_arrays(self, store: ArrayStore) -> None:
        """Write the counts."""
        store.write(self.array_name, self.likes)

    def load_arrays(self, store: ArrayStore, scale: RatingScale = MOVIELENS_SCALE) -> Self:
        """Take what `save_arrays` wrote."""
        self.scale = scale
        self.likes = store.read(self.array_name, "<f4", (None,))
        return self


class Popularity(ByLikes):
    """Movies by their number of likes.

    Attributes:
        likes: float32, shape (movies,); how many users like each movie.
    """

    name: ClassVar[str] = "popularity"
    array_name = "popularity_likes"

    def count(self, liked: Interactions, train: Interactions) -> Counts:  # noqa: ARG002 - as others need it
        """The number of likes."""
        return liked.counts_by_movie()
