"""Whatever the site: how files are encoded, separated, packed, limited, and refused."""

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.errors import ExportError, UsageError, edge
from reelwise.exports import reading, recognition
from reelwise.exports.limits import MAX_BYTES, MAX_ROWS
from reelwise.exports.reading import read_history
from support.files.exports import LETTERBOXD, RATINGS, REVIEWS, only_row, read, zipped
from support.systems.platforms import posix_only

SITES = ("Letterboxd", "IMDb", "Trakt", "MovieLens", "TMDB", "Criticker", "Netflix")
ACCENTS = RATINGS.replace("Pulp Fiction", "Amélie – “Ünïque”")


@pytest.mark.parametrize(
    "content",
    [
        ACCENTS.encode(),
        b"\xef\xbb\xbf" + ACCENTS.encode(),
        ACCENTS.encode("utf-16"),
        b"\xfe\xff" + ACCENTS.encode("utf-16-be"),
        ACCENTS.encode("utf-16-le"),
        ACCENTS.encode("cp1252"),
    ],
    ids=["UTF-8", "with a BOM", "UTF-16", "UTF-16 BE", "UTF-16 without a BOM", "Windows"],
)
def test_encodings(content: bytes) -> None:
    assert [row.title for row in read(content).rows] == ["Amélie – “Ünïque”", "The Matrix"]


def test_a_line_in_another_encoding_leaves_the_others_as_they_are() -> None:
    history = read(ACCENTS.encode() + "2024-01-04,Léon,1994,x,4\n".encode("cp1252"))
    assert [row.title for row in history.rows] == ["Amélie – “Ünïque”", "The Matrix", "Léon"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(separator: str) -> None:
    assert read(RATINGS.replace(",", separator)).rows == read(RATINGS).rows


def test_a_decimal_comma_where_another_separator_allows_it() -> None:
    assert [row.stars for row in read(RATINGS.replace(",", ";").replace("4.5", "4,5")).rows] == [4.5, 2.0]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends(end: str) -> None:
    assert read(RATINGS.replace("\n", end)).rows == read(RATINGS).rows


@pytest.mark.parametrize("before", ["\n\n", "sep=,\n", "  \n"])
def test_what_stands_before_the_header(before: str) -> None:
    assert [row.stars for row in read(before + RATINGS).rows] == [4.5, 2.0]


def test_columns_in_quotes_with_blanks_and_in_another_order() -> None:
    assert only_row('"Rating", Name ,LETTERBOXD URI,date,"Year"\n4,Heat,x,2024-01-01,1995\n').title == "Heat"


def test_blank_lines_and_short_rows_are_read_and_long_ones_are_told() -> None:
    history = read(RATINGS + "\n,,,,\n2024-01-03,Heat,1995\n2024-01-03,A, B,1995,x,4\n")
    assert [row.title for row in history.rows] == ["Pulp Fiction", "The Matrix", "Heat"]
    assert [(fault.line, fault.detail) for fault in history.faults] == [(7, "6 fields instead of 5")]


@pytest.mark.parametrize("rating", ["six", "5.5", "-1", "1e1", "nan", "4 stars"])
def test_a_rating_that_is_none_is_told_and_the_rest_is_read(rating: str) -> None:
    history = read(RATINGS.replace("4.5", rating))
    assert [row.title for row in history.rows] == ["The Matrix"]
    (fault,) = history.faults
    assert fault == ("", 2, f"rating is {rating!r}; expected a number from 0 to 5")


def test_titles_are_one_line_that_can_be_printed() -> None:
    assert only_row('Date,Name,Year,Letterboxd URI,Rating\n,"A\x1b[2J\n  B\x00",1995,,4\n').title == "A[2J B"
    surrogate = '[{"rated_at": "", "rating": 9, "movie": {"title": "A\\ud800", "year": 1999}}]'
    assert only_row(surrogate).title == "A"


def test_a_quoted_field_that_never_ends_is_told_with_its_line() -> None:
    with pytest.raises(ExportError, match=r"^reviews\.csv: line 6: a quoted field never ends in .*; export it again$"):
        read(REVIEWS.replace('"Short."', '"Short.'), "reviews.csv")
    with pytest.raises(ExportError, match=r"the file: a/ratings\.csv line 2: field larger than"):
        read({"a/ratings.csv": 'Date,Name,Year,Letterboxd URI,Rating\n,"' + "".join(map(str, range(40_000)))})


def test_quotes_within_a_field_are_no_quotes() -> None:
    history = read(RATINGS + '2024-01-03,7" Floppy,1995,x,4')
    assert history.rows[-1].title == '7" Floppy'


def test_headers_alone_are_an_empty_history() -> None:
    history = read("Date,Name,Year,Letterboxd URI,Rating\n")
    assert (history.source, history.rows) == ("letterboxd", ())
    assert repr(history) == "History('letterboxd': no rows)"


def test_a_table_that_begins_with_the_letters_of_a_zip() -> None:
    assert only_row("PK,title,rating\n1,Heat,4\n").title == "Heat"


def test_gzip_and_zip_of_a_single_file() -> None:
    assert read(gzip.compress(RATINGS.encode()), "ratings.csv.gz").rows == read(RATINGS).rows
    assert [row.stars for row in read({"ratings.csv": RATINGS}).rows] == [4.5, 2.0]


@pytest.mark.parametrize(
    "content",
    [
        b"hello", b"\x89PNG\r\n\x1a\n\0\0", b"%PDF-1.7 \xff", b"movieId,title,genres\n1,A,B\n", b"\0\0\0\0", b'"',
        b"Date,Name\n1,2\n", zipped({"readme.txt": "hello"}), zipped({}), zipped({"deleted/ratings.csv": RATINGS}),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_none_of_these_files_is_refused_with_those_that_are(content: bytes) -> None:
    with pytest.raises(ExportError) as refused:
        read(content, "mine.csv")
    message = str(refused.value)
    assert message.startswith("mine.csv: ")
    assert "\n" not in message
    assert all(site in message for site in SITES)
    assert edge(refused.value) == (2, 422)


def test_every_site_is_named_in_the_refusal() -> None:
    assert [site.described.split(" ")[0] for site in recognition.SITES] == list(SITES)


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("userId,movieId,rating,timestamp\n1,1,4,0\n", "reelwise train --data"),
        ("<!DOCTYPE html><p>Sign in", "web page"),
    ],
)
def test_a_refusal_says_what_it_may_be(content: str, hint: str) -> None:
    with pytest.raises(ExportError, match=hint):
        read(content)


@pytest.mark.parametrize("content", [b"", b" \n", "\ufeff".encode()], ids=["no bytes", "blanks", "a BOM"])
def test_nothing(content: bytes) -> None:
    with pytest.raises(ExportError, match="the file is empty"):
        read(content)


def test_files_of_several_sites_are_not_one_history() -> None:
    imdb = "Const,Your Rating,Title,Year\ntt0133093,9,The Matrix,1999\n"
    with pytest.raises(ExportError, match="several sites, letterboxd and imdb; give those of one"):
        read({"ratings.csv": RATINGS, "imdb.csv": imdb})


def test_files_over_8_mb_are_refused_and_of_8_mb_are_not(tmp_path: Path) -> None:
    line = "2024-01-02,A,1994,https://boxd.it/a,4.5" + 1600 * " " + "\n"
    content = (RATINGS + line * ((MAX_BYTES - len(RATINGS)) // len(line))).encode().ljust(MAX_BYTES)
    assert len(read(content).rows) > 4000
    for too_much in (content + b"\n", tmp_path / "ratings.csv"):
        (tmp_path / "ratings.csv").write_bytes(content + b"\n")
        with pytest.raises(ExportError, match=r"it has 8\.0 MB; at most 8 MB are read"):
            read_history(too_much)
    with pytest.raises(ExportError, match="at most 8 MB are read"):
        read_history(tmp_path)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_ROWS == 50_000
    monkeypatch.setattr("reelwise.exports.reading.MAX_ROWS", 100)
    row = "2024-01-02,A,1994,x,4\n"
    rows = RATINGS + row * (100 - len(read(RATINGS).rows))
    assert len(read(rows).rows) == 100
    with pytest.raises(ExportError, match="more than 100 rows"):
        read(rows + row)


def test_too_many_lines_are_refused_unread() -> None:
    with pytest.raises(ExportError, match="more than 500,000 lines"):
        read(RATINGS + 2_000_000 * "\n")


@posix_only
def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path, message in (
        ("pipe.csv", "not a regular file"),
        ("none.csv", "cannot be read"),
        ("/dev/zero", "not a reg"),
    ):
        with pytest.raises(ExportError, match=message):
            read_history(tmp_path / path)


@pytest.mark.parametrize("source", [None, 7, ["x"], ""])
def test_what_is_no_source(source: object) -> None:
    with pytest.raises(UsageError, match="expected a path, or the content of a file"):
        read_history(source)  # type: ignore[arg-type]


def test_it_is_at_the_front_door() -> None:
    import reelwise

    assert reelwise.read_history is reading.read_history


PARTS = [*LETTERBOXD.values(), '[{"movie": {"title": 1}, "rated_at": 2}]', '"', ",", "\n", "\r", ";", "\0", "é"]


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=20), max_size=6).map("".join) | st.binary(max_size=200))
def test_anything_is_read_or_refused(content: str | bytes) -> None:
    try:
        titles = [row.title for row in read(content.encode() if isinstance(content, str) else content).rows]
    except ExportError as error:
        titles = [str(error)]
    assert all(title.isprintable() for title in titles)
