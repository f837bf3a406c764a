"""What is known of the rated films, as arrays by row of Q: what filters and orders look at."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reelwise.data.catalogue import Catalogue
from reelwise.data.ratings import Ratings


@dataclass(frozen=True)
class Films:
    """Facts of each movie that has ratings.

    Attributes:
        years: int16, shape (movies,); 0 where unknown.
        genres: uint64, shape (movies,); one bit for each name in `genre_names`.
        counts: int64, shape (movies,); number of ratings.
        means: float64, shape (movies,); mean stars, NaN without ratings.
        genre_names: the genres of the catalogue, in alphabetical order; at most 64.
    """

    years: npt.NDArray[np.int16]
    genres: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.int64]
    means: npt.NDArray[np.float64]
    genre_names: tuple[str, ...]

    @classmethod
    def of(cls, catalogue: Catalogue, history: Ratings) -> "Films":
        """The facts of the movies of `history`, in its order."""
        movies = [catalogue[movie_id] for movie_id in history.movie_ids.tolist()]
        found: dict[str, int] = {}
        for movie in movies:
            for genre in movie.genres:
                found[genre] = found.get(genre, 0) + 1
        names = tuple(sorted(sorted(found, key=lambda name: -found[name])[:64]))
        bits = {name: 1 << position for position, name in enumerate(names)}
        counts = history.by_movie.counts()
        sums = np.add.reduceat(np.append(history.by_movie.stars, 0), history.by_movie.offsets[:-1], dtype=np.float64)
        with np.errstate(invalid="ignore"):
            means = np.where(counts > 0, sums, np.nan) / np.maximum(counts, 1)
        return cls(
            years=np.array([movie.year or 0 for movie in movies], np.int16),
            genres=np.array([sum(bits.get(name, 0) for name in set(movie.genres)) for movie in movies], np.uint64),
            counts=counts,
            means=means,
            genre_names=names,
        )

    def popularity(self, row: int) -> tuple[int, float | None]:
        """How many people rated the movie, and what they gave on average; 0 and None where nobody did."""
        count = int(self.counts[row])
        return count, float(self.means[row]) if count else None

    def bits_of(self, genres: tuple[str, ...]) -> np.uint64:
        """The bits of those genres; names compare without regard to case.

        Raises:
            KeyError: with the first name that no film has.
        """
        bits = {name.casefold(): 1 << position for position, name in enumerate(self.genre_names)}
        return np.uint64(sum(bits[name] for name in {genre.casefold() for genre in genres}))
