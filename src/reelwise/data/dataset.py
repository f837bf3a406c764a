"""A data set: ratings, the films they are of, and where they came from."""

import html
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from reelwise.data.arguments import check_fraction, check_from_one, check_seed
from reelwise.data.catalogue import Catalogue
from reelwise.data.ratings import Ratings
from reelwise.data.splitting import Viewers, choose_at_random, choose_latest, draw_users
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import UsageError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, repr=False, eq=False)
class Dataset:
    """Ratings with their films. Made by `read_dataset`, `load_movielens` or `Dataset.from_frame`.

    Attributes:
        name: what to call it, such as "ml-1m".
        ratings: the ratings.
        catalogue: every film, rated or not; each rated movie has a row.
        sha256: of the ratings file (of the arrays, for simulated ratings); empty where there is no file.
        duplicates: how many ratings were left out because the same user rated the movie again later.
        movielens: whether the ratings are one of GroupLens' MovieLens data sets, whose terms hold.
        simulated: whether the viewers are simulated.
        implicit: whether it was only known who watched or liked what; then every rating is the highest of the scale,
            and no stars are predicted.
        understood: what the columns and stars were taken for, in one line; empty where there was nothing to find out.
    """

    name: str
    ratings: Ratings
    catalogue: Catalogue
    sha256: str = ""
    duplicates: int = 0
    movielens: bool = False
    simulated: bool = False
    implicit: bool = False
    understood: str = ""

    @staticmethod
    def from_frame(
        frame: Any,
        *,
        user: str | None = None,
        movie: str | None = None,
        rating: str | None = None,
        time: str | None = None,
        scale: tuple[float, float] | None = None,
        films: Any = None,
        name: str = "frame",
    ) -> "Dataset":
        """A data set from a frame with a row for each rating.

        Of several ratings of a movie by the same user the latest counts, then the last row.

        Args:
            frame: whatever has `__arrow_c_stream__` (polars, pandas, pyarrow, DuckDB and others), a pandas frame
                without pyarrow, or columns by name.
            user: the column of users: whole numbers from 0, or strings; they come back as they are. By default the
                column whose name is a usual one, such as `userId` or `user_id`; likewise the others.
            movie: the column of movies: likewise.
            rating: the column of stars. With "", or where there is none, the ratings are implicit feedback.
            time: the column of times: dates, datetimes with or without zone, or numbers since 1970; "" for none.
            scale: lowest and highest stars. By default what the stars look like; `understood` says what.
            films: a frame with a row for each film: its id and title and, if they are known, genres, year and ids of
                IMDb and TMDB. Films that are not in it are called by their ids.
            name: what to call the data set.

        Raises:
            UsageError: Raised when it is not a frame, or the scale is invalid.
            DataError: Raised when a column is missing or ambiguous, or a value is invalid; it names column and row.
        """
        from reelwise.data.readers.assembling import read_frame

        if not isinstance(name, str):
            raise UsageError(f"name is {name!r}; expected a text, such as 'my ratings'")
        names = {"user": user, "movie": movie, "rating": rating, "time": time}
        given = {role: str(one) for role, one in names.items() if one is not None}
        return Dataset(**read_frame(frame, given, scale, films, name)._asdict())

    def split_ratings(
        self, test: float = 0.1, *, seed: int = 42, by: Literal["random", "time"] = "random"
    ) -> tuple["Dataset", "Dataset"]:
        """Two data sets with the same users and movies: one to train on, one to test with.

        Args:
            test: the share of the ratings to test with, above 0 and below 1.
            seed: of which ratings, where chance decides.
            by: "random", or "time": all ratings after a moment, the same for everybody, are to test with.

        Raises:
            UsageError: Raised when the share is out of range, one of the two would be empty, or there are no times.
        """
        test, seed = check_fraction("test", test), check_seed(seed)
        if by == "random":
            chosen = choose_at_random(len(self.ratings), test, seed)
        elif by == "time":
            if self.ratings.times is None:
                raise UsageError(f'{self.name} has no times to split by; name their column, or say by="random"')
            chosen = choose_latest(self.ratings.times, test)
        else:
            raise UsageError(f'by is {by!r}; expected "random" or "time"')
        if not 0 < chosen.sum() < len(chosen):
            raise UsageError(f"{test:g} of {len(chosen):,} ratings leaves nothing to train on, or nothing to test with")
        return self._part("train", self.ratings.where(~chosen)), self._part("test", self.ratings.where(chosen))

    def split_users(
        self, test: int = 500, *, given: int = 5, seed: int = 42, min_likes: int | None = None
    ) -> tuple["Dataset", Viewers]:
        """A data set to train on, and people held out whole, of whom a few likes are shown.

        This is strong generalisation (Marlin, "Collaborative Filtering: A Machine Learning Perspective", 2004, section
        3.3). A like is a rating of at least four stars out of five.

        Args:
            test: how many people.
            given: how many likes of each are shown, chosen by chance; their other likes are to be found.
            seed: of people and likes.
            min_likes: people with fewer likes are not held out; by default `given` + 1, so that there is one to find.

        Raises:
            UsageError: Raised when a number is out of range, or too few people have enough likes.
        """
        test, given, seed = check_from_one("test", test), check_from_one("given", given), check_seed(seed)
        least = given + 1 if min_likes is None else max(check_from_one("min_likes", min_likes), given + 1)
        drawn = draw_users(self.ratings.interactions(), test, least, seed)
        if test == len(self.ratings.users):
            raise UsageError(f"{test} people are all there are, so that there is nothing to train on; hold out fewer")
        users = np.sort(drawn.users)
        viewers = Viewers(
            users=Vocabulary(self.ratings.users.ids[users]),
            movies=self.ratings.movies,
            shown=drawn.shown(given, users),
            targets=drawn.rest(given, users),
            scale=self.ratings.scale,
        )
        return self._part("train", self.ratings.without_users(users)), viewers

    def to_polars(self) -> "pl.DataFrame":
        """The ratings as a frame, by user, then movie: columns user, movie, rating and, if they are known, time."""
        import polars as pl

        ratings = self.ratings
        rows = ratings.interactions()
        columns: dict[str, Any] = {"user": ratings.users.at(rows.users), "movie": ratings.movies.at(rows.movies)}
        if not self.implicit:
            columns["rating"] = rows.stars
        frame = pl.DataFrame(columns)
        if ratings.times is None:
            return frame
        return frame.with_columns(time=pl.from_epoch(pl.Series(ratings.times), "us").dt.replace_time_zone("UTC"))

    def __repr__(self) -> str:
        return f"Dataset({self.name!r}: {', '.join(self._facts().values())})"

    def _repr_html_(self) -> str:
        rows = {**self._facts(), "understood": self.understood or "as it is"}
        cells = (f"<tr><th>{what}</th><td>{html.escape(value)}</td></tr>" for what, value in rows.items())
        return f"<table><caption>{html.escape(self.name)}</caption>{''.join(cells)}</table>"

    def _facts(self) -> dict[str, str]:
        ratings = self.ratings
        who = "simulated users" if self.simulated else "users"
        facts = {
            "ratings": f"{len(ratings):,} ratings by {len(ratings.users):,} {who} of {len(ratings.movies):,} movies",
            "stars": "no stars" if self.implicit else "stars {:g} to {:g}".format(*ratings.scale),
        }
        if ratings.times is not None and len(ratings):
            first, last = np.array([ratings.times.min(), ratings.times.max()]).astype("datetime64[us]")
            facts["times"] = f"{first.astype('datetime64[D]')} to {last.astype('datetime64[D]')}"
        return facts

    def _part(self, which: str, ratings: Ratings) -> "Dataset":
        return replace(self, name=f"{self.name} ({which})", ratings=ratings, sha256="", duplicates=0, understood="")
