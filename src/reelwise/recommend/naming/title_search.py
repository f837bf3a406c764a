"""Forgiving search for films by title, in the title index of the model folder.

SQLite's full-text index FTS5 finds names that begin with the query or hold its words, also while it is being typed. If
these are too few, rapidfuzz guesses what unknown words mean. A few hundred names are then ordered by likeness and fame.
"""

import json
import math
import threading
import time
import weakref
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from reelwise.artifacts.title_index import FEWEST_INITIALS, INITIALS, LONGEST_NAME, explain_errors, open_title_index
from reelwise.data.titles import ARTICLES, plain, split_title, without_article
from reelwise.errors import ModelError
from reelwise.storage.arrays import require_regular

_LONGEST, _MOST_WORDS = 200, 20  # characters and words of a query; a longer title still begins like that
_FEW = 3  # names, so few that an unknown word may be misspelt
_SHORT, _LONG = 5, 8  # letters of a word that is hardly mistyped at its beginning, and of one that may hold two errors
_MOST_CORRECTED, _MEANINGS = 4, 8  # words of a query, each of which takes half a millisecond, and guesses for each
_RARE, _FREQUENT = 2, 1000  # a word in no more names may be a typing error; in more, it says too little by itself
# Least likeness of a name that is, begins with, or holds what was typed, or has it for initials.
_WHOLE, _BEGINNING, _WORDS, _INITIALS = 90, 80, 70, 60
_NEXT_WORD, _REST = 4, 40  # more for a beginning that ends with a word; how little the rest of a name counts
_MOST_INITIALS = 12
_ALIKE = 80  # least likeness of a name, or its beginning, that need not hold the words
_LOWEST, _MISSPELT = 60, 0.7  # least likeness of a name that fits after corrections, and the part of it that counts

_MOST_BYTES, _OF_A_FILM = 16 << 20, 4096  # of the file, and for each film; real titles take some 250
_SLOWEST, _STEPS = 5.0, 100_000  # seconds that a sound file never takes to answer; SQLite's steps between looks at them

# By rowid, which is by fame, FTS5 ends as soon as there are enough; by rank, which is by likeness, it looks at all.
_FOUND = "SELECT rowid, {} AS least FROM (SELECT rowid FROM full_text WHERE full_text MATCH ? ORDER BY {} LIMIT 200)"
_NAMES = "SELECT name, year, row, fame, least FROM ({}) AS found CROSS JOIN names ON names.id = found.rowid"
_EACH_KIND = " UNION ALL ".join(_FOUND.format(least, "rowid") for least in (_WHOLE, _BEGINNING, _WORDS, _INITIALS))
_AS_TYPED = _NAMES.format(f"SELECT rowid, max(least) AS least FROM ({_EACH_KIND}) GROUP BY rowid")  # noqa: S608
_WITH_ALL, _WITH_ANY = _NAMES.format(_FOUND.format(0, "rowid")), _NAMES.format(_FOUND.format(0, "rank"))
_NEXT_NAMES = "SELECT id, name, row FROM names WHERE id > ? ORDER BY id LIMIT 10000"
_CALLED_ANY = "SELECT name, row FROM names WHERE name IN (SELECT value FROM json_each(?)) ORDER BY id"
_MOST_SENT = 100_000  # characters of names that SQLite is asked for; over more it takes longer than reading all names
_FREQUENCY = "SELECT frequency FROM words WHERE word = ?"
_SPELLING = "SELECT words FROM spelling WHERE letter = ? AND length = ?"

_NUMBERS = {
    "1": ("one", "i"), "2": ("two",), "3": ("three",), "4": ("four",), "5": ("five", "v"), "6": ("six",),
    "7": ("seven",), "8": ("eight",), "9": ("nine",), "10": ("ten", "x"), "11": ("eleven",), "12": ("twelve",),
    "first": ("1st",), "second": ("2nd",), "third": ("3rd",), "fourth": ("4th",), "fifth": ("5th",), "sixth": ("6th",),
}  # fmt: skip
"""How numbers are spelt: the word that stands for all, and the others, of which a single letter is no number alone."""
_NUMBER_OF = {word: number for number, words in _NUMBERS.items() for word in words}

_Name = tuple[str, str, int, float, int]  # in plain form, year of the film or "", its row and fame, least likeness


class Hit(NamedTuple):
    """A film that fits the query: its row, which is its position among the titles, and how well (0 to 100)."""

    row: int
    score: float


class TitleSearch:
    """All titles, ready to be searched. Safe to share between threads."""

    def __init__(self, path: Path, films: int) -> None:
        """Open the title index of a model.

        Args:
            path: a file that `write_title_index` wrote.
            films: the number of films that it was made of.

        Raises:
            ModelError: Raised when it is missing, cannot be read, or is far too large for so many films.
            ReelwiseError: Raised when this Python's SQLite was built without FTS5.
        """
        self._path, self._films = path, films
        require_regular(path, _MOST_BYTES + _OF_A_FILM * films)
        self._index = open_title_index(path)
        self._lock = threading.Lock()  # SQLite may have been built without its own
        self._close = weakref.finalize(self, self._index.close)  # also when it is no longer used

    def close(self) -> None:
        """Close the file once no query reads it; further queries raise ModelError. May be called twice."""
        with self._lock:
            self._close()

    def search(self, query: str, limit: int = 10, *, as_typed: bool = False) -> list[Hit]:
        """The films whose title fits `query`, best first, or none; a year at the end of the query narrows it down.

        Args:
            query: a title, or how one begins.
            limit: how many films, at most.
            as_typed: whether words are not guessed that may be misspelt, which takes ten times as long.

        Raises:
            ModelError: Raised when the file turns out to be broken.
        """
        title = split_title(query[:_LONGEST])
        if not (text := plain(f"{title.main} {title.year}")):
            return []
        words = list(dict.fromkeys(without_article(text).split()))[:_MOST_WORDS]
        hits = self._as_typed(text, words)
        if not as_typed and self._may_be_misspelt(words, len(hits)):
            hits += self._misspelt(text, words)
        best: dict[int, float] = {}
        for score, row in sorted(hits, key=lambda hit: (-hit[0], hit[1])):
            best.setdefault(row, score)  # a film may be found by several of its names
        return [Hit(row, score) for row, score in list(best.items())[:limit]]

    def called(self, text: str) -> list[int]:
        """The rows of the films with a name that is `text`, in plain form, up to an article or blanks; by fame.

        Raises:
            ModelError: Raised when the file turns out to be broken.
        """
        joined = {text[:_LONGEST].replace(" ", ""), without_article(text[:_LONGEST]).replace(" ", "")}
        names = self._names(_WITH_ALL, " OR ".join(f'joined : "{one}"' for one in joined if one)) if text else []
        return list(dict.fromkeys(row for _, _, row, _, _ in names))

    def called_any(self, names: Collection[str]) -> dict[str, list[tuple[str, int]]]:
        """The films with a name that is any of these, in plain form, up to an article.

        It goes through all names once, and so takes about the same for one as for thousands.

        Args:
            names: without articles.

        Returns:
            By these names, what the films are called and their rows, the best known film first.

        Raises:
            ModelError: Raised when the file turns out to be broken.
        """
        sent = json.dumps([spelt for name in names for spelt in (name, *(f"{one} {name}" for one in ARTICLES))])
        found = self._select(_CALLED_ANY, (sent,), str, int) if len(sent) <= _MOST_SENT else self._all_names()
        films: dict[str, list[tuple[str, int]]] = {}
        for name, row in found:
            if (bare := without_article(name)) in names:
                if not 0 <= row < self._films:
                    raise ModelError(f"{self._path}: holds a film that is not there; fetch or train the model again")
                films.setdefault(bare, []).append((name, row))
        return films

    def _all_names(self) -> Iterator[tuple[str, int]]:
        """All names and rows, by fame; others get a turn in between."""
        last = -1
        while found := self._select(_NEXT_NAMES, (last,), int, str, int):
            yield from (one[1:] for one in found)
            last = found[-1][0]

    def _as_typed(self, text: str, words: list[str]) -> list[tuple[float, int]]:
        """The scores and rows of names that are, begin with or hold what was typed."""
        whole, all_words = f'joined : "{text.replace(" ", "")}"', " AND ".join(map(_begun_or_same, words))
        may_be_initials = text.isalnum() and FEWEST_INITIALS <= len(text) <= _MOST_INITIALS
        initials = f'joined : "{INITIALS}{text}"*' if may_be_initials else whole
        names = self._names(_AS_TYPED, whole, f"{whole}*", all_words, initials)
        return [
            (_score(_likeness(_one_spelling(query), _one_spelling(name), least), fame), row)
            for query, name, row, fame, least in _pair_with_query(text, names)
        ]

    def _may_be_misspelt(self, words: list[str], found: int) -> bool:
        """Whether nothing was found as it was typed, or little, and a word is in no name."""
        return not found or (found < _FEW and any(not (word.isdigit() or self.frequency(word)) for word in words))

    def _misspelt(self, text: str, words: list[str]) -> list[tuple[float, int]]:
        """The scores and rows of names that hold what the words may have been meant to be, or only some of them."""
        doubtful = [word for word in words if not word.isdigit() and self.frequency(word) <= _RARE]
        meanings = {word: self._meanings(word) for word in doubtful[:_MOST_CORRECTED]}
        groups = (" OR ".join(map(_begun, [word, *meanings.get(word, ())])) for word in words)
        names = self._names(_WITH_ALL, " AND ".join(f"({group})" for group in groups)) if meanings else []
        if not names:
            rare = [word for word in chain(words, *meanings.values()) if 0 < self.frequency(word) <= _FREQUENT]
            names = self._names(_WITH_ANY, " OR ".join(f'words : "{word}"' for word in rare)) if rare else []
        weights = {word: math.log1p(self._films / max(self.frequency(word), 1)) for word in words}
        hits = []
        for query, name, row, fame, _ in _pair_with_query(text, names):
            likeness = 0.7 * fuzz.WRatio(query, name) + 0.3 * fuzz.ratio(query, name)
            if likeness >= _LOWEST and (_begins_alike(query, name) or _holds_half(query, name, weights)):
                hits.append((_score(_MISSPELT * likeness, fame), row))
        return hits

    def _meanings(self, word: str) -> list[str]:
        """Known words an error or two away, the nearest first; errors seldom hit both the first and the last letter."""
        groups = [self._select(_SPELLING, (letter, len(word)), str) for letter in (word[0], word[-1])]
        known = [near for group in groups for (near_words,) in group for near in near_words.split()]
        errors = 1 if len(word) <= 5 else 2
        nearest = process.extract(word, known, scorer=OSA.distance, score_cutoff=errors, limit=2 * _MEANINGS)
        return list(dict.fromkeys(meaning for meaning, *_ in nearest))[:_MEANINGS]

    def frequency(self, word: str) -> int:
        """The number of times that a word is in a name."""
        found = self._select(_FREQUENCY, (word,), int)
        return found[0][0] if found else 0

    def _names(self, query: str, *matches: str) -> list[_Name]:
        """The names that fit FTS5 expressions."""
        found: list[_Name] = self._select(query, matches, str, str, int, float, int)
        if found:
            names, _, rows, fame, _ = zip(*found, strict=True)
            known = 0 <= min(rows) <= max(rows) < self._films and 0 <= min(fame) <= max(fame) <= 1
            if not known or max(map(len, names)) > LONGEST_NAME:
                raise ModelError(f"{self._path}: holds a name that no film can have; fetch or train the model again")
        return found

    def _select(self, query: str, values: tuple[Any, ...], *types: type) -> list[Any]:
        """Ask the file, and check the types of all values."""
        latest = time.monotonic() + _SLOWEST
        with explain_errors(self._path), self._lock:
            self._index.set_progress_handler(lambda: time.monotonic() > latest, _STEPS)
            rows = self._index.execute(query, values).fetchall()
        columns = zip(*rows, strict=True)
        if any(set(map(type, column)) != {kind} for column, kind in zip(columns, types, strict=False)):
            raise ModelError(f"{self._path}: holds a value of a wrong type; fetch or train the model again")
        return rows


def _begins_alike(query: str, name: str) -> bool:
    """Whether a name as a whole, or its beginning, is nearly what was typed."""
    bare, name = without_article(query), without_article(name)
    return max(fuzz.ratio(bare, name), fuzz.ratio(bare, name[: len(bare)])) >= _ALIKE


def _holds_half(query: str, name: str, weights: Mapping[str, float]) -> bool:
    """Whether a name holds words, perhaps mistyped, with half the weight of the query; rare words weigh more."""
    asked, words = [word for word in query.split() if word in weights], name.split()
    held = (weights[word] for word in asked if any(one.startswith(word) or _is_near(word, one) for one in words))
    return 2 * sum(held) >= sum(weights[word] for word in asked)


def _is_near(word: str, other: str) -> bool:
    """Whether a word may be another one with a typing error, or two if it is long; a short one begins like that."""
    errors = 1 if len(word) < _LONG else 2
    may_be = abs(len(word) - len(other)) <= errors and (word[0] == other[0] or len(word) > _SHORT)
    return may_be and OSA.distance(word, other) <= errors


def _begun(word: str) -> str:
    """FTS5 for words that begin like this one, which may not be typed to its end; "Rocky 2" is not of the year 2006."""
    return f'words : "{word}"' + ("" if len(word) == 1 and word.isdigit() else "*")


def _begun_or_same(word: str) -> str:
    """The same, or for words that mean the same number."""
    number = _NUMBER_OF.get(word, word)
    others = [other for other in (number, *_NUMBERS.get(number, ())) if other != word]
    return "(" + " OR ".join([_begun(word), *(f'words : "{other}"' for other in others)]) + ")"


def _one_spelling(text: str) -> str:
    """`text` with one word for each number, however it is spelt."""
    first, *others = text.split(" ")
    first = first if len(first) == 1 else _NUMBER_OF.get(first, first)
    return " ".join([first, *(_NUMBER_OF.get(word, word) for word in others)])


def _likeness(query: str, name: str, least: int) -> float:
    """How alike a name is to what was typed, which may not be all of it: how much longer the name is says little."""
    if query == name or least == _WHOLE:
        return _WHOLE + fuzz.ratio(query, name) / 10
    goes_on = without_article(name).startswith(f"{without_article(query)} ")
    return least + (_NEXT_WORD if goes_on else 0) + fuzz.ratio(query, name) / _REST


def _pair_with_query(text: str, names: list[_Name]) -> Iterator[tuple[str, str, int, float, int]]:
    """Each name with what was typed, from which a year at the end is taken that is the film's own."""
    main, _, last = text.rpartition(" ")
    for name, year, row, fame, least in names:
        yield main if main and year == last else text, name, row, fame, least


def _score(likeness: float, fame: float) -> float:
    return 0.85 * likeness + 15 * fame
