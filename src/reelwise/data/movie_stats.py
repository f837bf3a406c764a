"""The number of ratings and the mean stars of each movie."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.types import Counts, Doubles, freeze

_BLOCK = 1024  # movies at a time, because NumPy copies their stars to add them in float64


@dataclass(frozen=True)
class MovieStats:
    """The ratings of each movie in two figures.

    Attributes:
        counts: int64, shape (movies,); number of ratings.
        means: float64, shape (movies,); mean stars, 0 without ratings.
    """

    counts: Counts
    means: Doubles

    @classmethod
    def measure(cls, by_movie: CSR) -> Self:
        """The figures of the movies whose ratings are the rows of `by_movie`."""
        counts, offsets = by_movie.counts(), by_movie.offsets
        means = np.zeros(len(by_movie), np.float64)
        rated = np.flatnonzero(counts)
        for start in range(0, len(rated), _BLOCK):
            rows = rated[start : start + _BLOCK]
            first, end = offsets[rows[0]], offsets[rows[-1] + 1]
            sums = np.add.reduceat(by_movie.stars[first:end], offsets[rows] - first, dtype=np.float64)
            means[rows] = sums / counts[rows]
        freeze(counts, means)
        return cls(counts, means)

    def __getitem__(self, row: int) -> tuple[int, float | None]:
        """The number of ratings of the movie, and their mean stars; 0 and None where there are none."""
        count = int(self.counts[row])
        return count, float(self.means[row]) if count else None
