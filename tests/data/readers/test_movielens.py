import hashlib
from pathlib import Path

import pytest

from reelwise.data.ratings import RatingScale
from reelwise.data.readers.movielens import find_ratings, read_dataset, read_movies
from reelwise.errors import DataError
from support.movielens_files import LAYOUTS, write_csv


@pytest.fixture(params=LAYOUTS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made = tmp_path / "little"
    made.mkdir()
    LAYOUTS[request.param](made)
    return made


def test_every_layout_gives_the_same_ratings(folder: Path) -> None:
    dataset = read_dataset(folder)
    ratings = dataset.ratings
    assert dataset.name == "little"
    assert dataset.duplicates == 1
    assert ratings.user_ids.tolist() == [1, 2, 7]
    assert ratings.movie_ids.tolist() == [10, 20, 40]
    assert ratings.interactions().users.tolist() == [0, 0, 1, 2, 2]
    assert ratings.interactions().movies.tolist() == [0, 1, 1, 0, 2]
    assert ratings.interactions().stars.tolist() == [5, 3, 4, 4, 2]
    assert dataset.sha256 == hashlib.sha256(find_ratings(folder).read_bytes()).hexdigest()


def test_every_layout_gives_the_same_films(folder: Path) -> None:
    catalogue = read_dataset(folder).catalogue
    assert [movie.movie_id for movie in catalogue] == [10, 20, 30, 40]
    assert catalogue[10].title == "Léon (1994)"
    assert catalogue[10].year == 1994
    assert catalogue[10].genres == ("Action", "Crime")
    assert catalogue[30].genres == ()
    assert catalogue[30].year is None


def test_a_rated_movie_without_a_row_gets_a_placeholder(folder: Path) -> None:
    assert read_dataset(folder).catalogue[40].title == "Movie 40"


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


def test_the_scale_follows_from_whole_or_half_stars(folder: Path) -> None:
    assert read_dataset(folder).ratings.scale == RatingScale(1, 5)
    assert read_dataset(folder, RatingScale(0, 10)).ratings.scale == RatingScale(0, 10)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("movies.csv", b"movieId,title\n1,A\n", "movies.csv line 1: no column genres"),
        ("movies.csv", b"movieId,title,genres\n1,A\n", "movies.csv line 2: 2 fields instead of 3 in '1,A'"),
        ("movies.csv", b"movieId,title,genres\nx,A,B\n", "movies.csv line 2: movieId is 'x'"),
        ("movies.csv", b"movieId,title,genres\n1,A,B\n1,C,D\n", "movies.csv line 3: movieId 1 stands here a second"),
        ("movies.csv", b"movieId,title,genres\n1,L\xe9on,B\n", "movies.csv: not UTF-8 text"),
        ("movies.csv", b'movieId,title,genres\n1,"A,B\n', "movies.csv line 2: "),
        ("links.csv", b"movieId,imdbId,tmdbId\n1,zz,3\n", "links.csv line 2: a link is 'zz'"),
        ("movies.dat", b"1::A\n", "movies.dat line 1: 2 fields instead of 3"),
        ("u.item", b"1|A|x\n", "u.item line 1: 3 fields instead of 24"),
        ("movies.parquet", b"PAR", "movies.parquet: cannot be read"),
    ],
)
def test_a_fault_among_the_films_is_named(tmp_path: Path, file: str, content: bytes, message: str) -> None:
    if file == "links.csv":
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
    with pytest.raises(DataError, match="no such folder"):
        read_dataset(tmp_path / "nowhere")
