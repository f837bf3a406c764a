"""What others take in as a list."""

import pytest

from reelwise.data.catalogue import Movie
from reelwise.exports.film_lists import LISTS, letterboxd_list
from support.files.exports import read


def test_films_with_their_numbers_and_titles_as_they_are_said() -> None:
    films = [
        Movie(2571, "Matrix, The (1999)", imdb_id=133093, tmdb_id=603),
        Movie(7, "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        Movie(8, "Avventura, L' (Adventure, The) (1960)"),
        Movie(9, 'Hello, "Dolly"!'),
    ]
    assert letterboxd_list(films) == (
        "tmdbID,imdbID,Title,Year\n"
        "603,tt0133093,The Matrix,1999\n"
        ",,Amelie,2001\n"
        ",,L'Avventura,1960\n"
        ',,"Hello, ""Dolly""!",\n'
    )


@pytest.mark.parametrize("site", LISTS)
def test_lists_are_read_as_they_were_written(site: str) -> None:
    films = [Movie(2571, "Matrix, The (1999)", imdb_id=133093, tmdb_id=603), Movie(7, "Amelie (2001)")]
    history = read(LISTS[site](films), "list.csv")
    first, *others = history.rows
    assert history.source == site
    assert (first.kind, first.title) == ("listed", "The Matrix")
    assert (first.imdb_id == 133093) or (first.tmdb_id == 603)
    assert [row.title for row in others] == (["Amelie"] if site == "letterboxd" else [])  # others need a number
