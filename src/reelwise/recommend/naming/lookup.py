"""Films looked up in bulk, by whatever is known of them: numbers elsewhere, or a title and a year."""

from typing import Any, Literal, NamedTuple, Self

from reelwise.errors import UsageError
from reelwise.recommend.choices import FoundBy
from reelwise.recommend.limits import check_text, check_year
from reelwise.recommend.naming.references import MovieRef, SiteNumber, as_id, parse_site_number
from reelwise.recommend.naming.resolver import Resolver

_EXPECTED = "an id, a title, imdb:tt0114709, or a dict with imdbId, tmdbId, title and year"
_KEYS = ("imdbId", "tmdbId", "title", "year")


class Described(NamedTuple):
    """What is known of a film that is looked up; the first that finds one counts.

    Attributes:
        movie: its id here.
        imdb_id: its number at IMDb.
        tmdb_id: its number at TMDB.
        title: in any spelling that clearly means one film.
        year: of the film, to go with the title.
    """

    movie: MovieRef | None = None
    imdb_id: int | None = None
    tmdb_id: int | None = None
    title: str | None = None
    year: int | None = None

    @classmethod
    def read(cls, given: Any) -> Self:
        """Read an id, a title, `imdb:tt0114709`, or a dict with imdbId, tmdbId, title and year.

        Raises:
            UsageError: Raised when it does not name a film.
        """
        if isinstance(given, str):
            number = parse_site_number(given)
            if number is None:
                check_text("title", given, least=1)
                return cls(title=given)
            return cls(imdb_id=number.number) if number.site == "imdb" else cls(tmdb_id=number.number)
        if not isinstance(given, dict):
            return cls(movie=as_id(given, "films", _EXPECTED))
        unknown = next((key for key in given if key not in _KEYS), None)
        if unknown is not None or not any(given.get(key) for key in _KEYS[:3]):
            raise UsageError(f"{given!r} names no film; expected some of imdbId, tmdbId and title, and perhaps year")
        imdb_id, tmdb_id = (_number(site, given.get(f"{site}Id")) for site in ("imdb", "tmdb"))
        title, year = given.get("title"), given.get("year")
        if title is not None:
            check_text("title", title, least=1)
        if year is not None:
            check_year("year", year)
        return cls(None, imdb_id, tmdb_id, title, year and int(year))


class Located(NamedTuple):
    """The row of a film and the key that found it; or the rows of films that resemble it."""

    row: int | None
    by: FoundBy | None = None
    nearest: tuple[int, ...] = ()


def locate(resolver: Resolver, film: Described) -> Located:
    """Look a film up.

    Raises:
        UsageError: Raised when its id cannot be one.
    """
    if film.movie is not None and (row := resolver.row(film.movie)) is not None:
        return Located(row, "id")
    numbers: tuple[tuple[Literal["imdb", "tmdb"], int | None], ...] = (("imdb", film.imdb_id), ("tmdb", film.tmdb_id))
    for site, number in numbers:
        if number is not None and (row := resolver.row_elsewhere(SiteNumber(site, number))) is not None:
            return Located(row, site)
    if film.title is None:
        return Located(None)
    match = resolver.match_title(film.title, film.year)
    return Located(match.row, "title" if match.row is not None else None, match.nearest)


def _number(site: str, value: Any) -> int | None:
    number = None if value is None else parse_site_number(f"{site}:{value}")
    return number and number.number
