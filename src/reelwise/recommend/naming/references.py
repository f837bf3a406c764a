"""References to films: an id, a title, or a number at IMDb or TMDB."""

import re
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any, Literal, NamedTuple

import numpy as np

from reelwise.data.vocabulary import Id
from reelwise.errors import UnknownMovie, UsageError
from reelwise.recommend.limits import check_id_text, show

MovieRef = Id
"""A movie id, a title, or `imdb:tt0114709` and `tmdb:862`."""

_SITE = re.compile(r"(imdb|tmdb):(.*)", re.IGNORECASE | re.DOTALL)
_PASTED = re.compile(
    r"(?:imdb:)?tt(?P<imdb>[0-9]{5,18})|tmdb:(?P<tmdb>[0-9]{1,18})"
    r"|(?:https?://)?(?:[a-z]+\.)?(?:imdb\.com/(?:[a-z-]+/)?title/tt(?P<imdb_page>[0-9]{5,18})"
    r"|themoviedb\.org/movie/(?P<tmdb_page>[0-9]{1,18}))(?:[^0-9].*)?",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = {"imdb": re.compile(r"(?:tt)?0*([0-9]{1,18})", re.IGNORECASE), "tmdb": re.compile(r"0*([0-9]{1,18})")}


class IdText(str):
    """A string that is an id, or a number at IMDb or TMDB, and not a title, even if a film has that title.

    Where ids are numbers, one that reads as a whole number is that number.
    """

    __slots__ = ()


class SiteNumber(NamedTuple):
    """A film's number at another site."""

    site: Literal["imdb", "tmdb"]
    number: int


def parse_site_number(text: str) -> SiteNumber | None:
    """The number that `imdb:tt0114709` or `tmdb:862` names; None for a string that names no such site.

    Raises:
        UsageError: Raised when there is no number behind the site.
    """
    found = _SITE.fullmatch(text)
    if found is None:
        return None
    site: Literal["imdb", "tmdb"] = "imdb" if found[1].lower() == "imdb" else "tmdb"
    number = _NUMBER[site].fullmatch(found[2].strip())
    if number is None:
        raise UsageError(f"{text!r} names no film; expected a number such as imdb:tt0114709 or tmdb:862")
    return SiteNumber(site, int(number[1]))


def find_site_number(text: str) -> SiteNumber | None:
    """The number that was pasted: `tt0114709`, `imdb:tt0114709`, `tmdb:862`, or the address of a page there."""
    if (found := _PASTED.fullmatch(text.strip())) is None:
        return None
    imdb, tmdb = found["imdb"] or found["imdb_page"], found["tmdb"] or found["tmdb_page"]
    return SiteNumber("imdb", int(imdb)) if imdb else SiteNumber("tmdb", int(tmdb))


def as_id(value: Any, where: str, expected: str) -> Id:
    """An id as Python's own number or text; NumPy's are taken, too, and whole numbers of other types.

    Raises:
        UsageError: Raised when it is invalid; it says where, and what is expected.
    """
    if isinstance(value, str):
        if isinstance(value, IdText):
            check_id_text(value)
        return value
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if is_number and value >= 0 and value == value // 1 < 2**63:
        return int(value)
    raise UsageError(f"{where}: {show(value)} is not an id; expected {expected}")


def require_row(row: int | None, movie_id: Id) -> int:
    """The row of the film with that id, where it has one.

    Raises:
        UnknownMovie: Raised when it has none.
    """
    if row is None:
        raise UnknownMovie(f"movie {movie_id} is not in the data set")
    return row


def listed(name: str, values: Any) -> list[Any]:
    """The values of a list, an array, a series or whatever can be gone through; one alone is a list of one.

    Raises:
        UsageError: Raised when it is not a collection of single values.
    """
    if isinstance(values, str | Integral) or (isinstance(values, np.ndarray) and values.ndim == 0):
        return [values if isinstance(values, str) else int(values)]
    if isinstance(values, bytes | Mapping) or not isinstance(values, Iterable) or _is_table(values):
        kind = "None" if values is None else f"of type {type(values).__name__}"
        raise UsageError(f"{name} is {kind}; expected a list of ids or titles, such as [1, 'Alien']")
    return list(values)


def by_movie(stars: Mapping[MovieRef, float] | None) -> dict[MovieRef, float]:
    """The stars by film.

    Raises:
        UsageError: Raised when they are not by film.
    """
    if stars is None:
        return {}
    if not hasattr(stars, "items") or _is_table(stars):
        raise UsageError(f"stars is of type {type(stars).__name__}; expected stars by film, such as {{318: 4.5}}")
    return dict(stars.items())


def _is_table(values: Any) -> bool:
    """Whether these are a frame, which goes through the names of its columns, or an array of rows."""
    return getattr(values, "ndim", 1) > 1
