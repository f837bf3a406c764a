"""The title index of a model folder: an SQLite file that training writes and every worker opens to search in it.

| table | a row for |
|---|---|
| `names` | each name of each film in plain form, the best known film first; `row` is the film's position |
| `words` | each word of the names, with the number of times that it is there |
| `spelling` | each letter and length: the words that begin or end with that letter and are nearly that long |
| `full_text` | each row of `names`: its words with the year; in one word ("spiderman"); its initials ("_lotr"); FTS5 |
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reelwise.data.titles import plain, split_title, without_article
from reelwise.errors import ModelError, ReelwiseError
from reelwise.storage import open_files
from reelwise.storage.arrays import require_regular

LONGEST_NAME = 1000
"""Characters of a name that are kept."""

INITIALS, FEWEST_INITIALS = "_", 3
"""The character before the initials of a name in the index, and how many there are at least."""

_DEFINITION = (
    f"PRAGMA application_id = {int.from_bytes(b'RwTi')}",
    "PRAGMA user_version = 1",
    "CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT, year TEXT, row INTEGER, fame REAL)",
    "CREATE TABLE words(word TEXT PRIMARY KEY, frequency INTEGER) WITHOUT ROWID",
    "CREATE TABLE spelling(letter TEXT, length INTEGER, words TEXT, PRIMARY KEY (letter, length)) WITHOUT ROWID",
    # The ascii tokenizer leaves a folded word as it is, in any script: quoted in a query it is just that word.
    """CREATE VIRTUAL TABLE full_text USING fts5(
        words, joined, content='', columnsize=0, detail=column, prefix='1 2 3', tokenize="ascii tokenchars '_'"
    )""",
)
_FOR_STRANGERS = "trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0", "query_only = ON"
_LONGEST_VALUE = 1 << 22  # bytes; the longest are words of one length, 50 kB for 90,000 films

_Name = tuple[str, str, int, float]  # in plain form, year of the film or "", the film's position and fame


def write_title_index(path: Path, titles: Sequence[str], counts: npt.NDArray[np.integer]) -> None:
    """Write the index of all titles, in place of a file that is there; the same titles make the same bytes.

    Args:
        path: the file.
        titles: in MovieLens style, with the year in brackets at the end.
        counts: number of ratings of each, shape (titles,); of two equal titles the better known is found first.

    Raises:
        OSError: Raised when the file cannot be written.
        ReelwiseError: Raised when this Python's SQLite was built without FTS5.
    """
    fame = np.log1p(counts) / np.log1p(max(int(counts.max(initial=1)), 1))
    by_fame = np.argsort(-fame, kind="stable").tolist()
    names = [(*name, row, float(fame[row])) for row in by_fame for name in _names(titles[row])]
    try:
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA journal_mode = OFF")  # half a file is of no use,
            database.execute("PRAGMA synchronous = OFF")  # and the model folder is flushed as a whole
            _create_tables(database)
            with database:
                _fill_tables(database, names)
            database.execute("VACUUM")
    except sqlite3.Error as error:
        raise OSError(f"{path.name}: {error}") from error


def open_title_index(path: Path) -> sqlite3.Connection:
    """Open an index to be read by any thread, one at a time; it stays the same if another file takes its place.

    Nothing in the file is trusted, because it may come from strangers: see https://www.sqlite.org/security.html.

    Raises:
        ModelError: Raised when there is no index, or this version cannot read it.
        ReelwiseError: Raised when this Python's SQLite was built without FTS5.
    """
    require_regular(path)
    with explain_errors(path):
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1" if open_files.CAN_BE_REPLACED else "file::memory:"
        database = sqlite3.connect(address, uri=True, check_same_thread=False)
        try:
            if not open_files.CAN_BE_REPLACED:
                database.deserialize(path.read_bytes())
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
            for setting in _FOR_STRANGERS:
                database.execute(f"PRAGMA {setting}")
            _check_tables(path, database)
        except BaseException:
            database.close()
            raise
    return database


@contextmanager
def explain_errors(path: Path) -> Iterator[None]:
    """Raise a ModelError for what SQLite finds wrong while it reads `path`."""
    try:
        yield
    except (sqlite3.Error, UnicodeError) as error:  # the latter where it quotes the file in a message
        reason = "".join(filter(str.isprintable, str(error)))[:100]
        raise ModelError(f"{path}: not a readable title index ({reason}); fetch or train the model again") from error


def check_full_text_search() -> None:
    """Check that this Python's SQLite supports full-text search.

    Raises:
        ReelwiseError: Raised when it was built without FTS5.
    """
    with closing(sqlite3.connect(":memory:")) as database:
        _create_tables(database)


def _create_tables(database: sqlite3.Connection) -> None:
    try:
        for statement in _DEFINITION:
            database.execute(statement)
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        raise ReelwiseError(
            f"SQLite {sqlite3.sqlite_version} lacks FTS5, which search needs; use a Python whose SQLite has it"
        ) from error


def _check_tables(path: Path, database: sqlite3.Connection) -> None:
    """Compare a file's tables with those of a new one; FTS5 has always defined its own tables in the same way."""
    with closing(sqlite3.connect(":memory:")) as expected:
        _create_tables(expected)
        if _read_definition(database) != _read_definition(expected):
            raise ModelError(f"{path}: not a title index of this version of Reelwise; train the model again")
    (pages,), (size,) = (database.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    if path.stat().st_size != pages * size:
        raise ModelError(f"{path}: {path.stat().st_size} bytes long, expected {pages * size}; fetch the model again")


def _read_definition(database: sqlite3.Connection) -> list[object]:
    """The application of a file, its version, and the definitions of all that is in it."""
    queries = "PRAGMA application_id", "PRAGMA user_version", "SELECT type, name, sql FROM sqlite_master ORDER BY name"
    return [database.execute(query).fetchall() for query in queries]


def _fill_tables(database: sqlite3.Connection, names: Sequence[_Name]) -> None:
    frequency = Counter(word for name, *_ in names for word in name.split())
    rows = ((number, *name) for number, name in enumerate(names))
    database.executemany("INSERT INTO names VALUES (?, ?, ?, ?, ?)", rows)
    database.executemany("INSERT INTO words VALUES (?, ?)", sorted(frequency.items()))
    database.executemany("INSERT INTO spelling VALUES (?, ?, ?)", _words_by_spelling(frequency))
    for option in ("automerge", 0), ("crisismerge", 999):  # merging once, at the end, makes building and search faster
        database.execute("INSERT INTO full_text(full_text, rank) VALUES (?, ?)", option)
    texts = ((number, f"{name} {year}", _joined(name)) for number, (name, year, *_) in enumerate(names))
    database.executemany("INSERT INTO full_text(rowid, words, joined) VALUES (?, ?, ?)", texts)
    database.execute("INSERT INTO full_text(full_text) VALUES ('optimize')")


def _words_by_spelling(words: Iterable[str]) -> Iterator[tuple[str, int, str]]:
    groups: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for word in words:
        for letter, length in product({word[0], word[-1]}, range(len(word) - 1, len(word) + 2)):
            groups[letter, length].append(word)
    return ((letter, length, " ".join(group)) for (letter, length), group in sorted(groups.items()))


def _names(title: str) -> list[tuple[str, str]]:
    """The plain main title and those in brackets behind it, each once, and the year."""
    main, others, year = split_title(title)
    names = dict.fromkeys(plain(name)[:LONGEST_NAME] for name in (main, *others))
    return [(name, year) for name in names if name]


def _joined(name: str) -> str:
    """A name in one word, once more without its article, and its initials where it has several words."""
    bare = without_article(name)
    texts = dict.fromkeys((name.replace(" ", ""), bare.replace(" ", "")))
    initials = "".join(word[0] for word in bare.split())
    return " ".join([*texts, *([INITIALS + initials] if len(initials) >= FEWEST_INITIALS else [])])
