import hashlib
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from reelwise.data.dataset import Dataset
from reelwise.data.interactions import RatingScale
from reelwise.data.readers.films import read_movies
from reelwise.data.readers.movielens import find_ratings, read_dataset
from reelwise.errors import DataError
from support.files.movielens import LAYOUTS, write_csv
from support.files.real_data import real_data


@pytest.fixture(params=LAYOUTS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made = tmp_path / "little"
    made.mkdir()
    LAYOUTS[request.param](made)
    return made


def test_every_layout_gives_the_same_ratings(folder: Path) -> None:
    dataset = read_dataset(folder)
    ratings = dataset.ratings
    assert (ratings.scale, read_dataset(folder, scale=RatingScale(0, 10)).ratings.scale) == (RatingScale(1, 5), (0, 10))
    assert dataset.name == "little"
    assert dataset.duplicates == 1
    assert list(ratings.users) == [1, 2, 7]
    assert list(ratings.movies) == [10, 20, 40]
    assert ratings.by_user.row_numbers().tolist() == [0, 0, 1, 2, 2]
    assert ratings.by_user.indices.tolist() == [0, 1, 1, 0, 2]
    assert ratings.by_user.stars.tolist() == [5, 3, 4, 4, 2]
    assert dataset.sha256 == hashlib.sha256(find_ratings(folder).read_bytes()).hexdigest()


def test_every_layout_gives_the_same_films_and_a_placeholder_where_a_rated_one_is_missing(folder: Path) -> None:
    films = [movie[:3] for movie in read_dataset(folder).catalogue]
    assert films == [
        (10, "Léon (1994)", ("Action", "Crime")),
        (20, "Matrix, The (1999)", ("Sci-Fi",)),
        (30, "Nobody's Film", ()),
        (40, "Movie 40", ()),
    ]


def test_links_are_read_where_they_are(tmp_path: Path) -> None:
    write_csv(tmp_path)
    catalogue = read_dataset(tmp_path).catalogue
    assert (catalogue[10].imdb_id, catalogue[10].tmdb_id) == (110413, 101)
    assert catalogue[30].tmdb_id is None


def test_films_may_carry_their_links(tmp_path: Path) -> None:
    (tmp_path / "movies.csv").write_text("movieId,tmdbId,title,genres\n10,862.0,A (1990),\n20,,B,Drama\n")
    catalogue = read_movies(tmp_path)
    assert (catalogue[10].title, catalogue[10].imdb_id, catalogue[10].tmdb_id) == ("A (1990)", None, 862)
    assert catalogue[20].tmdb_id is None


def test_ratings_without_any_film_are_legal(tmp_path: Path) -> None:
    write_csv(tmp_path)
    (tmp_path / "movies.csv").unlink()
    assert [movie.title for movie in read_dataset(tmp_path).catalogue] == ["Movie 10", "Movie 20", "Movie 40"]


def test_a_ratings_file_can_be_named_itself(tmp_path: Path) -> None:
    write_csv(tmp_path)
    assert len(read_dataset(tmp_path / "ratings.csv").ratings) == 5


@pytest.mark.parametrize(
    ("content", "film"),
    [
        ("movieId,title\n1,A\n", ("A", ())),
        ("movieId,title,genres\n1.0,A,Drama\n", ("A", ("Drama",))),
        ("movieId,title,genres\n1,A,Drama||Crime|\n", ("A", ("Drama", "Crime"))),
        ("movieId,title,genres\n1,A,Drama|Drama\n", ("A", ("Drama",))),
        ('movieId,title,genres\n1,A,"[""Drama"", ""Crime""]"\n', ("A", ("Drama", "Crime"))),
        ("movieId,title,genres\n1,A,\"['Drama', 'Children's']\"\n", ("A", ("Drama", "Children's"))),
        ("movieId,title,genres\n1,A,\"[{'id': 18, 'name': 'Drama'}]\"\n", ("A", ("Drama",))),
        ('movieId,title,genres\n1,A,"Drama, Crime"\n', ("A", ("Drama", "Crime"))),
        ("movieId,title,genres\n1,A,NaN\n", ("A", ())),
        ("movieId,title,genres\n1,A,[]\n", ("A", ())),
        ("item_id;name;year\n1;A;1999\n", ("A (1999)", ())),
        ("movieId,title,year\n1,A,1999-05-01\n", ("A (1999)", ())),
        ("Movie ID\tTitle\tGenre\n1\tA (1999)\tDrama\n", ("A (1999)", ("Drama",))),
        ("movieId,title,genres\n1,,Drama\n", ("Movie 1", ("Drama",))),
        ("\n\nsep=;\nmovieId;title\n;\n1;A\n \n;\n", ("A", ())),
    ],
)
def test_films_are_read_however_they_are_written(
    tmp_path: Path, content: str, film: tuple[str, tuple[str, ...]]
) -> None:
    (tmp_path / "movies.csv").write_text(content)
    (movie,) = read_movies(tmp_path)
    assert (movie.movie_id, movie.title, movie.genres) == (1, *film)


@pytest.mark.parametrize(
    ("link", "numbers"),
    [
        ("tt0111161,278", (111161, 278)),
        ("111161.0,278.0", (111161, 278)),
        ("NaN,", (None, None)),
        ("https://www.imdb.com/title/tt0111161/,0", (111161, None)),
    ],
)
def test_links_are_read_however_they_are_written(
    tmp_path: Path, link: str, numbers: tuple[int | None, int | None]
) -> None:
    (tmp_path / "movies.csv").write_text("movieId,title\n1,A\n")
    (tmp_path / "links.csv").write_text(f"movieId,imdbId,tmdbId\n1.0,{link}\n")
    movie = read_movies(tmp_path)[1]
    assert (movie.imdb_id, movie.tmdb_id) == numbers


def test_characters_that_are_written_as_html_are_themselves(tmp_path: Path) -> None:
    title = "And God Created Woman (Et Dieu&#8230;Cr&#233;a la Femme) &amp; R&D; A&B (1956)"
    (tmp_path / "movies.dat").write_text(f"1::{title}::Drama\n")
    assert read_movies(tmp_path)[1].title == "And God Created Woman (Et Dieu…Créa la Femme) & R&D; A&B (1956)"


def test_the_tags_that_most_people_gave_are_a_films_own(tmp_path: Path) -> None:
    (tmp_path / "movies.csv").write_text("movieId,title\n1,A\n2,B\n3,C\n")
    given = ["1,2,Dark  Comedy", "2,2,dark comedy", "3,2,dark comedy", "3,2,dark comedy", "1,2,noir", "2,2,noir"]
    given += ["4,2,x", *(f"1,3,tag {n}" for n in range(9)), "1,3, ", "1,3," + "long" * 20, "1,99,none of the films"]
    (tmp_path / "tags.csv").write_text("userId,movieId,tag,timestamp\n" + "".join(f'{line},"7"\n' for line in given))
    catalogue = read_movies(tmp_path)
    first = tuple(f"tag {n}" for n in range(5))
    assert [movie.tags for movie in catalogue] == [(), ("dark comedy", "noir", "x"), first]
    (tmp_path / "tags.csv").write_text("id,tag\n1,another file of that name\n")
    assert [movie.tags for movie in read_movies(tmp_path)] == [(), (), ()]


def test_a_quote_within_a_tag_is_one_of_its_characters(tmp_path: Path) -> None:
    (tmp_path / "movies.csv").write_text("movieId,title\n1,A\n2,B\n")
    (tmp_path / "tags.csv").write_text('userId,movieId,tag\n1,1,12" disc\n1,2,"a, ""b"""\n1,2,plain\n')
    assert [movie.tags for movie in read_movies(tmp_path)] == [('12" disc',), ('a, "b"', "plain")]


def test_films_of_other_ids_than_the_ratings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text("user,movie,rating\n1,tt1,3\n")
    (tmp_path / "movies.csv").write_text("movieId,title\n1,A\n")
    with pytest.raises(DataError, match=r"movies.csv: its ids, such as 1, are of another kind than .* such as 'tt1'"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("is_parquet", [False, True])
@pytest.mark.parametrize("ids", [["1", "2"], ["0114709", "7"], ["x9", "8", "7", "6"]])
def test_films_go_by_the_ids_of_the_ratings_where_these_are_text(
    tmp_path: Path, ids: list[str], is_parquet: bool
) -> None:
    films = pl.DataFrame({"movieId": ids, "title": [f"Film {one}" for one in ids], "imdbId": range(1, len(ids) + 1)})
    if is_parquet:
        films.write_parquet(tmp_path / "movies.parquet")
    else:
        films.write_csv(tmp_path / "movies.csv")
    (tmp_path / "tags.csv").write_text(f"userId,movieId,tag\n1,{ids[0]},good\n")
    pl.DataFrame({"user": [1], "movie": ids[:1], "rating": [4.0]}).write_parquet(tmp_path / "ratings.parquet")
    catalogue = read_dataset(tmp_path).catalogue
    film = catalogue[ids[0]]
    assert (film.title, film.imdb_id, film.tags, len(catalogue)) == (f"Film {ids[0]}", 1, ("good",), len(ids))


def test_genres_in_lists_may_be_none_or_lack_some(tmp_path: Path) -> None:
    films = pl.DataFrame({"movie": ["1", "2"], "title": ["Alien", "Heat"], "genres": [["Drama", None], []]})
    films.write_parquet(tmp_path / "films.parquet")
    ratings = pl.DataFrame({"user": ["a"], "movie": ["1"], "rating": [4.0]})
    for frame in (films, pd.read_parquet(tmp_path / "films.parquet")):  # pandas has arrays of objects in it
        catalogue = Dataset.from_frame(ratings, films=frame).catalogue
        assert [movie[1:3] for movie in catalogue] == [("Alien", ("Drama",)), ("Heat", ())]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (
            "movies.csv",
            b"movieId,genres\n1,A\n",
            "movies.csv line 1: no column for the title among 'movieId', 'genres'",
        ),
        ("movies.csv", b"id,movieId,title\n1,1,A\n", "'id', 'movieId' could all be the movie; rename all but one"),
        ("movies.csv", b"movieId,title,name\n1,A,A\n", "'title', 'name' could all be title; rename all but one"),
        ("movies.csv", b"title,genres\n1,A\n", "movies.csv line 1: no column for the movie among 'title', 'genres'"),
        ("movies.csv", b"movieId,title,title\n1,A,B\n", "movies.csv line 1: the columns 'title', 'title' could all be"),
        ("movies.csv", b"\n\ntitle\nA\n", "movies.csv line 3: no column for the movie among 'title'"),
        ("movies.csv", b"\n\nmovieId,title\n1,A\n\nx,B\n", "movies.csv line 6: movieId is 'x'"),
        ("movies.csv", b"movieId,title,genres\n1,A\n", "movies.csv line 2: 2 fields instead of 3 in '1,A'"),
        (
            "movies.csv",
            b"movieId,title,genres\n1,A,B\nx,A,B\n",
            "movies.csv line 3: movieId is 'x', not a whole number from 0",
        ),
        ("movies.csv", b"movieId,title,genres\n1,A,B\n1,C,D\n", "movies.csv line 3: movieId 1 occurs a second"),
        ("movies.csv", b"movieId,title,genres\n1,L\xe9on,B\n", "movies.csv: not UTF-8 text"),
        ("movies.csv", b'movieId,title,genres\n1,"A,B\n', "movies.csv line 2: "),
        ("movies.csv", b"movieId,title,genres\n" + b"9" * 5000 + b",A,B\n", "movies.csv line 2: movieId is '9999"),
        ("links.csv", b"movieId,imdbId,tmdbId\n1,zz,3\n", "links.csv line 2: imdbId is 'zz'"),
        ("links.csv", b"movieId,imdbId,tmdbId\n1,3,9223372036854775808\n", "links.csv line 2: tmdbId is '9223"),
        ("links.csv", b"movieId,imdbId,tmdbId\n1,,tt0114709\n", "line 2: tmdbId is 'tt0114709', not a number; "),
        ("tags.csv", b"userId,movieId,tag\n1,1,\xe9\n", "tags.csv: cannot be read as tags"),
        ("movies.dat", b"1::A\n", "movies.dat line 1: 2 fields instead of 3"),
        ("u.item", b"1|A|x\n", "u.item line 1: 3 fields instead of 24"),
        ("movies.parquet", b"PAR", "movies.parquet: this Parquet file cannot be read"),
    ],
)
def test_a_fault_among_the_films_is_named(tmp_path: Path, file: str, content: bytes, message: str) -> None:
    if file in ("links.csv", "tags.csv"):
        (tmp_path / "movies.csv").write_bytes(b"movieId,title,genres\n1,A,B\n")
    (tmp_path / file).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_movies(tmp_path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_ratings_is_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there are no ratings here"):
        read_dataset(tmp_path)
    (tmp_path / "below").mkdir()
    write_csv(tmp_path / "below")
    with pytest.raises(DataError, match=r"did you mean .*below"):
        read_dataset(tmp_path)
    with pytest.raises(DataError, match="no such file or folder"):
        read_dataset(tmp_path / "nowhere")


def test_facts_of_ml_latest_small() -> None:
    small = read_dataset(real_data("ml-latest-small"))
    ratings = small.ratings
    assert (len(ratings), len(ratings.users), len(ratings.movies)) == (100_836, 610, 9_724)
    assert len(small.catalogue) == 9_742
    assert ratings.scale == RatingScale(0.5, 5)
    assert small.sha256 == "aa289ca83157595d0df6aea1be6a4ded676ddc4385472e8313a8ed9805352646"


def test_facts_of_ml_1m() -> None:
    million = read_dataset(real_data("ml-1m"))
    assert (len(million.ratings), len(million.ratings.users), len(million.catalogue)) == (1_000_209, 6_040, 3_883)
    assert million.ratings.scale == RatingScale(1, 5)
    assert million.catalogue[2858].title == "American Beauty (1999)"
    assert any("é" in title for title in million.catalogue.titles.strings())  # Latin-1, read as such
