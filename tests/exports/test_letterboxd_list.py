"""What Letterboxd takes in as a list."""

from reelwise.data.catalogue import Movie
from reelwise.exports.letterboxd_list import letterboxd_list
from support.exports import read


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


def test_it_is_read_as_it_was_written() -> None:
    history = read(letterboxd_list([Movie(2571, "Matrix, The (1999)", imdb_id=133093, tmdb_id=603)]), "list.csv")
    assert [(row.kind, row.title, row.year, row.imdb_id, row.tmdb_id) for row in history.rows] == [
        ("listed", "The Matrix", 1999, 133093, 603)
    ]
