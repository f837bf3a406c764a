"""Everybody is recommended what most people like."""

from typing import ClassVar, Self

import numpy as np

from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.likes import likes_of
from reelwise.data.types import Floats
from reelwise.models.base import Estimator
from reelwise.models.queries import Queries
from reelwise.storage.arrays import ArrayStore


class Popularity(Estimator):
    """Movies by their number of likes, for everybody alike.

    Attributes:
        likes: float32, shape (movies,); how many users like each movie.
    """

    name: ClassVar[str] = "popularity"

    def fit_rows(self, train: Interactions) -> Self:
        """Count the likes."""
        self.likes = likes_of(train).counts_by_movie().astype(np.float32)
        return self

    def score(self, queries: Queries) -> Floats:
        """The number of likes; float32, shape (queries, movies)."""
        return np.broadcast_to(self.likes, (len(queries), len(self.likes)))

    def save_arrays(self, store: ArrayStore) -> None:
        """Write the counts as `popularity_likes`."""
        store.write("popularity_likes", self.likes)

    def load_arrays(self, store: ArrayStore, scale: RatingScale = MOVIELENS_SCALE) -> Self:
        """Take what `save_arrays` wrote."""
        self.scale = scale
        self.likes = store.read("popularity_likes", "<f4", (None,))
        return self
