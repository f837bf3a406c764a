"""MovieLens, TMDB, Criticker, and tables that people make."""

from datetime import UTC, datetime

import pytest

from reelwise.errors import ExportError
from support.files.exports import only_row, read

MOVIELENS = """\
movie_id,imdb_id,tmdb_id,rating,average_rating,title
2571,133093,603,4.5,4.15,"Matrix, The (1999)"
1,0114709,862,3.0,3.89,Toy Story (1995)
"""
TMDB = """\
TMDb ID,IMDb ID,Type,Name,Release Date,Season Number,Episode Number,Rating,Your Rating,Date Rated
603,tt0133093,movie,The Matrix,1999-03-30,,,8.2,9,2024-05-06T07:08:09Z
862,,movie,Toy Story,1995-10-30,,,7.9,6.5,2024-05-06T07:08:09Z
60622,tt2802850,tv,Fargo,2014-04-15,,,8.3,10,2024-05-06T07:08:09Z
60622,,tv_season,Fargo,2014-04-15,1,,8.3,10,2024-05-06T07:08:09Z
60622,,tv_episode,Fargo,2014-04-15,1,1,8.3,10,2024-05-06T07:08:09Z
"""
CRITICKER = '''\
Score, Film Name, Year, Mini Review, URL, IMDB ID
90,"The Matrix",1999,"Whoa,
""twice""",https://www.criticker.com/film/The-Matrix/,tt0133093
50,"Toy Story &amp; Friends",1995,"",https://www.criticker.com/film/Toy-Story/,
50,"Pulp Fiction",1994,"",https://www.criticker.com/film/Pulp-Fiction/,tt0110912
0,"Fargo",2014,"",https://www.criticker.com/tv/Fargo/,tt2802850
'''


def test_movielens_ratings() -> None:
    history = read(MOVIELENS)
    assert history.source == "movielens"
    assert [(row.kind, row.title, row.year, row.imdb_id, row.tmdb_id, row.stars) for row in history.rows] == [
        ("rating", "Matrix, The", 1999, 133093, 603, 4.5),
        ("rating", "Toy Story", 1995, 114709, 862, 3.0),
    ]


def test_the_wishlist_of_movielens_has_no_ratings() -> None:
    row = only_row("movie_id,imdb_id,tmdb_id,average_rating,title\n1,114709,862,3.89,Toy Story (1995)\n", "x.csv")
    assert (row.kind, row.stars) == ("watchlist", None)


def test_tmdb() -> None:
    history = read(TMDB)
    assert history.source == "tmdb"
    assert [(row.title, row.stars, row.form, row.imdb_id, row.tmdb_id, row.year) for row in history.rows] == [
        ("The Matrix", 4.5, "film", 133093, 603, 1999),
        ("Toy Story", 3.25, "film", None, 862, 1995),
        ("Fargo", 5.0, "series", 2802850, None, 2014),
        ("Fargo", 5.0, "series", None, None, 2014),
        ("Fargo", 5.0, "episode", None, None, 2014),
    ]
    assert history.rows[0].when == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize(("name", "kind"), [("watchlist.csv", "watchlist"), ("favorites.csv", "like"), ("", "listed")])
def test_tmdb_without_ratings(name: str, kind: str) -> None:
    row = only_row("TMDb ID,IMDb ID,Type,Name,Release Date,Rating\n603,tt0133093,movie,The Matrix,1999,8.2\n", name)
    assert (row.kind, row.stars) == (kind, None)


def test_criticker_columns_begin_with_blanks_and_scores_are_the_person_s_own() -> None:
    history = read(CRITICKER)
    assert history.source == "criticker"
    assert [(row.title, row.year, row.imdb_id, row.form, row.line) for row in history.rows] == [
        ("The Matrix", 1999, 133093, "film", 2),
        ("Toy Story & Friends", 1995, None, "film", 4),
        ("Pulp Fiction", 1994, 110912, "film", 5),
        ("Fargo", 2014, 2802850, "series", 6),
    ]
    best, middle, again, worst = (row.stars for row in history.rows)
    assert best is not None
    assert middle is not None
    assert again is not None
    assert worst is not None
    assert 5 >= best > middle == again > worst >= 0.5


def test_the_same_scores_mean_other_stars_to_somebody_else() -> None:
    def stars_of_seventy(scores: list[int]) -> float | None:
        films = "".join(f"{score},Film {number},1999,\n" for number, score in enumerate([70, *scores]))
        return read(f"Score, Film Name, Year, URL\n{films}").rows[0].stars

    generous = stars_of_seventy([*range(71, 100)] * 3)
    strict = stars_of_seventy([*range(20, 60)] * 3)
    assert generous is not None
    assert strict is not None
    assert generous <= 2
    assert strict >= 4.5


def test_a_table_of_ones_own_with_criticker_s_words_is_none_of_its() -> None:
    row = only_row("Film Name,Year,Score\nThe Matrix,1999,5\n")
    assert (row.kind, row.stars) == ("rating", 5)


@pytest.mark.parametrize(
    ("table", "stars", "scale"),
    [
        ("Name,Year,Rating\nThe Matrix,1999,4.5\nToy Story,1995,2\n", [4.5, 2], 5),
        ("Film;Stars\nThe Matrix;8,5\nToy Story;4\n", [4.25, 2], 10),
        ("movie\trelease year\tscore\nThe Matrix\t1999\t90\nToy Story\t1995\t40\n", [4.5, 2], 100),
    ],
)
def test_a_table_of_ones_own(table: str, stars: list[float], scale: int) -> None:
    history = read(table)
    assert history.source == "table"
    assert [(row.kind, row.title, row.stars) for row in history.rows] == [
        ("rating", "The Matrix", stars[0]),
        ("rating", "Toy Story", stars[1]),
    ]
    assert history.notes == (f"the ratings are taken as out of {scale}, because none is higher",)


@pytest.mark.parametrize(
    ("columns", "stars", "note"),
    [
        ("Rating,My Rating", [4.0, None], "not of 'rating'"),
        ("Score,Your Rating", [4.0, None], "not of 'score'"),
        ("Rating,User Rating (1-10)", [4.0, None], "not of 'rating'"),
        ("IMDb Rating,Personal Rating", [4.0, None], "not of 'imdb rating'"),
        ("IMDb Rating,Rating10", [4.0, None], "not of 'imdb rating'"),
        ("IMDb Rating,My Score [of 10]", [4.0, None], "not of 'imdb rating'"),
        ("IMDb Rating,Runtime", [None, None], "'imdb rating' may be ratings by others, and are ignored"),
    ],
)
def test_a_person_s_own_ratings_count_and_all_of_one_column(columns: str, stars: list[float | None], note: str) -> None:
    history = read(f"Title,Year,{columns}\nHeat,1995,7.9,8\nAlien,1979,8.5,\n")
    assert [row.stars for row in history.rows] == stars
    assert note in history.notes[0]


def test_ratings_beyond_five_are_none_of_letterboxd_s() -> None:
    history = read("title,year,imdbID,rating\nAlien,1979,tt0078748,9\nHeat,1995,tt0113277,4\nFargo,1996,tt0116282,10\n")
    assert (history.source, history.faults) == ("table", ())
    assert [(row.imdb_id, row.stars) for row in history.rows] == [(78748, 4.5), (113277, 2), (116282, 5)]
    assert read("title,year,imdbID,rating\nAlien,1979,tt0078748,4.5\n").source == "letterboxd"


def test_a_list_of_ones_own_is_what_its_name_says() -> None:
    assert only_row("Title,Year\nToy Story,1995\n", "watchlist.csv").kind == "watchlist"
    assert only_row("Title,Year\nToy Story,1995\n", "watched.csv").kind == "watched"
    assert only_row('Title,Rating\n"Matrix, The (1999)",4\n')[1:3] == ("Matrix, The", 1999)
    assert only_row("imdb_id,rating\ntt0114709,4\n").imdb_id == 114709


@pytest.mark.parametrize("table", ["user,movie,rating\n1,2,3\n", "movieId,title,genres\n1,Toy Story (1995),Comedy\n"])
def test_tables_about_many_people_or_nobody_are_refused(table: str) -> None:
    with pytest.raises(ExportError, match="a table of your own with a column title, and year or rating"):
        read(table)
