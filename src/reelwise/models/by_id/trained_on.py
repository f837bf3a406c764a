"""The ratings that a model was trained on, so that it can be asked by ids."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.dataset import Dataset
from reelwise.data.interactions import Interactions, RatingScale
from reelwise.data.types import Counts, Indices, Mask, Times
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import UsageError
from reelwise.storage.arrays import ArrayFolder


@dataclass(frozen=True)
class TrainedOn:
    """Ratings with their ids. The arrays are the data set's own.

    Attributes:
        name: of the data set.
        users: the ids of the users by row.
        movies: the ids of the movies by row.
        by_user: for each user the rows of the movies, and the stars.
        scale: the rating scale.
        times: when each rating was given; None where that is not known, as of a model that was saved.
        implicit: whether it was only known who watched or liked what, without stars.
    """

    name: str
    users: Vocabulary
    movies: Vocabulary
    by_user: CSR
    scale: RatingScale
    times: Times | None = None
    implicit: bool = False

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """The ratings of a data set."""
        ratings = dataset.ratings
        return cls(
            dataset.name, ratings.users, ratings.movies, ratings.by_user, ratings.scale, ratings.times, dataset.implicit
        )  # fmt: skip

    def interactions(self) -> Interactions:
        """The ratings as parallel arrays."""
        by_user, shape = self.by_user, (len(self.users), len(self.movies))
        return Interactions(
            by_user.row_numbers().astype(np.int32), by_user.indices, by_user.stars, shape, self.scale, self.times
        )  # fmt: skip

    @cached_property
    def counts_by_movie(self) -> Counts:
        """How many ratings each movie has, shape (movies,)."""
        return np.bincount(self.by_user.indices, minlength=len(self.movies))

    @property
    def rated(self) -> Mask:
        """Which movies somebody rated, shape (movies,)."""
        return self.counts_by_movie > 0

    def save(self, arrays: ArrayFolder) -> None:
        """Write everything but name and scale as `user_ids`, `movie_ids` and `history_…`."""
        arrays.write("user_ids", self.users.ids)
        arrays.write("movie_ids", self.movies.ids)
        self.by_user.save(arrays, "history")

    @classmethod
    def load(cls, arrays: ArrayFolder, name: str, scale: RatingScale, *, implicit: bool = False) -> Self:
        """What `save` wrote, mapped.

        Raises:
            ModelError: Raised when an array is missing or invalid.
        """
        users, movies = Vocabulary.load(arrays, "user_ids"), Vocabulary.load(arrays, "movie_ids")
        by_user = CSR.load(arrays, "history", (len(users), len(movies)), scale)
        return cls(name, users, movies, by_user, scale, implicit=implicit)

    def rows_of(self, dataset: Dataset) -> tuple[Indices, Indices]:
        """The rows of another data set's users and movies, one pair for each of its ratings; -1 where there is none."""
        ratings = dataset.ratings.interactions()
        users = self.users.rows(dataset.ratings.users.ids)
        movies = self.movies.rows(dataset.ratings.movies.ids)
        return users[ratings.users], movies[ratings.movies]

    def known_ratings(self, dataset: Dataset) -> Interactions:
        """The ratings of another data set by these rows.

        Raises:
            UsageError: Raised when there are others, or its stars are on another scale.
        """
        self.require_scale(dataset)
        users, movies = self.rows_of(dataset)
        unknown = int(np.count_nonzero((users < 0) | (movies < 0)))
        if unknown:
            raise UsageError(
                f"{unknown:,} of the {len(users):,} ratings of {dataset.name} are by users or of movies that "
                f"{self.name} does not have; split one data set, such as with split_ratings"
            )
        stars = dataset.ratings.by_user.stars
        return Interactions(users, movies, stars, (len(self.users), len(self.movies)), self.scale)

    def require_scale(self, dataset: Dataset) -> None:
        """Refuse a data set whose stars are on another scale.

        Raises:
            UsageError: Raised when they are.
        """
        other, own = dataset.ratings.scale, self.scale
        if tuple(other) != tuple(own):
            raise UsageError(
                f"the stars of {dataset.name} go from {other.low:g} to {other.high:g}, but those that the model was "
                f"fitted to go from {own.low:g} to {own.high:g}; read both with the same scale"
            )
