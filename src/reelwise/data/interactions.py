"""Ratings as parallel arrays (COO): who rated what, and how."""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from reelwise.data.types import Counts, Floats, Indices, Mask, Stars, Times

Histogram = list[tuple[float, int]]

_STEP = 0.5  # stars, as MovieLens gives them
_MOST_BARS = 20  # on a scale that is too wide for that
_CHUNK = 1 << 20  # ratings at a time, so that no second array as long as the histories is made


class RatingScale(NamedTuple):
    """The lowest and the highest stars that a user can give."""

    low: float
    high: float

    def clip(self, stars: Stars) -> Stars:
        """`stars`, moved to the nearer end of the scale where a prediction lies outside."""
        return np.minimum(np.maximum(stars, np.float32(self.low)), np.float32(self.high))

    def histogram(self, stars: Stars) -> Histogram:
        """Stars, from few to many, and the number of ratings that gave them; those that no one gave are left out.

        Stars between two steps count for the nearer one. A step is half a star, or on a wide scale a twentieth of it.
        """
        span = self.high - self.low
        step = _STEP if span <= _MOST_BARS * _STEP else span / _MOST_BARS
        counts = np.zeros(math.ceil(span / step) + 1, np.int64)
        for start in range(0, len(stars), _CHUNK):
            steps = np.rint((stars[start : start + _CHUNK] - np.float32(self.low)) / np.float32(step)).astype(np.int64)
            counts += np.bincount(steps, minlength=len(counts))
        return [(self.low + step * at, int(count)) for at, count in enumerate(counts) if count]


MOVIELENS_SCALE = RatingScale(0.5, 5.0)
LARGEST_STARS = 1e6
"""Both ends of a scale lie between this and its negative."""


@dataclass(frozen=True)
class Interactions:
    """Ratings as parallel arrays, shape (ratings,).

    Attributes:
        users: int32, the row of each rating's user.
        movies: int32, the row of its movie.
        stars: float32.
        shape: how many users and movies there are, with or without ratings.
        scale: the scale that the stars are on.
        times: when each rating was given; None where that is not known, or plays no part.
    """

    users: Indices
    movies: Indices
    stars: Stars
    shape: tuple[int, int]
    scale: RatingScale = MOVIELENS_SCALE
    times: Times | None = None

    def __len__(self) -> int:
        return len(self.users)

    def where(self, chosen: Mask) -> "Interactions":
        """The ratings for which `chosen`, shape (ratings,), is true."""
        times = None if self.times is None else self.times[chosen]
        return replace(
            self, users=self.users[chosen], movies=self.movies[chosen], stars=self.stars[chosen], times=times
        )

    def with_stars(self, stars: Floats) -> "Interactions":
        """The same pairs with other numbers."""
        return replace(self, stars=stars)

    def counts_by_user(self) -> Counts:
        """The number of ratings of each user, shape (users,)."""
        return np.bincount(self.users, minlength=self.shape[0])

    def counts_by_movie(self) -> Counts:
        """The number of ratings of each movie, shape (movies,)."""
        return np.bincount(self.movies, minlength=self.shape[1])
