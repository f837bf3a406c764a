"""Forgiving search for films by title.

SQLite's full-text index FTS5 finds names that begin with the query or hold its words, also while it is being typed. If
these are too few, rapidfuzz guesses what unknown words mean. A few hundred names are then ordered by likeness and fame.
"""

import re
import sqlite3
import sys
import threading
import unicodedata
import weakref
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain, product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from reelwise.errors import ReelwiseError

_YEAR = re.compile(r" \(?((?:18|19|20)\d\d)(?:[-–]\d*)?\)?$")
_OTHERS = re.compile(r"(?: \((?:[^()]|\([^()]*\))*\))+$")  # titles in brackets, which may themselves hold brackets
_OTHER = re.compile(r" \((?:a\.k\.a\. )?((?:[^()]|\([^()]*\))*)\)")
_ARTICLE_BEHIND = re.compile(
    r"^(.*), (the|a|an|le|la|les|l'|il|lo|i|el|los|las|der|die|das|ein|eine|un|une|den|det)(?=\s*(?:[:(]|$))(.*)$"
)
_SHORTENED = re.compile(r"(?<=\w)['’](?=(?:s|t|re|ll|ve|d|m)\b)")  # "Schindler's", "Don't": typed without
_NO_ACCENTS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_NUMERALS = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}

_LONGEST, _MOST_WORDS = 200, 20  # characters and words of a query; a longer title still begins like that
_CANDIDATES, _FEW = 200, 3  # names of each kind, the best known first; so few that an unknown word may be misspelt
_MOST_CORRECTED, _MEANINGS = 4, 8  # words of a query, each of which takes half a millisecond, and guesses for each
_RARE, _FREQUENT = 2, 1000  # a word in no more names may be a typing error; in more, it says too little by itself
_WHOLE, _BEGINNING, _WORDS = 90, 80, 70  # least likeness of a name that is, begins with, or holds what was typed
_LOWEST, _MISSPELT = 60, 0.7  # least likeness of a name that fits after corrections, and the part of it that counts

_Name = tuple[str, str, int]  # in plain form, year of the film or "", its position; bare, because there are very many


class Hit(NamedTuple):
    """A film that fits the query: its position among the titles, and how well (0 to 100)."""

    position: int
    score: float


def plain(text: str) -> str:
    """`text` without what people leave out: case, accents, punctuation, an article at the end, Roman numerals."""
    text = text.casefold()
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text).casefold().translate(_NO_ACCENTS)
        text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if ", " in text:
        text = _ARTICLE_BEHIND.sub(r"\2 \1\3", text)
    if not text.replace(" ", "").isalnum():
        text = re.sub(r"[^\w\s]", " ", _SHORTENED.sub("", text.replace("&", " and ")))
    return " ".join([_NUMERALS.get(word, word) for word in text.split()])


class TitleIndex:
    """All titles, ready to be searched. Safe to share between threads."""

    def __init__(self, titles: Sequence[str], popularity: npt.NDArray[np.integer]) -> None:
        """Index all titles.

        Args:
            titles: in MovieLens style, with the year in brackets at the end.
            popularity: number of ratings of each, shape (titles,); the better known of two like titles comes first.

        Raises:
            ReelwiseError: if this Python's SQLite was built without FTS5.
        """
        self._fame = np.log1p(popularity) / np.log1p(max(int(popularity.max(initial=1)), 1))
        by_fame = np.argsort(-self._fame, kind="stable").tolist()  # so that the index finds the best known first
        self._names = [name for position in by_fame for name in _names(titles[position], position)]
        self._frequency = Counter(word for name, *_ in self._names for word in name.split())
        self._words_near: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
        for word in self._frequency:
            for length, letter in product(range(len(word) - 1, len(word) + 2), {word[0], word[-1]}):
                self._words_near[length, letter].append(word)
        self._table = _full_text(self._names)
        self._lock = threading.Lock()  # SQLite may have been built without its own
        weakref.finalize(self, self._table.close)

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """The films whose title fits `query`, best first, or none; a year at the end of the query narrows it down."""
        main, _, year = _parts(query[:_LONGEST])
        if not (text := plain(f"{main} {year}")):
            return []
        words = list(dict.fromkeys(_without_article(text).split()))[:_MOST_WORDS]
        found = self._as_typed(text, words)
        if not found or (len(found) < _FEW and any(not (word in self._frequency or word.isdigit()) for word in words)):
            found = self._misspelt(text, words) | found
        best: dict[int, float] = {}
        for row, likeness in found.items():
            *_, position = self._names[row]
            best[position] = max(best.get(position, 0), 0.85 * likeness + 15 * float(self._fame[position]))
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [Hit(position, score) for position, score in ranked[:limit]]

    def _as_typed(self, text: str, words: list[str]) -> dict[int, float]:
        """CSR that are, begin with or hold what was typed, each with its likeness."""
        whole, all_words = f'joined : "{text.replace(" ", "")}"', " AND ".join(map(_begun, words))
        found: dict[int, float] = {}
        for least, match in ((_WHOLE, whole), (_BEGINNING, f"{whole}*"), (_WORDS, all_words)):
            for row in self._rows(match):
                if row not in found:
                    query, name = self._to_compare(text, row)
                    found[row] = (_WHOLE if query == name else least) + fuzz.ratio(query, name) / 10
        return found

    def _misspelt(self, text: str, words: list[str]) -> dict[int, float]:
        """CSR that hold what the words may have been meant to be, or only some of them, each with its likeness."""
        doubtful = [word for word in words if self._frequency[word] <= _RARE and not word.isdigit()]
        meanings = {word: self._meanings(word) for word in doubtful[:_MOST_CORRECTED]}
        groups = (" OR ".join(map(_begun, [word, *meanings.get(word, ())])) for word in words)
        rows = self._rows(" AND ".join(f"({group})" for group in groups)) if meanings else []
        if not rows:
            telling = [word for word in chain(words, *meanings.values()) if 0 < self._frequency[word] <= _FREQUENT]
            rows = self._rows(" OR ".join(f'words : "{word}"' for word in telling), "rank") if telling else []
        found: dict[int, float] = {}
        for row in rows:
            query, name = self._to_compare(text, row)
            likeness = 0.7 * fuzz.WRatio(query, name) + 0.3 * fuzz.ratio(query, name)
            if likeness >= _LOWEST:
                found[row] = _MISSPELT * likeness
        return found

    def _meanings(self, word: str) -> list[str]:
        """Known words an error or two away, the nearest first; errors seldom hit both the first and the last letter."""
        known = [near for letter in (word[0], word[-1]) for near in self._words_near.get((len(word), letter), ())]
        errors = 1 if len(word) <= 5 else 2
        nearest = process.extract(word, known, scorer=OSA.distance, score_cutoff=errors, limit=2 * _MEANINGS)
        return list(dict.fromkeys(meaning for meaning, *_ in nearest))[:_MEANINGS]

    def _rows(self, match: str, order: str = "rowid") -> list[int]:
        """The rows that fit an FTS5 expression; by rowid, which is by fame, it ends as soon as there are enough."""
        query = f"SELECT rowid FROM names WHERE names MATCH ? ORDER BY {order} LIMIT {_CANDIDATES}"  # noqa: S608
        with self._lock:
            return [row for (row,) in self._table.execute(query, (match,))]

    def _to_compare(self, text: str, row: int) -> tuple[str, str]:
        """The query, without a year at its end that is the film's own, and the name in that row."""
        name, year, _ = self._names[row]
        return (text.removesuffix(f" {year}") if year else text), name


def _full_text(names: Sequence[_Name]) -> sqlite3.Connection:
    """An FTS5 table in memory, a row for each name: its words with the year, and all in one word ("spiderman")."""
    table = sqlite3.connect(":memory:", check_same_thread=False)
    # The ascii tokenizer takes a plain word as it is, whatever its letters: quoted in a query it is that word, no more.
    options = "content='', columnsize=0, detail=column, prefix='1 2 3', tokenize=\"ascii tokenchars '_'\""
    try:
        table.execute(f"CREATE VIRTUAL TABLE names USING fts5(words, joined, {options})")
    except sqlite3.OperationalError as error:
        table.close()
        raise ReelwiseError(f"SQLite {sqlite3.sqlite_version} lacks FTS5: searching takes a Python with it") from error
    rows = ((row, f"{name} {year}", _joined(name)) for row, (name, year, _) in enumerate(names))
    with table:  # merging its parts only once, at the end, makes both building and searching faster
        table.executemany("INSERT INTO names(names, rank) VALUES (?, ?)", [("automerge", 0), ("crisismerge", 999)])
        table.executemany("INSERT INTO names(rowid, words, joined) VALUES (?, ?, ?)", rows)
        table.execute("INSERT INTO names(names) VALUES ('optimize')")
    return table


def _begun(word: str) -> str:
    """FTS5 for words that begin like this one, which may not be typed to its end; "Rocky 2" is not of the year 2006."""
    return f'words : "{word}"' + ("" if len(word) == 1 and word.isdigit() else "*")


def _joined(name: str) -> str:
    """A name in one word, and once more without its article."""
    joined, bare = name.replace(" ", ""), _without_article(name)
    return joined if bare is name else f"{joined} {bare.replace(' ', '')}"


def _without_article(text: str) -> str:
    """`text` without "the", "a" or "an" before it, which people add and leave out as they like."""
    first, _, rest = text.partition(" ")
    return rest if rest and first in ("the", "a", "an") else text


def _names(title: str, position: int) -> list[_Name]:
    """The plain main title and those in brackets behind it, each once."""
    main, others, year = _parts(title)
    names = dict.fromkeys(map(plain, [main, *_OTHER.findall(others)])) if others else (plain(main),)
    return [(name, year, position) for name in names if name]


def _parts(title: str) -> tuple[str, str, str]:
    """The main title, other titles in brackets, and the year; the last two may be empty."""
    title, year = title.strip(), ""
    if found := _YEAR.search(title):
        title, year = title[: found.start()].rstrip(), sys.intern(found[1])  # few years, many films
    others = _OTHERS.search(title) if title.endswith(")") else None
    return (title[: others.start()], others[0], year) if others else (title, "", year)
