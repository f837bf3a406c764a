import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.data.catalogue import Catalogue, Movie, split_genres
from reelwise.data.vocabulary import Vocabulary

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def catalogues(ids: st.SearchStrategy[int] | st.SearchStrategy[str]) -> st.SearchStrategy[list[Movie]]:
    movies = st.builds(
        Movie,
        movie_id=ids,
        title=TEXT | st.builds("{} ({})".format, TEXT, st.integers(1000, 2100)),
        genres=st.lists(st.sampled_from(["Drama", "Komödie", "文"]), max_size=2).map(tuple),
        imdb_id=st.none() | st.integers(1, 10**8),
        tmdb_id=st.none() | st.integers(1, 10**7),
        tags=st.lists(st.sampled_from(["noir", "schön", "文"]), max_size=2, unique=True).map(tuple),
    )
    return st.lists(movies, unique_by=lambda movie: movie.movie_id, max_size=6)


@given(catalogues(st.integers(0, 2**40)) | catalogues(st.text("abcé文", min_size=1)))
def test_films_come_out_as_they_went_in(movies: list[Movie]) -> None:
    catalogue = Catalogue.of(movies)
    assert list(catalogue) == sorted(movies)
    assert catalogue == Catalogue.of(movies[::-1])
    assert catalogue.titles.strings() == [movie.title for movie in catalogue]
    assert catalogue.titles.at(np.arange(len(movies))[::-1]) == catalogue.titles.strings()[::-1]
    for movie in movies:
        assert catalogue[movie.movie_id] == catalogue.get(movie.movie_id) == movie
        row = catalogue.movies.row(movie.movie_id)
        assert row is not None
        assert catalogue.year(row) == movie.year
    assert not movies or catalogue != Catalogue.of(movies[1:])
    assert len(set(catalogue.genre_sets)) == len(catalogue.genre_sets)


def test_an_unknown_film_is_not_there() -> None:
    catalogue = Catalogue.of([Movie(5, "Five")])
    assert 4 not in catalogue
    assert catalogue.get("5") is None
    with pytest.raises(KeyError):
        catalogue[4]


@pytest.mark.parametrize("ids", [(1, 1), (1, "a"), ("",)])
def test_ids_are_valid_and_distinct(ids: tuple[int | str, ...]) -> None:
    with pytest.raises(ValueError, match="id"):
        Catalogue.of(Movie(movie_id, "A Film") for movie_id in ids)


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


@pytest.mark.parametrize("text", ["", "(no genres listed)"])
def test_no_genres_are_none(text: str) -> None:
    assert split_genres(text) == ()


@pytest.mark.parametrize(
    ("known", "rated", "title"), [([5], [3, 5], "Movie 3"), (["b"], ["a", "b"], "a"), ([], [7], "Movie 7")]
)
def test_placeholders_stand_in_for_films_without_a_row(known: list[int], rated: list[int], title: str) -> None:
    catalogue = Catalogue.of(Movie(movie_id, "A Film") for movie_id in known).with_placeholders(Vocabulary.of(rated))
    assert [movie.title for movie in catalogue] == [title, *("A Film" for _ in known)]
    assert catalogue.with_placeholders(Vocabulary.of(rated)) is catalogue
