import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.data.catalogue import Catalogue, Movie, read_catalogue, write_catalogue

WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="|"), min_size=1, max_size=12)
MOVIES = st.builds(
    Movie,
    movie_id=st.integers(1, 2**31 - 1),
    title=st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\0"), max_size=20),
    genres=st.lists(WORDS, max_size=3).map(tuple),
    imdb_id=st.none() | st.integers(1, 10**8),
    tmdb_id=st.none() | st.integers(1, 10**7),
)


@given(st.lists(MOVIES, unique_by=lambda movie: movie.movie_id, max_size=5))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, movies: list[Movie]) -> None:
    catalogue = Catalogue.of(movies)
    path = tmp_path_factory.mktemp("films") / "movies.csv"
    file = io.StringIO(newline="")
    write_catalogue(catalogue, file)
    path.write_text(file.getvalue(), encoding="utf-8", newline="")
    assert read_catalogue(path) == catalogue


@pytest.mark.parametrize("content", ["", "movieId,title\n", "movieId,title,genres,imdbId,tmdbId\n1,a,b,c\n"])
def test_anything_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "movies.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match="line"):
        read_catalogue(path)


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Toy Story (1995)", 1995),
        ("Fargo (2014- )", None),
        ("Show, A (2006–2007)", 2006),
        ("2001: A Space Odyssey", None),
        ("M (1931) ", 1931),
    ],
)
def test_the_year_is_at_the_end_of_the_title(title: str, year: int | None) -> None:
    assert Movie(1, title).year == year


def test_placeholders_stand_in_for_films_without_a_row() -> None:
    catalogue = Catalogue.of([Movie(5, "Five")]).with_placeholders(np.array([3, 5], np.int64))
    assert [movie.title for movie in catalogue] == ["Movie 3", "Five"]
    assert 3 in catalogue
    assert catalogue.get(4) is None
    with pytest.raises(KeyError):
        catalogue[4]
