"""What is known of the films, as arrays by row: what filters and orders look at."""

from collections import Counter
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from reelwise.data.catalogue import Catalogue
from reelwise.data.types import Counts, Floats, Mask, Rows

NO_ROWS: Rows = np.empty(0, np.int32)

_MOST_GENRES = 64  # one bit each


@dataclass(frozen=True)
class MovieFacts:
    """Facts of each movie.

    Attributes:
        years: int16, shape (movies,); 0 where unknown.
        genres: uint64, shape (movies,); one bit for each name in `genre_names`.
        counts: int64, shape (movies,); number of ratings that the models were fitted to.
        genre_names: of films that may be recommended, in alphabetical order; the 64 most common where there are more.
    """

    years: npt.NDArray[np.int16]
    genres: npt.NDArray[np.uint64]
    counts: Counts
    genre_names: tuple[str, ...]

    @classmethod
    def collect(cls, catalogue: Catalogue, counts: Counts, fitted: Mask, others: Rows = NO_ROWS) -> Self:
        """The facts of a catalogue's films.

        Args:
            catalogue: the films.
            counts: how many ratings each has.
            fitted: which of them the models were fitted to.
            others: rows of the others that may be recommended.
        """
        found: Counter[str] = Counter()
        shown = np.concatenate([np.flatnonzero(fitted), others])
        per_set = np.bincount(catalogue.genres[shown], minlength=len(catalogue.genre_sets))
        for genres, films in zip(catalogue.genre_sets, per_set.tolist(), strict=True):
            if films:
                found.update(dict.fromkeys(genres, films))
        names = tuple(sorted(name for name, _ in found.most_common(_MOST_GENRES)))
        bits = {name: 1 << position for position, name in enumerate(names)}
        of_sets = [sum(bits.get(name, 0) for name in set(genres)) for genres in catalogue.genre_sets]
        known = np.where(fitted, counts, 0)
        return cls(catalogue.years, np.array(of_sets, np.uint64)[catalogue.genres], known, names)

    def genre_columns(self, rows: Rows) -> Floats:
        """Which genres those movies have: 1 or 0, a column for each name, shape (rows, names)."""
        names = np.arange(len(self.genre_names), dtype=np.uint64)
        columns: Floats = ((self.genres[rows][:, None] >> names) & np.uint64(1)).astype(np.float32)
        return columns

    def bits_of(self, genres: tuple[str, ...]) -> np.uint64:
        """The bits of those genres; names compare without regard to case.

        Raises:
            KeyError: Raised when no film has one of these names; it holds the first.
        """
        bits = {name.casefold(): 1 << position for position, name in enumerate(self.genre_names)}
        return np.uint64(sum(bits[name] for name in {genre.casefold() for genre in genres}))
