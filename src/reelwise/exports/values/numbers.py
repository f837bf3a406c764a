"""Numbers in files of film sites: of films at IMDb and TMDB, years, and ratings."""

import re

from reelwise.data.readers.lines import quote

_IMDB = re.compile(r"(?:https?://\S*/title/)?(?:tt)?0*([1-9]\d{0,17})(?:\.0)?(?:[/?]\S*)?", re.IGNORECASE)
_TMDB = re.compile(r"0*([1-9]\d{0,17})(?:\.0)?")
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)(?!\d)")
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,9})?")


def imdb_number(value: object) -> int | None:
    """The number of a film at IMDb: of tt0114709, 0114709, 114709 or the address of its page; None for other texts."""
    return _number(_IMDB, value)


def tmdb_number(value: object) -> int | None:
    """The number of a film at TMDB; None where there is none."""
    return _number(_TMDB, value)


def year_in(value: object) -> int | None:
    """The first year in a text, such as 1995, 1995.0, 1995–1999 and 1995-11-22; None where there is none."""
    found = _YEAR.search(str(value))
    return int(found[1]) if found else None


def number_in(text: str) -> float | None:
    """The number that a text is, with a point or a comma; None for any other text."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def read_rating(value: object, name: str, best: float) -> float | None:
    """A rating from 0 to `best`; None where there is none.

    Raises:
        ValueError: Raised when it is not a rating; it quotes it, and names the column.
    """
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    rating = number_in(text)
    if rating is None or not 0 <= rating <= best:
        raise ValueError(f"{name} is {quote(text)}; expected a number from 0 to {best:g}")
    return rating


def _number(pattern: re.Pattern[str], value: object) -> int | None:
    if isinstance(value, bool):
        return None
    found = pattern.fullmatch(str(value).strip())
    return int(found[1]) if found else None
