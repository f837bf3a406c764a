import re
from collections import Counter

from reelwise.data.sample.films import sample_films

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
FILMS = sample_films()


def test_holds_a_few_hundred_films_by_ascending_id_among_them_those_that_examples_pick() -> None:
    titles = {film.movie_id: film.title for film in FILMS}
    assert 420 <= len(FILMS) <= 480
    assert [film.movie_id for film in FILMS] == sorted(titles)
    assert min(titles) >= 1
    assert len(set(titles.values())) == len(FILMS)
    assert titles.items() >= KNOWN.items()


def test_titles_end_in_the_year_and_begin_without_an_english_article() -> None:
    for film in FILMS:
        assert re.fullmatch(r"(?!The |An? )\S(.*\S)? \(\d{4}\)", film.title), film.title
        assert film.title.endswith(f"({film.year})")


def test_years_reach_from_the_thirties_to_the_twenties() -> None:
    decades = Counter(film.year // 10 * 10 for film in FILMS)
    assert set(decades) == set(range(1930, 2021, 10))
    assert min(decades.values()) >= 8
    assert max(film.year for film in FILMS) <= 2023


def test_every_film_has_known_genres_in_order_and_every_genre_several_films() -> None:
    assert all(film.genres and list(film.genres) == sorted(set(film.genres)) for film in FILMS)
    films_of = Counter(genre for film in FILMS for genre in film.genres)
    assert set(films_of) == GENRES
    assert min(films_of.values()) >= 8
    assert films_of["Sci-Fi"] >= 60
    assert films_of["Horror"] >= 40
    assert sum(not {"Animation", "Children"}.isdisjoint(film.genres) for film in FILMS) >= 45


def test_a_franchise_is_a_slug_that_two_films_or_more_share() -> None:
    franchises = Counter(film.franchise for film in FILMS if film.franchise)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in franchises)
    assert min(franchises.values()) >= 2
    assert {"star-wars", "toy-story", "alien", "lord-of-the-rings"} <= set(franchises)


def test_judgements_lie_between_one_and_ten() -> None:
    assert {number for film in FILMS for number in (film.quality, film.popularity)} <= set(range(1, 11))
