import csv
import re
from collections import Counter
from importlib import resources

import pytest

from reelwise.data.sample import NAME, SampleFilm, sample_films

GENRES = {
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy"),
    *("Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
}
KNOWN = {
    1: "Toy Story (1995)",
    296: "Pulp Fiction (1994)",
    593: "Silence of the Lambs, The (1991)",
    1196: "Star Wars: Episode V - The Empire Strikes Back (1980)",
    2571: "Matrix, The (1999)",
}


@pytest.fixture
def films() -> tuple[SampleFilm, ...]:
    return sample_films()


def test_has_a_name() -> None:
    assert NAME == "built-in sample"


def test_the_file_has_these_columns_and_no_stray_field() -> None:
    text = resources.files("reelwise.data.sample").joinpath("films.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(text.splitlines())
    assert header == ["movieId", "title", "genres", "franchise", "quality", "popularity"]
    assert {len(row) for row in rows} == {len(header)}
    assert len(rows) == len(sample_films())


def test_holds_a_few_hundred_films_by_ascending_id(films: tuple[SampleFilm, ...]) -> None:
    ids = [film.movie_id for film in films]
    assert 420 <= len(ids) <= 480
    assert ids == sorted(set(ids))
    assert ids[0] >= 1


def test_no_title_occurs_twice(films: tuple[SampleFilm, ...]) -> None:
    assert len({film.title for film in films}) == len(films)


def test_holds_the_films_that_examples_pick(films: tuple[SampleFilm, ...]) -> None:
    titles = {film.movie_id: film.title for film in films}
    assert {movie_id: titles[movie_id] for movie_id in KNOWN} == KNOWN


def test_titles_end_in_the_year_and_begin_without_an_english_article(films: tuple[SampleFilm, ...]) -> None:
    for film in films:
        assert re.fullmatch(r"\S(.*\S)? \(\d{4}\)", film.title), film.title
        assert film.title.endswith(f"({film.year})")
        assert not film.title.startswith(("The ", "An ", "A ")), film.title


def test_years_reach_from_the_thirties_to_the_twenties(films: tuple[SampleFilm, ...]) -> None:
    decades = Counter(film.year // 10 * 10 for film in films)
    assert set(decades) == set(range(1930, 2021, 10))
    assert min(decades.values()) >= 8
    assert max(film.year for film in films) <= 2023


def test_every_film_has_known_genres_once_each_in_order(films: tuple[SampleFilm, ...]) -> None:
    for film in films:
        assert film.genres
        assert set(film.genres) <= GENRES, film.title
        assert list(film.genres) == sorted(set(film.genres)), film.title


def test_every_genre_has_several_films(films: tuple[SampleFilm, ...]) -> None:
    films_of = Counter(genre for film in films for genre in film.genres)
    assert set(films_of) == GENRES
    assert min(films_of.values()) >= 8
    assert films_of["Sci-Fi"] >= 60
    assert films_of["Horror"] >= 40
    assert sum(not {"Animation", "Children"}.isdisjoint(film.genres) for film in films) >= 45


def test_a_franchise_is_a_slug_that_two_films_or_more_share(films: tuple[SampleFilm, ...]) -> None:
    franchises = Counter(film.franchise for film in films if film.franchise)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in franchises)
    assert min(franchises.values()) >= 2
    assert {"star-wars", "toy-story", "alien", "lord-of-the-rings"} <= set(franchises)


def test_judgements_lie_between_one_and_ten(films: tuple[SampleFilm, ...]) -> None:
    assert {film.quality for film in films} <= set(range(1, 11))
    assert {film.popularity for film in films} <= set(range(1, 11))
