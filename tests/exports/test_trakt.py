"""Trakt: JSON files in layouts of all times."""

import json
from datetime import UTC, datetime

import pytest

from reelwise.errors import ExportError
from support.files.exports import as_json, only_row, read, trakt_film

RATED = trakt_film("The Matrix", 1999, "tt0133093", 603, rated_at="2024-05-06T07:08:09.000Z", rating=9)
WATCHED = trakt_film("Toy Story", 1995, "tt0114709", 862, id=1, watched_at="2024-01-02T03:04:05.000Z", action="watch")
LISTED = trakt_film("Pulp Fiction", 1994, "tt0110912", 680, rank=1, listed_at="2024-01-02T03:04:05.000Z")
COUNTED = trakt_film("Alien", 1979, "tt0078748", 348, plays=3, last_watched_at="2024-02-03T00:00:00.000Z")
SHOW = {
    "rated_at": "2024-05-06T07:08:09.000Z",
    "rating": 10,
    "type": "show",
    "show": {"title": "Fargo", "year": 2014, "ids": {"imdb": "tt2802850", "tmdb": 60622}},
}
EPISODE = {
    "watched_at": "2024-05-06T07:08:09.000Z",
    "type": "episode",
    "episode": {"season": 1, "number": 1, "title": "The Crocodile's Dilemma", "ids": {"imdb": "tt3097534"}},
    "show": SHOW["show"],
}
NEW = {
    "ratings-movies.json": as_json(RATED),
    "ratings-shows.json": as_json(SHOW),
    "watched-history-1.json": as_json(WATCHED),
    "watched-history-2.json": as_json(EPISODE),
    "watched-movies.json": as_json(COUNTED),
    "lists-watchlist.json": as_json(LISTED),
    "lists-favorites.json": as_json(LISTED),
    "user-profile.json": json.dumps({"username": "nobody", "ids": {"slug": "nobody"}}),
    "network-followers.json": as_json({"followed_at": "2024-01-01T00:00:00.000Z", "user": {"username": "nobody"}}),
    "ratings-episodes.json": "[]",
}
OLD = {
    "nobody/ratings/movies.json": as_json(RATED),
    "nobody/watched/history-1.json": as_json(WATCHED),
    "nobody/watched/history-2.json": as_json(EPISODE),
    "nobody/lists/watchlist.json": as_json(LISTED),
}


def test_a_rating() -> None:
    row = only_row(as_json(RATED))
    assert (row.kind, row.title, row.year, row.imdb_id, row.tmdb_id, row.stars, row.line) == (
        "rating", "The Matrix", 1999, 133093, 603, 4.5, 1,
    )  # fmt: skip
    assert row.when == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_the_new_layout() -> None:
    history = read(NEW)
    assert history.source == "trakt"
    assert [(row.kind, row.title, row.form) for row in history.rows] == [
        ("rating", "The Matrix", "film"),
        ("rating", "Fargo", "series"),
        ("watched", "Toy Story", "film"),
        ("watched", "Fargo: The Crocodile's Dilemma", "episode"),
        ("watched", "Alien", "film"),
        ("watchlist", "Pulp Fiction", "film"),
        ("like", "Pulp Fiction", "film"),
    ]


def test_the_old_layout() -> None:
    assert [(row.kind, row.title) for row in read(OLD).rows] == [
        ("rating", "The Matrix"),
        ("watched", "Toy Story"),
        ("watched", "Fargo: The Crocodile's Dilemma"),
        ("watchlist", "Pulp Fiction"),
    ]


def test_what_is_collected_is_listed() -> None:
    owned = trakt_film("Alien", 1979, "tt0078748", 348, collected_at="2024-02-03T00:00:00.000Z")
    row = only_row(as_json(owned), "collection-movies.json")
    assert (row.kind, row.title, row.when) == ("listed", "Alien", datetime(2024, 2, 3, tzinfo=UTC))


def test_numbers_of_series_at_tmdb_are_no_films() -> None:
    assert [row.tmdb_id for row in read(as_json(SHOW, EPISODE)).rows] == [None, None]


@pytest.mark.parametrize(("imdb", "tmdb"), [("tt0133093", "603"), (133093, 603.0), ("0133093", "0603")])
def test_ids_may_be_texts_or_numbers(imdb: object, tmdb: object) -> None:
    row = only_row(as_json(trakt_film("The Matrix", 1999, imdb, tmdb, rated_at="2024-05-06T07:08:09Z", rating="9")))
    assert (row.imdb_id, row.tmdb_id, row.stars) == (133093, 603, 4.5)


def test_ids_may_be_missing() -> None:
    item = {"rated_at": "2024-05-06T07:08:09Z", "rating": 9, "movie": {"title": "The Matrix", "year": None}}
    row = only_row(as_json(item))
    assert (row.imdb_id, row.tmdb_id, row.year) == (None, None, None)


def test_several_lists_in_one_file() -> None:
    rows = read(json.dumps({"username": "nobody", "ratings": [RATED], "watchlist": [LISTED]})).rows
    assert [(row.kind, row.title) for row in rows] == [("rating", "The Matrix"), ("watchlist", "Pulp Fiction")]


def test_what_is_no_item_is_passed_over_and_a_wrong_rating_is_told() -> None:
    odd: list[object] = [None, 7, "x", [], {}, {"movie": "x", "rated_at": 1}, {"movie": {}}, {"rated_at": "x"}]
    wrong = trakt_film("Alien", 1979, None, None, rated_at=None, rating="ten")
    history = read(as_json(*odd, RATED, wrong, trakt_film(["x"], True, {}, [], rated_at={}, rating=True)))  # type: ignore[arg-type]
    assert [row.title for row in history.rows] == ["The Matrix"]
    assert [(fault.line, fault.detail) for fault in history.faults] == [
        (10, "rating is 'ten'; expected a number from 0 to 10"),
        (11, "rating is 'True'; expected a number from 0 to 10"),
    ]


@pytest.mark.parametrize("content", [as_json(RATED)[:-20], '{"ids": ' + "[" * 100_000])
def test_broken_json(content: str) -> None:
    with pytest.raises(ExportError, match=r"^mine\.json: this JSON is broken .*export it again"):
        read(content, "mine.json")


@pytest.mark.parametrize("content", ["[]", "{}", "[1, 2]", '{"a": {"b": []}}', "[" * 100_000, "{"])
def test_other_json_is_not_understood(content: str) -> None:
    with pytest.raises(ExportError, match="this file is not recognised"):
        read(content)
