"""Texts on which a careless pattern or loop would take minutes: each is dealt with at once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from reelwise.errors import ExportError
from reelwise.exports.reading import read_history
from reelwise.exports.values.names import kind_by_name

SIZE = 300_000  # bytes of a text; more are read, but these are enough to see what grows with their square
SECONDS = 2.0  # of the processor
HEADER = "Date,Name,Year,Letterboxd URI,Rating\n"


@contextmanager
def soon() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < SECONDS


def filled(begin: str, unit: str, size: int = SIZE) -> bytes:
    """So many bytes of one thing after another."""
    return (begin + unit * (size // len(unit.encode()))).encode()


@pytest.mark.parametrize(
    "content",
    [
        *[filled("", unit) for unit in ("a,", ";", "\t", "[", "[[],", '{"a":', "<a>")],
        filled("[", "{},")[:-1] + b"]",
        *[filled(HEADER, unit) for unit in (",", '"', "\\", "a")],
    ],
    ids=lambda content: ascii(content[:3] + content[-8:]),
)
def test_a_file_of_one_thing_after_another(content: bytes) -> None:
    with soon(), suppress(ExportError):
        read_history(content, name="ratings.csv")


@pytest.mark.parametrize("unit", [" ", "<actor>", "<a b>", "a", "]", "<set></set", "&#", "</a>", "<![CDATA[", "<a>"])
def test_a_file_of_a_media_server(tmp_path: Path, unit: str) -> None:
    (tmp_path / "film.nfo").write_bytes(filled("<movie><title>Alien</title><plot>", unit, 900_000))
    with soon():
        history = read_history(tmp_path)
    assert [row.title for row in history.rows] == ["Alien"]


def test_what_is_in_the_tags_of_a_media_server_is_found(tmp_path: Path) -> None:
    (tmp_path / "film.nfo").write_text(
        "<movie><actor><title>No</title></actor><ACTOR><title>No</title></ACTOR><title> <![CDATA[ Alien ]]> </title>"
        "<set><year>1900</year></set><year> 1979 </year><userrating>9</userrating></movie>"
    )
    rows = read_history(tmp_path).rows
    assert {(row.title, row.year) for row in rows} == {("Alien", 1979)}
    assert 4.5 in {row.stars for row in rows}


@pytest.mark.parametrize("unit", ["1", "(", "1(", "_", " ", "watch"])
def test_the_name_of_a_file(unit: str) -> None:
    with soon():
        kind_by_name(unit * 60_000 + "x.csv")
