"""Everybody is recommended what most people like."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.data.types import Floats
from reelwise.models.base import ArrayStore, Estimator, Queries


@dataclass(frozen=True)
class PopularityConfig:
    """There is nothing to set."""


class Popularity(Estimator):
    """Movies by their number of likes, for everybody alike.

    Attributes:
        likes: float32, shape (movies,); how many users like each movie.
    """

    name: ClassVar[str] = "popularity"

    def __init__(self, config: PopularityConfig | None = None) -> None:
        self.config = config or PopularityConfig()

    def fit(self, train: Interactions) -> Self:
        """Count the likes."""
        self.likes = likes_of(train).counts_by_movie().astype(np.float32)
        return self

    def score(self, queries: Queries) -> Floats:
        """The number of likes; float32, shape (queries, movies)."""
        return np.broadcast_to(self.likes, (len(queries), len(self.likes)))

    def save(self, store: ArrayStore) -> None:
        """Write the counts as `popularity_likes`."""
        store.write("popularity_likes", self.likes)

    @classmethod
    def load(cls, store: ArrayStore, config: PopularityConfig) -> Self:
        """The model that `save` wrote."""
        model = cls(config)
        model.likes = store.read("popularity_likes", "<f4", (None,))
        return model
