"""Groups are called what people would call them."""

import pytest

from reelwise.recommend.discovery.labels import Label


@pytest.mark.parametrize(
    ("genres", "first", "last", "name"),
    [
        (["Sci-Fi", "Thriller"], 1990, 1990, "Science fiction and thrillers of the 1990s"),
        (["Comedy", "Romance"], None, None, "Romantic comedies"),
        (["Romance", "Comedy"], 1980, 1990, "Romantic comedies of the 1980s and 1990s"),
        (["Animation", "Children's"], None, None, "Animation for the whole family"),
        (["Drama"], None, 1960, "Dramas of the 1960s and before"),
        (["Nordic Noir"], 2000, 2000, "Nordic noir of the 2000s"),
    ],
)
def test_a_name_is_made_of_genres_and_decades(
    genres: list[str], first: int | None, last: int | None, name: str
) -> None:
    assert Label(tuple(genres), first, last).in_words() == name


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("de", "Science-Fiction und Thriller der 1980er und 1990er"),
        ("es", "Ciencia ficción y thrillers de las décadas de 1980 y 1990"),
        ("fr", "Science-fiction et thrillers des années 1980 et 1990"),
        ("tlh", "Science fiction and thrillers of the 1980s and 1990s"),
    ],
)
def test_a_name_is_told_in_other_languages(language: str, name: str) -> None:
    assert Label(("Sci-Fi", "Thriller"), 1980, 1990).in_words(language) == name
