"""How many people rated each movie, and what they gave on average."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Rows, freeze


@dataclass(frozen=True)
class Popularity:
    """What is known of each movie's ratings when it does not matter whose they are.

    Attributes:
        counts: int64, shape (movies,); number of ratings.
        means: float64, shape (movies,); mean stars, 0 without ratings.
    """

    counts: npt.NDArray[np.int64]
    means: npt.NDArray[np.float64]

    @classmethod
    def of(cls, by_movie: Rows) -> Self:
        """The popularity of the movies whose ratings are the rows of `by_movie`."""
        counts = by_movie.counts()
        rated = counts > 0
        means = np.zeros(len(by_movie), np.float64)
        if rated.any():
            sums = np.add.reduceat(by_movie.stars, by_movie.offsets[:-1][rated], dtype=np.float64)
            means[rated] = sums / counts[rated]
        freeze(counts, means)
        return cls(counts, means)

    def __getitem__(self, row: int) -> tuple[int, float | None]:
        """How many people rated the movie, and their mean stars; 0 and None where nobody did."""
        count = int(self.counts[row])
        return count, float(self.means[row]) if count else None
