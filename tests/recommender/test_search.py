"""The search forgives; tested by order and by what comes first, not by scores."""

import numpy as np
import pytest

from reelwise.recommender.search import TitleIndex, plain

FILMS = {
    "Matrix, The (1999)": 5000,
    "Matrix Reloaded, The (2003)": 3000,
    "Alien (1979)": 4000,
    "Aliens (1986)": 3500,
    "Alien: Covenant (2017)": 500,
    "My Stepmother Is an Alien (1988)": 60,
    "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)": 3300,
    "Léon: The Professional (a.k.a. The Professional) (Léon) (1994)": 3900,
    "Star Wars: Episode IV - A New Hope (1977)": 6000,
    "Star Trek: Generations (1994)": 2500,
    "Nineteen Eighty-Four (1984)": 300,
    "1984 (1956)": 20,
    "2001: A Space Odyssey (1968)": 3600,
    "Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)": 2900,
    "Little Women (1994)": 900,
    "Little Women (2019)": 700,
    "Crouching Tiger, Hidden Dragon (Wo hu cang long) (2000)": 3100,
    "Se7en (a.k.a. Seven) (1995)": 4500,
    "Up (2009)": 2800,
    "WALL·E (2008)": 3000,
    "Fast & Furious (2009)": 800,
}
TITLES = list(FILMS)
INDEX = TitleIndex(TITLES, np.array(list(FILMS.values())))


def search(query: str, limit: int = 10) -> list[str]:
    return [TITLES[hit.position] for hit in INDEX.search(query, limit)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("the matrix", "Matrix, The (1999)"),
        ("matrix", "Matrix, The (1999)"),
        ("Matrix, The (1999)", "Matrix, The (1999)"),
        ("the matirx", "Matrix, The (1999)"),
        ("matrix reloaded", "Matrix Reloaded, The (2003)"),
        ("alien", "Alien (1979)"),
        ("aliens", "Aliens (1986)"),
        ("AMÉLIE", "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        ("le fabuleux destin d'amelie poulain", "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        ("leon", "Léon: The Professional (a.k.a. The Professional) (Léon) (1994)"),
        ("star wars", "Star Wars: Episode IV - A New Hope (1977)"),
        ("a new hope", "Star Wars: Episode IV - A New Hope (1977)"),
        ("the good the bad and the ugly", "Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)"),
        ("little women 2019", "Little Women (2019)"),
        ("little women (1994)", "Little Women (1994)"),
        ("crouching tiger", "Crouching Tiger, Hidden Dragon (Wo hu cang long) (2000)"),
        ("croching tigger hiden dragon", "Crouching Tiger, Hidden Dragon (Wo hu cang long) (2000)"),
        ("seven", "Se7en (a.k.a. Seven) (1995)"),
        ("1984", "1984 (1956)"),
        ("2001 a space odyssey", "2001: A Space Odyssey (1968)"),
        ("up", "Up (2009)"),
        ("wall-e", "WALL·E (2008)"),
        ("fast and furious", "Fast & Furious (2009)"),
    ],
)
def test_the_film_that_is_meant_comes_first(query: str, first: str) -> None:
    assert search(query)[0] == first


def test_a_whole_title_comes_before_a_title_that_contains_it() -> None:
    found = search("alien")
    assert found.index("Alien (1979)") < found.index("Alien: Covenant (2017)")
    assert found.index("Alien: Covenant (2017)") < found.index("My Stepmother Is an Alien (1988)")


def test_among_equals_the_better_known_comes_first() -> None:
    assert search("little women")[:2] == ["Little Women (1994)", "Little Women (2019)"]


@pytest.mark.parametrize("query", ["", "  ", "?!", "zzzzqqqq xxyy"])
def test_what_resembles_nothing_finds_nothing(query: str) -> None:
    assert search(query) == []


def test_no_more_than_asked_for() -> None:
    assert len(search("the", limit=3)) <= 3


def test_plain_titles() -> None:
    assert plain("Léon, The: A  Film!") == "the leon a film"
