"""Ratings in memory: immutable, compressed by user and by movie.

Ids live only here at the edge: `user_ids` and `movie_ids` map a row to the data set's own number, everything else works
on 0-based indices.
"""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Stars = npt.NDArray[np.float32]

LARGEST_ID = 2**31 - 1


class RatingScale(NamedTuple):
    """The lowest and highest number of stars that a viewer can give."""

    low: float
    high: float

    def clip(self, stars: Stars) -> Stars:
        """`stars`, moved to the nearer end of the scale where a prediction lies outside."""
        return np.minimum(np.maximum(stars, np.float32(self.low)), np.float32(self.high))


MOVIELENS_SCALE = RatingScale(0.5, 5.0)


@dataclass(frozen=True)
class CSR:
    """Compressed sparse rows: row `i` is `indices[offsets[i]:offsets[i + 1]]`, ascending, with its `stars`.

    Attributes:
        offsets: int64, shape (rows + 1,).
        indices: int32, shape (ratings,).
        stars: float32, shape (ratings,).
    """

    offsets: npt.NDArray[np.int64]
    indices: Indices
    stars: Stars

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> tuple[Indices, Stars]:
        """The indices and stars of one row, as views."""
        part = slice(self.offsets[row], self.offsets[row + 1])
        return self.indices[part], self.stars[part]

    def counts(self) -> npt.NDArray[np.int64]:
        """How many ratings each row has, shape (rows,)."""
        return np.diff(self.offsets)


class Interactions(NamedTuple):
    """Ratings as three parallel arrays, shape (ratings,): user index, movie index, stars."""

    users: Indices
    movies: Indices
    stars: Stars

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Interactions":
        """The ratings for which `chosen`, shape (ratings,), is true."""
        return Interactions(self.users[chosen], self.movies[chosen], self.stars[chosen])


@dataclass(frozen=True)
class Ratings:
    """All ratings of a data set, once by user and once by movie.

    Attributes:
        user_ids: int64, ascending, shape (users,); row → id.
        movie_ids: int64, ascending, shape (movies,); row → id.
        by_user: for each user the movie indices and stars.
        by_movie: the transpose, for each movie the user indices and stars.
        scale: the rating scale.
    """

    user_ids: Ids
    movie_ids: Ids
    by_user: CSR
    by_movie: CSR
    scale: RatingScale

    def __len__(self) -> int:
        return len(self.by_user.indices)

    @classmethod
    def from_columns(
        cls,
        user_ids: Ids,
        movie_ids: Ids,
        stars: Stars,
        timestamps: Ids | None = None,
        *,
        scale: RatingScale = MOVIELENS_SCALE,
        known_users: Ids | None = None,
        known_movies: Ids | None = None,
    ) -> Self:
        """Ratings from four parallel columns in any order, shape (lines,).

        Where a user rated a movie more than once, the latest timestamp wins, then the last line.

        Args:
            user_ids: the user of each line.
            movie_ids: the movie of each line.
            stars: the stars of each line.
            timestamps: of each line, in any unit; without them the last line wins.
            scale: the rating scale.
            known_users: the users to keep, ascending (default: those that occur). Others' lines are left out.
            known_movies: the movies to keep, likewise.
        """
        rows = distinct(user_ids) if known_users is None else known_users
        columns = distinct(movie_ids) if known_movies is None else known_movies
        users, movies = index_of(user_ids, rows), index_of(movie_ids, columns)
        if known_users is not None or known_movies is not None:
            kept = (users >= 0) & (movies >= 0)
            users, movies, stars = users[kept], movies[kept], stars[kept]
            timestamps = None if timestamps is None else timestamps[kept]
        order = _latest(users, movies, timestamps)
        if order is not None:
            users, movies, stars = users[order], movies[order], stars[order]
        seen = Interactions(users, movies, stars.astype(np.float32))  # a copy, since the caller may change theirs
        return cls._from_sorted(rows, columns, seen, scale)

    @classmethod
    def _from_sorted(cls, user_ids: Ids, movie_ids: Ids, seen: Interactions, scale: RatingScale) -> Self:
        """Ratings from interactions in the order of user, then movie."""
        order = stable_order(seen.movies)
        by_user = CSR(offsets_of(seen.users, len(user_ids)), seen.movies, seen.stars)
        by_movie = CSR(offsets_of(seen.movies, len(movie_ids)), seen.users[order], seen.stars[order])
        for rows in (by_user, by_movie):
            freeze(rows.offsets, rows.indices, rows.stars)
        freeze(user_ids, movie_ids)
        return cls(user_ids, movie_ids, by_user, by_movie, scale)

    def interactions(self) -> Interactions:
        """The ratings as parallel arrays, in the order of user, then movie."""
        users = np.repeat(np.arange(len(self.user_ids), dtype=np.int32), self.by_user.counts())
        return Interactions(users, self.by_user.indices, self.by_user.stars)

    def mean_stars(self) -> float:
        """The mean of all stars."""
        return float(self.by_user.stars.mean(dtype=np.float64))


def freeze(*arrays: npt.NDArray[np.generic]) -> None:
    """Make arrays read-only, so that nobody changes by accident what others share."""
    for array in arrays:
        array.flags.writeable = False


def index_of(wanted: Ids, ids: Ids) -> Indices:
    """The row of each wanted id in the ascending `ids`, -1 where it is not there; int32, shape as `wanted`."""
    if len(ids) == 0:
        return np.full(len(wanted), -1, np.int32)
    if ids[-1] < 4 * len(wanted) + 1024:  # a table over all possible ids is smaller than the work of searching
        table = np.full(int(ids[-1]) + 2, -1, np.int32)
        table[ids] = np.arange(len(ids), dtype=np.int32)
        return table.take(wanted, mode="clip")  # ids are from 1, so both ends of the table say -1
    rows = np.searchsorted(ids, wanted)
    rows[rows == len(ids)] = 0
    return np.where(ids[rows] == wanted, rows, -1).astype(np.int32)


def distinct(ids: Ids) -> Ids:
    """The ids that occur, ascending; int64."""
    if len(ids) and ids.max() < 4 * len(ids) + 1024:
        return np.flatnonzero(np.bincount(ids)).astype(np.int64)
    return np.unique(ids).astype(np.int64)


def stable_order(keys: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """The stable sorting order of non-negative whole numbers.

    Packing number and position into one turns a stable argsort into a plain sort, which NumPy vectorises.
    """
    bits = len(keys).bit_length()
    if int(keys.max(initial=0)) >> (63 - bits):
        return np.argsort(keys, kind="stable")
    packed = keys.astype(np.int64)
    packed <<= bits
    packed |= np.arange(len(keys))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def _latest(users: Indices, movies: Indices, timestamps: Ids | None) -> npt.NDArray[np.int64] | None:
    """The lines in the order of user, then movie, of each pair only the latest; None if that is all lines as they are.

    MovieLens' larger files are in this order. Without timestamps the last line of each pair is the latest.
    """
    pairs = users * (np.int64(movies.max(initial=0)) + 1) + movies
    if np.all(pairs[1:] > pairs[:-1]):
        return None
    order = stable_order(pairs)
    pairs = pairs[order]
    same = pairs[1:] == pairs[:-1]
    if timestamps is not None:
        repeated = np.flatnonzero(np.append(same, False) | np.append(False, same))
        lines = order[repeated]
        order[repeated] = lines[np.lexsort((timestamps[lines], pairs[repeated]))]  # stable: of equals the last is last
    latest: npt.NDArray[np.int64] = order[np.append(~same, True)]
    return latest


def offsets_of(indices: npt.NDArray[np.integer], rows: int) -> npt.NDArray[np.int64]:
    """Where each row begins once entries are sorted by their row `indices`; int64, shape (rows + 1,)."""
    return np.concatenate([[0], np.cumsum(np.bincount(indices, minlength=rows))]).astype(np.int64)
