"""What is known of the rated films, as arrays by row of Q: what filters and orders look at."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reelwise.data.catalogue import Catalogue
from reelwise.data.ratings import Ids


@dataclass(frozen=True)
class Films:
    """Facts of each movie that has ratings.

    Attributes:
        years: int16, shape (movies,); 0 where unknown.
        genres: uint64, shape (movies,); one bit for each name in `genre_names`.
        counts: int64, shape (movies,); number of ratings.
        genre_names: the genres of the catalogue, in alphabetical order; at most 64.
    """

    years: npt.NDArray[np.int16]
    genres: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.int64]
    genre_names: tuple[str, ...]

    @classmethod
    def of(cls, catalogue: Catalogue, movie_ids: Ids, counts: npt.NDArray[np.int64]) -> "Films":
        """The facts of the movies with these ids, in their order."""
        movies = [catalogue[movie_id] for movie_id in movie_ids.tolist()]
        found = Counter(genre for movie in movies for genre in movie.genres)
        names = tuple(sorted(name for name, _ in found.most_common(64)))
        bits = {name: 1 << position for position, name in enumerate(names)}
        combinations = {movie.genres for movie in movies}  # far fewer than films
        bits_of_all = {genres: sum(bits.get(name, 0) for name in set(genres)) for genres in combinations}
        return cls(
            years=np.array([movie.year or 0 for movie in movies], np.int16),
            genres=np.array([bits_of_all[movie.genres] for movie in movies], np.uint64),
            counts=counts,
            genre_names=names,
        )

    def genre_columns(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
        """Which genres those movies have: 1 or 0, a column for each name, shape (rows, names)."""
        names = np.arange(len(self.genre_names), dtype=np.uint64)
        columns: npt.NDArray[np.float32] = ((self.genres[rows][:, None] >> names) & np.uint64(1)).astype(np.float32)
        return columns

    def bits_of(self, genres: tuple[str, ...]) -> np.uint64:
        """The bits of those genres; names compare without regard to case.

        Raises:
            KeyError: with the first name that no film has.
        """
        bits = {name.casefold(): 1 << position for position, name in enumerate(self.genre_names)}
        return np.uint64(sum(bits[name] for name in {genre.casefold() for genre in genres}))
