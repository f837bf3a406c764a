"""From numbers at IMDb and TMDB to rows."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from reelwise.data.types import Counts, Indices
from reelwise.recommend.naming.references import SiteNumber

_COLUMNS = {"imdb": 0, "tmdb": 1}


class LinkIndex:
    """Finds films by their numbers elsewhere; sorted when first asked, in milliseconds. Safe to share between threads.

    Args:
        links: int64, shape (movies, 2); numbers at IMDb and TMDB, 0 where unknown.
        counts: number of ratings of each movie; of several films with one number the best known is meant.
    """

    def __init__(self, links: npt.NDArray[np.int64], counts: Counts) -> None:
        self._links, self._counts = links, counts

    def row(self, number: SiteNumber) -> int | None:
        """The row of the film with that number; None where there is none."""
        numbers, rows = self._sorted[_COLUMNS[number.site]]
        place = int(numbers.searchsorted(number.number))
        return int(rows[place]) if place < len(rows) and numbers[place] == number.number else None

    @cached_property
    def _sorted(self) -> list[tuple[npt.NDArray[np.int64], Indices]]:
        """For each site the numbers, ascending, and whose they are; among equals the best known film comes first."""
        by_site = []
        for numbers in self._links.T:
            rows = np.lexsort((-self._counts, numbers)).astype(np.int32)
            rows = rows[numbers[rows] > 0]
            by_site.append((numbers[rows], rows))
        return by_site
