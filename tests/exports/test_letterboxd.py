"""Letterboxd: the zip, and each table in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reelwise.exports.reading import read_history
from support.files.exports import (
    DIARY,
    LETTERBOXD,
    LIKES,
    LIST,
    RATINGS,
    REVIEWS,
    WATCHED,
    WATCHLIST,
    only_row,
    read,
    zipped,
)


def test_ratings() -> None:
    history = read(RATINGS)
    assert history.source == "letterboxd"
    assert [(row.kind, row.title, row.year, row.stars, row.line) for row in history.rows] == [
        ("rating", "Pulp Fiction", 1994, 4.5, 2),
        ("rating", "The Matrix", 1999, 2.0, 3),
    ]
    assert history.rows[0].when == datetime(2024, 1, 2, tzinfo=UTC)
    assert not history.faults
    assert not history.notes


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (WATCHED, "watched.csv", "watched"),
        (WATCHLIST, "watchlist.csv", "watchlist"),
        (WATCHLIST, "watchlist-nobody-2026-11-29-10-00-utc.csv", "watchlist"),
        (WATCHLIST, "Watchlist (2).csv", "watchlist"),
        (WATCHLIST, "watched/watchlist.csv", "watchlist"),
        (LIKES, "likes/films.csv", "like"),
        (LIKES, "films.csv", "like"),
        (LIKES, "films (1).csv", "like"),
        (LIKES, r"C:\exports\likes\films.csv", "like"),
    ],
)
def test_tables_that_look_the_same_are_told_apart_by_their_names(content: str, name: str, kind: str) -> None:
    assert {row.kind for row in read(content, name).rows} == {kind}


def test_without_a_telling_name_they_are_a_list_and_that_is_said() -> None:
    history = read(WATCHED, "download.csv")
    assert {row.kind for row in history.rows} == {"listed"}
    (note,) = history.notes
    assert "watched.csv or watchlist.csv" in note


def test_the_diary_says_what_was_watched_when_and_its_addresses_are_no_films() -> None:
    history = read(DIARY)
    assert [(row.kind, row.title, row.stars, row.link) for row in history.rows] == [
        ("rating", "The Matrix", 5.0, ""),
        ("watched", "Toy Story", None, ""),
    ]
    assert history.rows[0].when == datetime(2023, 5, 1, tzinfo=UTC)


def test_reviews_hold_line_ends_and_quotes() -> None:
    assert [(row.title, row.stars, row.line) for row in read(REVIEWS).rows] == [
        ("The Matrix", 5.0, 2),
        ("Pulp Fiction", 4.0, 6),
    ]


def test_a_list_has_lines_about_itself_first() -> None:
    history = read(LIST, "lists/rainy-days.csv")
    assert [(row.kind, row.title, row.year, row.line) for row in history.rows] == [
        ("listed", "Pulp Fiction", 1994, 7),
        ("listed", "Toy Story", 1995, 8),
    ]


def test_a_list_may_be_called_watchlist() -> None:
    assert {row.kind for row in read(LIST, "watchlist.csv").rows} == {"watchlist"}


def test_the_zip() -> None:
    history = read(LETTERBOXD)
    assert {(row.kind, row.title) for row in history.rows} == {
        ("rating", "Pulp Fiction"),
        ("rating", "The Matrix"),
        ("watched", "Pulp Fiction"),
        ("watched", "The Matrix"),
        ("watched", "Toy Story"),
        ("watchlist", "The Silence of the Lambs"),
        ("like", "Toy Story"),
        ("like", "The Matrix"),  # a favourite, found again by its address
        ("listed", "Pulp Fiction"),
        ("listed", "Toy Story"),
    }
    assert {row.file for row in history.rows} == {
        "profile.csv", "ratings.csv", "watched.csv", "watchlist.csv", "likes/films.csv", "diary.csv", "reviews.csv",
        "lists/rainy-days.csv",
    }  # fmt: skip


def test_ratings_are_the_latest_whatever_the_diary_says() -> None:
    rated = {row.title: row.stars for row in read(LETTERBOXD).rows if row.kind == "rating"}
    assert rated == {"Pulp Fiction": 4.5, "The Matrix": 2.0}


def test_without_ratings_the_diary_has_them() -> None:
    rated = {row.title: row.stars for row in read({"diary.csv": DIARY, "watched.csv": WATCHED}).rows if row.stars}
    assert rated == {"The Matrix": 5.0}


@pytest.mark.parametrize("top", ["letterboxd-nobody-2026-11-29/", "a/b/"])
def test_a_zip_may_have_a_folder_around_everything(top: str) -> None:
    files = {top + name: content for name, content in LETTERBOXD.items()}
    files["__MACOSX/._ratings.csv"] = "\0\1"
    assert len(read(files).rows) == len(read(LETTERBOXD).rows)


def test_the_folder_that_it_was_unpacked_into(tmp_path: Path) -> None:
    for name, content in LETTERBOXD.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    (tmp_path / "elsewhere.csv").symlink_to("/etc/passwd")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    assert {*read_history(tmp_path).rows} == {*read(LETTERBOXD).rows}


def test_a_path_tells_its_kind_by_its_folder(tmp_path: Path) -> None:
    (tmp_path / "likes").mkdir()
    (tmp_path / "likes" / "export.csv").write_text(LIKES)
    assert [row.kind for row in read_history(str(tmp_path / "likes" / "export.csv")).rows] == ["like"]


def test_what_its_importer_takes_is_read_too() -> None:
    row = only_row("Title,Year,imdbID,tmdbID,Rating10,WatchedDate\nThe Matrix,1999,tt0133093,603,9,2024-01-02\n")
    assert (row.kind, row.title, row.imdb_id, row.tmdb_id, row.stars) == ("rating", "The Matrix", 133093, 603, 4.5)


def test_a_zip_of_a_zip_says_nothing() -> None:
    with pytest.raises(Exception, match="this file is not recognised"):
        read_history(zipped({"letterboxd.zip": zipped({"ratings.csv": RATINGS})}))
