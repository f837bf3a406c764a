"""Ratings in memory: immutable, compressed by user and by movie, beside the ids of their rows."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import CSR, offsets_of, stable_order
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.types import Indices, Mask, Rows, Stars, Times, freeze
from reelwise.data.vocabulary import IdArray, Vocabulary


@dataclass(frozen=True)
class Ratings:
    """All ratings of a data set, once by user and once by movie.

    Attributes:
        users: the ids of the users by row.
        movies: the ids of the movies by row.
        by_user: for each user the rows of the movies, and the stars.
        by_movie: the transpose, for each movie the rows of the users, and the stars.
        scale: the rating scale.
        times: when each rating was given, in the order of user, then movie; None where that is not known.
    """

    users: Vocabulary
    movies: Vocabulary
    by_user: CSR
    by_movie: CSR
    scale: RatingScale
    times: Times | None = None

    def __len__(self) -> int:
        return len(self.by_user.indices)

    @classmethod
    def from_columns(
        cls,
        user_ids: IdArray,
        movie_ids: IdArray,
        stars: Stars,
        times: Times | None = None,
        *,
        scale: RatingScale = MOVIELENS_SCALE,
        users: Vocabulary | None = None,
        movies: Vocabulary | None = None,
    ) -> Self:
        """Ratings from parallel columns in any order, shape (lines,).

        Where a user rated a movie more than once, the latest time wins, then the last line.

        Args:
            user_ids: the user of each line.
            movie_ids: the movie of each line.
            stars: the stars of each line.
            times: of each line; without them the last line wins.
            scale: the rating scale.
            users: the users to keep (default: those that occur). Lines of others are left out.
            movies: the movies to keep, likewise.
        """
        keeps_all = users is None and movies is None
        users = Vocabulary.of(user_ids) if users is None else users
        movies = Vocabulary.of(movie_ids) if movies is None else movies
        user_rows, movie_rows = users.rows(user_ids), movies.rows(movie_ids)
        if not keeps_all:
            kept = (user_rows >= 0) & (movie_rows >= 0)
            user_rows, movie_rows, stars = user_rows[kept], movie_rows[kept], stars[kept]
            times = None if times is None else times[kept]
        order = _order_of_latest(user_rows, movie_rows, times)
        if order is not None:
            user_rows, movie_rows, stars = user_rows[order], movie_rows[order], stars[order]
            times = None if times is None else times[order]
        stars = stars.astype(np.float32)  # a copy, since the caller may change theirs
        return cls.from_interactions(
            users, movies, Interactions(user_rows, movie_rows, stars, (len(users), len(movies)), scale), times
        )

    @classmethod
    def from_interactions(
        cls, users: Vocabulary, movies: Vocabulary, ratings: Interactions, times: Times | None = None
    ) -> Self:
        """Ratings from distinct interactions in the order of user, then movie; their arrays become read-only."""
        if times is not None:
            freeze(times)
        order = stable_order(ratings.movies)
        by_user = CSR(offsets_of(ratings.users, len(users)), ratings.movies, ratings.stars)
        by_movie = CSR(offsets_of(ratings.movies, len(movies)), ratings.users[order], ratings.stars[order])
        return cls(users, movies, by_user.frozen(), by_movie.frozen(), ratings.scale, times)

    def interactions(self, *, timed: bool = False) -> Interactions:
        """The ratings as parallel arrays, in the order of user, then movie; with their times if so wanted and known."""
        users = np.repeat(np.arange(len(self.users), dtype=np.int32), self.by_user.counts())
        shape = (len(self.users), len(self.movies))
        times = self.times if timed else None
        return Interactions(users, self.by_user.indices, self.by_user.stars, shape, self.scale, times)

    def where(self, chosen: Mask) -> "Ratings":
        """The ratings for which `chosen`, in the order of user, then movie, is true; with all users and movies."""
        times = None if self.times is None else self.times[chosen]
        return Ratings.from_interactions(self.users, self.movies, self.interactions().where(chosen), times)

    def without_users(self, rows: Rows) -> "Ratings":
        """The ratings of all users but some, who lose their rows; with all movies."""
        stay = np.ones(len(self.users), np.bool_)
        stay[rows] = False
        rest = self.where(np.repeat(stay, self.by_user.counts()))
        ratings = rest.interactions()
        new_rows = (np.cumsum(stay, dtype=np.int32) - 1)[ratings.users]
        kept = Interactions(new_rows, ratings.movies, ratings.stars, (int(stay.sum()), len(self.movies)), self.scale)
        return Ratings.from_interactions(Vocabulary(self.users.ids[stay]), self.movies, kept, rest.times)

    def compact(self) -> "Ratings":
        """The same ratings; users and movies without any lose their rows."""
        ratings, counts = self.interactions(), (self.by_user.counts(), self.by_movie.counts())
        if all(each.all() for each in counts):
            return self
        users, movies = (np.flatnonzero(each) for each in counts)
        new_users, new_movies = (np.cumsum(each > 0, dtype=np.int32) - 1 for each in counts)
        kept = Interactions(
            new_users[ratings.users], new_movies[ratings.movies], ratings.stars, (len(users), len(movies)), self.scale
        )
        return Ratings.from_interactions(
            Vocabulary(self.users.ids[users]), Vocabulary(self.movies.ids[movies]), kept, self.times
        )

    def with_movies(self, movies: Vocabulary) -> "Ratings":
        """The same ratings, without their times, among more movies, which need not have any.

        Raises:
            ValueError: Raised when a movie of these ratings is not among them.
        """
        places = movies.rows(self.movies.ids)
        if (places < 0).any():
            raise ValueError("some rated movies are missing")
        return Ratings(
            self.users,
            movies,
            self.by_user.spread_columns(places).frozen(),
            self.by_movie.spread_rows(places, len(movies)).frozen(),
            self.scale,
        )

    def mean_stars(self) -> float:
        """The mean of all stars."""
        return float(self.by_user.stars.mean(dtype=np.float64))


def _order_of_latest(users: Indices, movies: Indices, times: Times | None) -> npt.NDArray[np.int64] | None:
    """The lines in the order of user, then movie, of each pair only the latest; None if that is all lines as they are.

    MovieLens' larger files are in this order. Without times the last line of each pair is the latest.
    """
    pairs = users * (np.int64(movies.max(initial=0)) + 1) + movies
    if np.all(pairs[1:] > pairs[:-1]):
        return None
    order = stable_order(pairs)
    pairs = pairs[order]
    same = pairs[1:] == pairs[:-1]
    if times is not None:
        repeated = np.flatnonzero(np.append(same, False) | np.append(False, same))
        lines = order[repeated]
        order[repeated] = lines[np.lexsort((times[lines], pairs[repeated]))]  # stable: of equals the last is last
    latest: npt.NDArray[np.int64] = order[np.append(~same, True)]
    return latest
