"""Which film a title means, if it clearly means one: unlike search, it would rather ask back than take another film.

A title means a film in one of these ways, and the first that holds for any film decides:

1. it is the film's title as the data set spells it;
2. it is one of the film's names, without regard to case, accents and punctuation;
3. it is one up to an article or blanks ("matrix" for "The Matrix", "spiderman");
4. it is a part of one ("The Empire Strikes Back" for "Star Wars: Episode V - The Empire Strikes Back"); if that is a
   single word, the first part, and a word of no other name;
5. it is one, or a part of one, with typing errors: letters that are swapped, left out or added, one for each six of the
   name, or wrong, one for each nine. A word that other titles have counts as mistyped only where three times as much
   fits.

Where a year is given, the film's own may be off by one, and the nearest counts. Without one, the best known film does.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Indel

from reelwise.data.catalogue import Catalogue
from reelwise.data.titles import parts_of, plain, split_title, without_article
from reelwise.recommend.naming.title_search import TitleSearch

_YEARS_OFF = 1
_SWAPPED, _MISSING, _WRONG = 5, 6, 9  # letters that a name must have for each such error
_ODD = 1.5  # times as many if other titles have the word, it is short, or its first letter is wrong; for an s twice
_SHORTEST_WORD, _LONG_WORD = 4, 9  # letters of a word that is not short, and of one that may hold two errors
_PART = re.compile(r"\bpart (?=\d)")
_NUMBERED = re.compile(r"(?:part|chapter|episode|vol|volume|book|season) \w+")  # parts that are no names
_LONGEST = 500  # characters of a title; no film has a longer one
_CANDIDATES, _NEAREST = 50, 3
_RESEMBLING, _BEGINNING = 65, 80  # likeness from which a film is suggested, and of one whose name goes on


class TitleMatch(NamedTuple):
    """The meaning of a title: the row of the film, or None and the rows of the films that it resembles most."""

    row: int | None
    nearest: tuple[int, ...] = ()


class _Names(NamedTuple):
    """The names of a film in plain form, and their parts."""

    whole: list[str]
    parts: list[str]

    @property
    def all(self) -> list[str]:
        return self.whole + self.parts


class TitleMatcher:
    """Finds the films that titles mean. Safe to share between threads.

    Args:
        catalogue: the films.
        titles: the index of their titles.
    """

    def __init__(self, catalogue: Catalogue, titles: TitleSearch) -> None:
        self._catalogue, self._titles = catalogue, titles

    def match(self, title: str, year: int | None = None) -> TitleMatch:
        """The film that `title` means.

        Args:
            title: a name; a year may stand behind it.
            year: of the film, where it does not.
        """
        readings = _read(title[:_LONGEST], year)
        for name, wanted in readings:
            if films := self._called(name, wanted):
                return _one_of(films)
        candidates = [self._candidates(plain(name)) for name, _ in readings]
        for (name, wanted), known in zip(readings, candidates, strict=True):
            if films := self._alike(plain(name), wanted, known):
                return _one_of(films)
        namesakes = (row for name, _ in readings for row in self._titles.called(plain(name)))
        resembling = (row for (name, _), known in zip(readings, candidates, strict=True) for row in _rank(name, known))
        nearest = dict.fromkeys(chain(namesakes, resembling)) or candidates[0]
        return TitleMatch(None, tuple(islice(nearest, _NEAREST)))

    def match_part(self, title: str, year: int) -> TitleMatch:
        """The film of about that year of which `title` is nearly a name, or a part of one; but for no typing error."""
        text = plain(title)
        films = self._alike(text, year, self._candidates(text, as_typed=True), is_typed=False)
        return _one_of(films) if films else TitleMatch(None)

    def _called(self, name: str, year: int) -> list[int]:
        """The film that is called so; several, if another one's year fits better, but its spelling worse."""
        text, nearly = plain(name), self._titles.called(plain(split_title(name).main))
        spelt = [row for row in nearly if _without_year(self._catalogue.titles[row]) == name.casefold()]
        nearly = self._titles.called(text)
        exactly = [row for row in nearly if text in self._names(row)]
        films = self._in_year(spelt, year) or self._in_year(exactly, year) or self._in_year(nearly, year)
        of_that_year = [row for row in exactly if self._catalogue.years[row] == year]
        return films if not of_that_year or set(films) & set(of_that_year) else films + of_that_year

    def _alike(self, text: str, year: int, films: "Mapping[int, _Names]", is_typed: bool = True) -> list[int]:
        """Of some films the one of which it is nearly a name, a part of a name, or either but for typing errors."""
        key = _key(text)
        nearly = (row for row, names in films.items() if key in map(_key, names.whole))
        partly = (row for row, names in films.items() if key in map(_key, names.parts))
        found = self._in_year(nearly, year) or self._in_year(partly, year)
        if found or not is_typed:
            return found
        known = {word for word in text.split() if self._titles.frequency(word)}
        mistyped = (row for row, names in films.items() if any(_is_mistyped(text, name, known) for name in names.all))
        return self._in_year(mistyped, year)

    def _candidates(self, text: str, as_typed: bool = False) -> "dict[int, _Names]":
        """The names of films that may be meant, by row, as search orders them."""
        rows = (hit.row for hit in self._titles.search(text, _CANDIDATES, as_typed=as_typed))
        return {row: _Names(self._names(row), self._parts(row)) for row in rows}

    def _names(self, row: int) -> list[str]:
        """The plain names of a film."""
        main, others, _ = split_title(self._catalogue.titles[row])
        return [plain(name) for name in (main, *others)]

    def _parts(self, row: int) -> list[str]:
        """The parts of its names that mean it by themselves."""
        main, others, _ = split_title(self._catalogue.titles[row])
        return [part for name in (main, *others) for part in parts_of(name) if self._is_distinctive(part, plain(name))]

    def _is_distinctive(self, part: str, name: str) -> bool:
        if " " in without_article(part):
            return not _NUMBERED.fullmatch(part)
        return name.startswith(part) and self._titles.frequency(part) == 1

    def _in_year(self, films: Iterable[int], year: int) -> list[int]:
        """The best known of that year or the nearest, or without a year; two, if one is as early as another is late."""
        rows = list(films)
        if not year:
            return rows[:1]
        years = {row: int(self._catalogue.years[row]) for row in rows}
        for off in range(_YEARS_OFF + 1):
            earlier, later = ([row for row in rows if years[row] == year + sign * off][:1] for sign in (-1, 1))
            if earlier or later:
                return list(dict.fromkeys(earlier + later))
        return [row for row in rows if not years[row]][:1]


def _one_of(films: Sequence[int]) -> TitleMatch:
    """The film if it is one; else these are the nearest."""
    return TitleMatch(films[0]) if len(films) == 1 else TitleMatch(None, tuple(films[:_NEAREST]))


def _read(title: str, year: int | None) -> list[tuple[str, int]]:
    """The names that a title may be meant as, each with the year of the film, or 0."""
    main, others, at_its_end = split_title(title)
    wanted = year or int(at_its_end or 0)
    readings = [(name, wanted) for name in (main, *others)]
    if others:
        readings.insert(0, (_without_year(title), wanted))
    if at_its_end and not title.rstrip().endswith(")"):  # "Blade Runner 2049" is a name
        readings.insert(0, (title, year or 0))
    return readings


def _without_year(title: str) -> str:
    """A title as it is spelt, without the year behind it."""
    title, year = title.casefold().strip(), split_title(title).year
    return title[: title.rindex(year)].rstrip(" (") if year else title


def _rank(name: str, films: Mapping[int, _Names]) -> list[int]:
    """The rows of the films that may be meant by a typed name, the likeliest first."""
    text = plain(name)
    likeness = {row: max(_likeness(text, other) for other in names.all) for row, names in films.items()}
    return sorted((row for row in films if likeness[row] >= _RESEMBLING), key=lambda row: -likeness[row])


def _likeness(text: str, name: str) -> float:
    """From 0 to 100; that of a name that begins like that is high, whatever comes then."""
    return max(fuzz.ratio(text, name), _BEGINNING if f"{name} ".startswith(f"{text} ") else 0)


def _is_mistyped(text: str, name: str, known: Collection[str]) -> bool:
    """Whether `text` is that name with typing errors; in the article, too, or without it."""
    for words, others in ((text.split(), name.split()), (without_article(text).split(), without_article(name).split())):
        if len(words) == len(others):
            needed = [_letters_needed(word, other, word in known) for word, other in zip(words, others, strict=True)]
            if 0 < sum(needed) <= sum(map(len, others)):
                return True
    return False


def _letters_needed(word: str, other: str, is_known: bool) -> float:
    """The number of letters that a name must have so that `word` may be a mistyped `other`; 0 if it is the same."""
    if word == other:
        return 0
    errors = OSA.distance(word, other)
    if not (word + other).isalpha() or errors > (2 if len(other) >= _LONG_WORD else 1):
        return float("inf")
    if sorted(word) == sorted(other):
        letters = _SWAPPED
    else:
        letters = _MISSING if Indel.distance(word, other) == errors else _WRONG
    is_plural = max(word, other) == min(word, other) + "s"
    is_short = min(len(word), len(other)) < _SHORTEST_WORD
    return errors * letters * _ODD ** (is_known + is_short + (word[0] != other[0]) + 2 * is_plural)


def _key(text: str) -> str:
    """A plain name up to what people leave out: blanks, an article, "part" before a number."""
    return _PART.sub("", without_article(text)).replace(" ", "")
