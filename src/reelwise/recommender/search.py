"""Forgiving search for films by title."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

_YEAR = re.compile(r"\(?\b((?:18|19|20)\d\d)\b\)?\s*$")
_ARTICLE_BEHIND = re.compile(
    r"^(.*), (the|a|an|le|la|les|l'|il|lo|i|el|los|las|der|die|das|ein|eine|un|une|den|det)\b(.*)$"
)
_ALTERNATIVE = re.compile(r"\((?:a\.k\.a\.\s*)?([^()]*)\)")
_LOWEST = 60  # of 100; below it a title has too little in common with the query


class Hit(NamedTuple):
    """A film that fits the query: its position among the titles, and how well (0 to 100)."""

    position: int
    score: float


def plain(text: str) -> str:
    """`text` without what people leave out: case, accents, punctuation, an article moved to the end."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).replace("&", " and ")
    text = _ARTICLE_BEHIND.sub(r"\2 \1\3", text)
    return " ".join(re.sub(r"[^\w\s]", " ", text).split())


class TitleIndex:
    """All titles, ready to be searched."""

    def __init__(self, titles: Sequence[str], popularity: npt.NDArray[np.integer]) -> None:
        """Index `titles` (MovieLens style, year in brackets at the end).

        Args:
            titles: the titles.
            popularity: number of ratings of each, shape (titles,); the better known of two like titles comes first.
        """
        self._popularity = np.log1p(popularity) / np.log1p(max(int(popularity.max(initial=1)), 1))
        names: list[str] = []
        self._positions: list[int] = []
        self._years: list[str | None] = []
        for position, title in enumerate(titles):
            year = _YEAR.search(title)
            for name in _names(_YEAR.sub("", title)):
                names.append(name)
                self._positions.append(position)
                self._years.append(year.group(1) if year else None)
        self._names = names

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """The films whose title fits `query` best, best first; a year at the end of the query narrows it down.

        An empty list if nothing comes near.
        """
        year = _YEAR.search(query.strip())
        named = plain(_YEAR.sub("", query.strip())) if year else plain(query)
        if not named:
            named, year = plain(query), None  # "1984" is a title, too
        if not named:
            return []
        best: dict[int, float] = {}
        for name, _, row in process.extract(named, self._names, scorer=fuzz.WRatio, limit=300, score_cutoff=_LOWEST):
            position, score = self._positions[row], _likeness(named, name)
            if year:
                score += 10 if self._years[row] == year.group(1) else -10
            score += 10 * float(self._popularity[position]) - (0 if name.startswith(named) else 3)
            best[position] = max(best.get(position, -np.inf), score)
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [Hit(position, score) for position, score in ranked[:limit]]


def _likeness(query: str, name: str) -> float:
    """How alike two plain titles are, 0 to 100.

    The whole title with its typing errors counts fully; the query as a part of a longer title a little less.
    """
    whole = fuzz.ratio(query, name)
    if len(query) >= len(name):
        return whole
    if name.startswith(query) or f" {query}" in f" {name}":
        return max(whole, 90.0 + 10.0 * len(query) / len(name))
    return max(whole, 0.85 * fuzz.token_set_ratio(query, name))


def _names(title: str) -> list[str]:
    """The plain main title, and those in brackets behind it."""
    main = _ALTERNATIVE.sub("", title)
    return [name for name in dict.fromkeys(map(plain, [main, *_ALTERNATIVE.findall(title)])) if name]
