"""Ids, titles and references of one model, and the rows that they mean."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.likes import DISLIKED, LIKED, five_stars
from reelwise.data.types import Mask, Rows, Stars
from reelwise.data.vocabulary import LARGEST_ID, Id
from reelwise.errors import UnknownMovies, UnknownUser, UsageError
from reelwise.recommend.limits import check_id_text, show
from reelwise.recommend.movie_facts import NO_ROWS
from reelwise.recommend.naming.links import LinkIndex
from reelwise.recommend.naming.references import (
    IdText,
    MovieRef,
    SiteNumber,
    as_id,
    find_site_number,
    parse_site_number,
)
from reelwise.recommend.naming.title_match import TitleMatch, TitleMatcher
from reelwise.recommend.naming.title_search import TitleSearch

Named = dict[Id, MovieRef]
"""The id of each film, and what it was named as."""

_EXPECTED_FILM = "an id, a title, imdb:tt0114709 or tmdb:862"

_MOST_DIGITS = 19  # of an id
_HUGE = 1e300


class Opinion(NamedTuple):
    """The films that a person likes, dislikes, and has merely seen; each film in one of the three.

    `stars` has those of the films that were given any.
    """

    liked: Named
    disliked: Named
    seen: Named
    stars: dict[Id, float]

    @property
    def named(self) -> Named:
        """Every film named."""
        return self.liked | self.disliked | self.seen


class Found(NamedTuple):
    """Movie ids that were looked up.

    Attributes:
        rows: the row of each movie that was found: of `Resolver.find` those that the models were fitted to, of
            `Resolver.find_shown` those that are recommended otherwise, too.
        unknown: the ids that are not in the data set, ascending.
    """

    rows: dict[Id, int]
    unknown: tuple[Id, ...]

    def of(self, movie_ids: Iterable[Id]) -> list[int]:
        """The rows of some of the movies, ascending."""
        return sorted(self.rows[movie_id] for movie_id in set(movie_ids) if movie_id in self.rows)

    def joined(self, other: "Found") -> "Found":
        """These and others."""
        return Found(self.rows | other.rows, in_order({*self.unknown, *other.unknown}))


NOTHING_FOUND = Found({}, ())


class Resolver:
    """Ids, titles and rows of one model.

    Args:
        model: the model.
        titles: of its films.
        others: rows of films that are recommended though the models were not fitted to them.
    """

    def __init__(self, model: Model, titles: TitleSearch, others: Rows = NO_ROWS) -> None:
        self._model, self._titles = model, titles
        self._shown = model.fitted.copy()
        self._shown[others] = True
        self._links = LinkIndex(model.catalogue.links, model.stats.counts)
        self._matcher = TitleMatcher(model.catalogue, titles)

    def user(self, user_id: Id) -> int:
        """The row of a user; a text that reads as a whole number is that number where users are numbered.

        Raises:
            UnknownUser: Raised when there is none.
            UsageError: Raised when it cannot be an id.
        """
        if self._model.histories is None:
            raise UnknownUser("the model was published without its users and their histories; name films instead")
        row = self._model.users.row(user_id)
        if row is None or not self._model.knows_user(row):
            row = self.user_row(user_id)
        if row is None:
            raise UnknownUser(f"the model does not know user {user_id}")
        return row

    def user_id(self, user_id: Id) -> Id:
        """The id of a user, known or not.

        A text that reads as a whole number is that number where users are numbered; a number is its text where they are
        texts.

        Raises:
            UsageError: Raised when it cannot be an id.
        """
        check_id_text(user_id)
        user_id = as_id(user_id, "user", "the id of a user")
        return _as_number(user_id) if self._model.users.has_numbers else str(user_id)

    def user_row(self, user_id: Id) -> int | None:
        """The row of a user, as `user` says; None where there is none, or none who can be asked about.

        Raises:
            UsageError: Raised when it cannot be an id.
        """
        row = self._model.users.row(self.user_id(user_id))
        return row if row is not None and self._model.knows_user(row) else None

    def row(self, movie_id: Id) -> int | None:
        """The row of a movie by its id or its number elsewhere; None where there is none.

        Raises:
            UsageError: Raised when it cannot be an id.
        """
        given = as_id(movie_id, "movie", _EXPECTED_FILM)
        meant = self._read(IdText(given)) if isinstance(given, str) else given
        return None if isinstance(meant, TitleMatch) else self._model.movies.row(meant)

    def fitted_row(self, movie_id: Id) -> int | None:
        """The same; None also where no one rated the movie."""
        row = self.row(movie_id)
        return row if row is not None and self._model.fitted[row] else None

    def row_elsewhere(self, number: SiteNumber) -> int | None:
        """The row of the movie with that number elsewhere; None where there is none."""
        row = self._links.row(number)
        if row is None and number.site == "imdb":
            return self._model.movies.row(f"tt{number.number:07}")  # some data sets take IMDb's ids for their own
        return row

    def find(self, movie_ids: Iterable[Id]) -> Found:
        """Look up all the ids of a request at once.

        Raises:
            UsageError: Raised when one is a number where ids are strings.
        """
        return self._find(movie_ids, self._model.fitted)

    def find_shown(self, movie_ids: Iterable[Id]) -> Found:
        """The same, with the rows of all movies that may be recommended."""
        return self._find(movie_ids, self._shown)

    def _find(self, movie_ids: Iterable[Id], wanted: Mask) -> Found:
        rows, unknown, row = {}, [], self._model.movies.row
        for movie_id in set(movie_ids):
            place = row(movie_id)
            if place is None:
                unknown.append(movie_id)
            elif wanted[place]:
                rows[movie_id] = place
        if unknown and not self._model.movies.are_numbers:
            _refuse_numbers(unknown, self._model.movies[0])
        return Found(rows, in_order(unknown))

    def find_some(self, movie_ids: Iterable[Id]) -> Found:
        """Look up all the ids of a request at once.

        Raises:
            UnknownMovies: Raised when none of them is in the data set.
        """
        ids = set(movie_ids)
        found = self.find(ids)
        if len(found.unknown) == len(ids):
            shown = ", ".join(one if isinstance(one, str) else show(one) for one in found.unknown)
            raise UnknownMovies(f"none of the movie ids {shown} is in the data set")
        return found

    def movie_ids(self, movies: Iterable[MovieRef], where: str = "movies") -> Named:
        """The films that are meant by ids, titles, and numbers at IMDb or TMDB.

        A number that no film has stays as it is, as an id that is not in the data set.

        Raises:
            UnknownMovies: Raised when a title means no film; it suggests some.
            UsageError: Raised when something cannot name a film; it says `where`.
        """
        named: Named = {}
        missed: list[str] = []
        suggestions: list[str] = []
        for movie in movies:
            if type(movie) is int and movie >= 0:
                named.setdefault(movie, movie)
                continue
            given = as_id(movie, where, _EXPECTED_FILM)
            meant = self._read(given) if isinstance(given, str) else given
            if not isinstance(meant, TitleMatch):
                named.setdefault(meant, given)
                continue
            nearest = [self._model.catalogue.titles[row] for row in meant.nearest]
            missed.append(f"{given!r}" + (f" (did you mean {_either(nearest)}?)" if nearest else ""))
            suggestions += nearest
        if missed:
            raise UnknownMovies(f"no film is called anything like {', or '.join(missed)}", suggestions)
        return named

    def movie_id(self, movie: MovieRef, where: str = "movie") -> Id:
        """The film that is meant; see `movie_ids`."""
        return next(iter(self.movie_ids([movie], where)))

    def match_title(self, title: str, year: int | None = None) -> TitleMatch:
        """The film that is clearly meant by a title, or those that resemble it."""
        return self._matcher.match(title, year)

    def _read(self, text: str) -> Id | TitleMatch:
        """The id that is meant by a text; what resembles it where it is a title that means no film."""
        movies = self._model.movies
        if text in movies:
            return text
        if number := parse_site_number(text):
            row = self.row_elsewhere(number)
            return text if row is None else movies[row]
        if isinstance(text, IdText):
            return _as_number(text) if movies.are_numbers else text
        match = self._matcher.match(text)
        if match.row is not None:
            return movies[match.row]
        as_number = _as_number(text)
        return as_number if movies.are_numbers and as_number in movies else match

    def opinion(
        self, movies: Iterable[MovieRef], stars: Mapping[MovieRef, float], disliked: Iterable[MovieRef]
    ) -> Opinion:
        """What the person likes and dislikes. Stars count as a like from four out of five, as a dislike up to two.

        Raises:
            UsageError: Raised when stars are off the scale, or a film is named as liked and as disliked.
            UnknownMovies: Raised when a title means no film.
        """
        likes, dislikes = self.movie_ids(movies), self.movie_ids(disliked, "disliked")
        seen: Named = {}
        known: dict[Id, float] = {}
        if stars:
            rated, given = self.movie_ids(stars, "stars"), self._check_stars(stars)
            if len(rated) < len(stars):
                raise UsageError("stars: the same film is named twice; give it stars once")
            known = dict(zip(rated, given.tolist(), strict=True))
            for (movie, named), five in zip(rated.items(), five_stars(given, self._model.scale).tolist(), strict=True):
                (likes if five >= LIKED else dislikes if five <= DISLIKED else seen).setdefault(movie, named)
        both = next((movie for movie in likes if movie in dislikes), None)
        if both is not None:
            raise UsageError(f"movie id {both} is named both as liked and as disliked")
        seen = {movie: named for movie, named in seen.items() if movie not in likes and movie not in dislikes}
        return Opinion(likes, dislikes, seen, known)

    def search(self, text: str, limit: int) -> list[int]:
        """The rows of the films whose titles fit `text`, best first, or of the one with that number elsewhere."""
        number = find_site_number(text)
        if number is not None and (row := self.row_elsewhere(number)) is not None:
            return [row]
        return [hit.row for hit in self._titles.search(text, limit)]

    def _check_stars(self, stars: Mapping[MovieRef, Any]) -> Stars:
        """The stars as numbers on the rating scale."""
        low, high = self._model.scale
        for movie, given in stars.items():
            if type(given) is not float and (not isinstance(given, Real) or isinstance(given, bool)):
                raise UsageError(f"stars: movie {movie} has {given!r}; expected a number from {low:g} to {high:g}")
            number: Any = given
            if not low <= number <= high:  # a whole number may be too large for a float
                raise UsageError(
                    f"stars: movie {movie} has {_show(number)}, but the rating scale is {low:g} to {high:g}"
                )
        return np.fromiter(stars.values(), np.float32, len(stars))


def _show(number: Any) -> str:
    """A number in full, so that 5.0000001 is not shown as 5; one that no float can be, as a huge one."""
    return repr(float(min(max(number, -_HUGE), _HUGE))).removesuffix(".0")


def _either(titles: Sequence[str]) -> str:
    """Titles as one offers them: "A, B or C"."""
    return " or ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)


def in_order(ids: Iterable[Id]) -> tuple[Id, ...]:
    """Ids in ascending order, numbers before texts."""
    return tuple(sorted(ids, key=lambda one: (isinstance(one, str), one)))


def _as_number(text: Id) -> Id:
    """The number that a text reads as; anything else as it is, and digits that are too many for a number here."""
    is_number = isinstance(text, str) and len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit()
    is_number = is_number and int(text) <= LARGEST_ID
    return int(text) if is_number else text


def _refuse_numbers(ids: Iterable[Id], example: Id) -> None:
    for movie_id in ids:
        if not isinstance(movie_id, str):
            raise UsageError(f"movie id {movie_id} is a number; ids of this model are strings, such as {example!r}")
