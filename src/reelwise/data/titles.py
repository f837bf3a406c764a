"""Titles of films as people type them: split into names and year, without case, accents and punctuation."""

import re
import unicodedata
from typing import NamedTuple

ARTICLES = ("the", "a", "an")
"""Words that people put before a name or leave out."""

_YEAR_AT_END = re.compile(r"\((\d{4})(?:[-–]\d{0,4})?\)\s*$")
_YEAR = re.compile(r" \(?((?:18|19|20)\d\d)(?:[-–]\d*)?\)?$")
_OTHERS = re.compile(r"(?: \((?:[^()]|\([^()]*\))*\))+$")  # titles in brackets, which may themselves hold brackets
_OTHER = re.compile(r" \((?:a\.k\.a\. )?((?:[^()]|\([^()]*\))*)\)")
_ARTICLE_BEHIND = re.compile(
    r"^(.*), (the|a|an|le|la|les|l'|il|lo|i|el|los|las|der|die|das|ein|eine|un|une|den|det)(?=\s*(?:[:(]|$))(.*)$",
    re.IGNORECASE,
)
_SUBTITLE = re.compile(r"(?: or)?: | [-–—] ")
_SHORTENED = re.compile(r"(?<=\w)['’](?=(?:s|t|re|ll|ve|d|m)\b)")  # "Schindler's", "Don't": typed without
_NO_ACCENTS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_NUMERALS = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}


class Title(NamedTuple):
    """The main title, the titles in brackets behind it, and the year of the film or ""."""

    main: str
    others: tuple[str, ...]
    year: str


def split_year(title: str) -> tuple[str, int | None]:
    """A title, and the year in brackets at its end; None where it has no year."""
    found = _YEAR_AT_END.search(title)
    return (title[: found.start()].rstrip() or title, int(found[1]) or None) if found else (title, None)


def split_title(text: str) -> Title:
    """The parts of a title in MovieLens style, "Matrix, The (a.k.a. Neo) (1999)"; all but the first may be absent."""
    text, year = text.strip(), ""
    if found := _YEAR.search(text):
        text, year = text[: found.start()].rstrip(), found[1]
    if text.endswith(")") and (others := _OTHERS.search(text)):
        return Title(text[: others.start()], tuple(_OTHER.findall(others[0])), year)
    return Title(text, (), year)


def plain(text: str) -> str:
    """`text` as people type it: without case, accents, punctuation, an article at the end, and Roman numerals."""
    text = text.casefold()
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text).casefold().translate(_NO_ACCENTS)
        text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if ", " in text:
        text = _ARTICLE_BEHIND.sub(r"\2 \1\3", text)
    if not text.replace(" ", "").isalnum():
        text = re.sub(r"[^\w\s]", " ", _SHORTENED.sub("", text.replace("&", " and ")))
    return " ".join([_NUMERALS.get(word, word) for word in text.split()])


def natural(name: str) -> str:
    """A name as it is said, with the article before it: "The Matrix" of "Matrix, The"."""
    return re.sub(r"^(L') ", r"\1", _ARTICLE_BEHIND.sub(r"\2 \1\3", name), flags=re.IGNORECASE)


def without_article(name: str) -> str:
    """A plain name without an article of English before it."""
    first, _, rest = name.partition(" ")
    return rest if rest and first in ARTICLES else name


def parts_of(name: str) -> list[str]:
    """The short forms of a name with subtitles, as `plain` writes them: each run of its parts, without the whole.

    "Star Wars: Episode IV - A New Hope" has the runs "star wars", "star wars episode 4", "episode 4", and so on.
    """
    name = _ARTICLE_BEHIND.sub(r"\2 \1\3", name.casefold())
    parts = [part for part in _SUBTITLE.split(name) if part.strip()]
    count = len(parts)
    runs = (parts[start:stop] for start in range(count) for stop in range(start + 1, count + 1))
    return [plain(" ".join(run)) for run in runs if len(run) < count]
