"""IMDb: headers of all times, types in all languages."""

from datetime import UTC, datetime

import pytest

from support.files.exports import only_row, read

RATINGS = """\
Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,Genres,Num Votes,Release Date,Directors
tt0133093,9,2024-05-06,The Matrix,The Matrix,https://www.imdb.com/title/tt0133093,Movie,8.7,136,1999,"Action, Sci-Fi",2000000,1999-03-24,"Lana Wachowski, Lilly Wachowski"
tt0211915,10,2024-05-07,Amélie,Le fabuleux destin d'Amélie Poulain,https://www.imdb.com/title/tt0211915,Movie,8.3,122,2001,Comedy,700000,2001-04-25,Jean-Pierre Jeunet
"""  # noqa: E501
WATCHLIST = """\
Position,Const,Created,Modified,Description,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,Genres,Num Votes,Release Date,Directors,Your Rating,Date Rated
1,tt0133093,2024-01-01,2024-01-01,,The Matrix,The Matrix,https://www.imdb.com/title/tt0133093,Movie,8.7,136,1999,Action,2000000,1999-03-24,Lana Wachowski,8,2024-05-06
2,tt0114709,2024-01-02,2024-01-02,"again,
and again",Toy Story,Toy Story,https://www.imdb.com/title/tt0114709,Movie,8.3,81,1995,Animation,1000000,1995-11-19,John Lasseter,,
"""  # noqa: E501
OLD_RATINGS = (
    '"position","const","created","modified","description","Title","Title type","Directors","You rated","IMDb Rating",'
    '"Runtime (mins)","Year","Genres","Num. Votes","Release Date (month/day/year)","URL"\n'
    '"1","tt0133093","Wed Jan  9 00:00:00 2013","","","The Matrix","Feature Film","Lana Wachowski","9","8.7","136",'
    '"1999","action","1000000","1999-03-31","http://www.imdb.com/title/tt0133093/"\n'
)
OLDER_RATINGS = (
    "Const,Date Added,Title,Title type,You rated,Year\ntt0133093,2012-04-05,The Matrix,Feature Film,9,1999\n"
)


def test_ratings_are_halved() -> None:
    history = read(RATINGS)
    assert history.source == "imdb"
    assert [(row.kind, row.imdb_id, row.stars, row.year, row.form) for row in history.rows] == [
        ("rating", 133093, 4.5, 1999, "film"),
        ("rating", 211915, 5.0, 2001, "film"),
    ]
    assert [row.original_title for row in history.rows] == ["", "Le fabuleux destin d'Amélie Poulain"]
    assert history.rows[0].when == datetime(2024, 5, 6, tzinfo=UTC)


def test_a_watchlist_has_ratings_too() -> None:
    history = read(WATCHLIST, "WATCHLIST.csv")
    assert [(row.kind, row.title, row.stars, row.line) for row in history.rows] == [
        ("rating", "The Matrix", 4.0, 2),
        ("watchlist", "The Matrix", None, 2),
        ("watchlist", "Toy Story", None, 3),
    ]


def test_a_list_without_a_telling_name_is_a_list() -> None:
    history = read(WATCHLIST, "0c1d2e3f.csv")
    assert {row.kind for row in history.rows} == {"rating", "listed"}


@pytest.mark.parametrize(
    ("content", "when"),
    [(OLD_RATINGS, datetime(2013, 1, 9, tzinfo=UTC)), (OLDER_RATINGS, datetime(2012, 4, 5, tzinfo=UTC))],
)
def test_older_headers(content: str, when: datetime) -> None:
    row = read(content).rows[0]
    assert (row.kind, row.imdb_id, row.title, row.year, row.stars, row.form, row.when) == (
        "rating", 133093, "The Matrix", 1999, 4.5, "film", when,
    )  # fmt: skip


def test_columns_in_any_order_and_case() -> None:
    row = only_row("YEAR,title,CONST,your rating,Title Type\n1999,The Matrix,tt0133093,9,Movie\n")
    assert (row.title, row.year, row.imdb_id, row.stars) == ("The Matrix", 1999, 133093, 4.5)


def test_as_it_was_before_utf_8() -> None:
    assert read(RATINGS.encode("cp1252")).rows[1].title == "Amélie"


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("Movie", "film"), ("Film", "film"), ("TV Movie", "film"), ("tvMovie", "film"), ("Feature Film", "film"),
        ("Película", "film"), ("Film TV", "film"), ("Fernsehfilm", "film"), ("Short", "film"), ("Video", "film"),
        ("TV Special", "film"), ("", "film"),
        ("TV Series", "series"), ("tvSeries", "series"), ("TV Mini Series", "series"), ("Serie TV", "series"),
        ("Fernsehserie", "series"), ("Série télévisée", "series"), ("Serie de TV", "series"), ("Dizi", "series"),
        ("TV Episode", "episode"), ("tvEpisode", "episode"), ("Episodio TV", "episode"), ("Folge", "episode"),
        ("Épisode télévisé", "episode"),
        ("Video Game", "other"), ("Videospiel", "other"), ("Podcast Series", "other"), ("Music Video", "other"),
    ],
)  # fmt: skip
def test_types_in_the_person_s_language(word: str, form: str) -> None:
    row = only_row(f"Const,Your Rating,Title,Title Type,Year\ntt0000007,9,X,{word},1999\n")
    assert row.form == form


def test_a_row_without_a_rating_is_told() -> None:
    history = read("Const,Your Rating,Title,Year\ntt0133093,,The Matrix,1999\ntt0114709,11,Toy Story,1995\n")
    assert not history.rows
    assert [(fault.line, fault.detail) for fault in history.faults] == [
        (2, "there is no rating"),
        (3, "your rating is '11'; expected a number from 0 to 10"),
    ]
