"""The title index on disk: what is written, and what is refused."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from reelwise.artifacts.title_index import check_full_text_search, open_title_index, write_title_index
from reelwise.errors import ModelError, ReelwiseError
from support.systems.platforms import posix_only

TITLES = ["Matrix, The (1999)", "Alien (1979)", "Se7en (a.k.a. Seven) (1995)", "?"]
COUNTS = np.array([10, 30, 0, 5])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "titles.sqlite"
    write_title_index(path, TITLES, COUNTS)
    return path


def test_a_row_for_each_name_the_best_known_film_first(path: Path) -> None:
    with closing(open_title_index(path)) as database:
        names = database.execute("SELECT name, year, row, round(fame, 2) FROM names ORDER BY id").fetchall()
    assert names == [
        ("alien", "1979", 1, 1.0),
        ("the matrix", "1999", 0, 0.7),
        ("se7en", "1995", 2, 0.0),
        ("seven", "1995", 2, 0.0),
    ]


def test_the_same_titles_make_the_same_file(path: Path) -> None:
    first = path.read_bytes()
    write_title_index(path, TITLES, COUNTS)
    assert path.read_bytes() == first
    assert list(path.parent.iterdir()) == [path]


def test_no_titles_make_an_empty_index(tmp_path: Path) -> None:
    write_title_index(tmp_path / "titles.sqlite", [], np.array([], np.int64))
    with closing(open_title_index(tmp_path / "titles.sqlite")) as database:
        assert database.execute("SELECT * FROM names").fetchall() == []


def test_the_longest_titles_are_cut(tmp_path: Path) -> None:
    write_title_index(tmp_path / "titles.sqlite", ["a " * 100_000], np.ones(1, np.int64))
    with closing(open_title_index(tmp_path / "titles.sqlite")) as database:
        assert database.execute("SELECT length(name) FROM names").fetchall() == [(1000,)]


def test_what_is_open_stays_when_another_takes_its_place(path: Path) -> None:
    with closing(open_title_index(path)) as old:
        write_title_index(path, ["Up (2009)"], np.ones(1, np.int64))
        with closing(open_title_index(path)) as new:
            assert new.execute("SELECT name FROM names").fetchall() == [("up",)]
        assert old.execute("SELECT name FROM names").fetchone() == ("alien",)


def test_any_folder_will_do_and_nothing_else_is_written_there(tmp_path: Path) -> None:
    folder = tmp_path / "100% é?mode=rwc#&"
    folder.mkdir()
    write_title_index(folder / "titles.sqlite", TITLES, COUNTS)
    with closing(open_title_index(folder / "titles.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM names").fetchall() == [(4,)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            database.execute("DELETE FROM names")
        assert list(folder.iterdir()) == [folder / "titles.sqlite"]


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"titles\.sqlite: unable to open"):
        write_title_index(tmp_path / "missing" / "titles.sqlite", TITLES, COUNTS)
    with pytest.raises(IsADirectoryError):
        write_title_index(tmp_path, TITLES, COUNTS)


@posix_only
def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing.sqlite", tmp_path, tmp_path / "pipe"):
        with pytest.raises(ModelError, match=r"missing|not a regular file") as caught:
            open_title_index(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 8192, b"movieId,title\n" * 1000, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_what_is_no_database_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    check_that_it_is_refused(path)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.99])
def test_a_file_that_is_cut_is_refused(path: Path, share: float) -> None:
    os.truncate(path, int(share * path.stat().st_size))
    check_that_it_is_refused(path)


@pytest.mark.parametrize(
    "change",
    [
        "PRAGMA application_id = 0",
        "PRAGMA user_version = 2",
        "CREATE TABLE other(id)",
        "CREATE VIEW other AS SELECT * FROM names",
        "CREATE INDEX other ON names(name)",
        "CREATE TRIGGER other AFTER INSERT ON names BEGIN DELETE FROM words; END",
        "CREATE VIRTUAL TABLE other USING fts5(words)",
        "DROP TABLE words",
        "DROP TABLE names; CREATE VIEW names AS SELECT 1 AS id, 'alien' AS name, '' AS year, 0 AS row, 1.0 AS fame",
        "DROP TABLE full_text; CREATE VIRTUAL TABLE full_text USING fts5(words, joined)",
        "ALTER TABLE names RENAME COLUMN fame TO renown",
        "ALTER TABLE names ADD COLUMN more TEXT",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE names(id)' WHERE name = 'names'",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'nonsense' WHERE name = 'names'",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = CAST(x'4352454154452080' AS TEXT)",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = 1000000",
    ],
)
def test_other_tables_are_refused(path: Path, change: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(change)
    check_that_it_is_refused(path)


def check_that_it_is_refused(path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        open_title_index(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).isprintable()


def test_an_sqlite_without_full_text_search_is_no_fault_of_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bare(sqlite3.Connection):
        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            if "VIRTUAL" in statement:
                raise sqlite3.OperationalError("no such module: fts5")
            return super().execute(statement, *values)  # type: ignore[arg-type]

    check_full_text_search()
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name, **options: connect(name, factory=Bare, **options))
    for use in (
        check_full_text_search,
        lambda: open_title_index(path),
        lambda: write_title_index(path, TITLES, COUNTS),
    ):
        with pytest.raises(ReelwiseError, match="lacks FTS5") as caught:
            use()
        assert not isinstance(caught.value, ModelError)
