"""Titles in plain form, and their parts."""

import pytest

from reelwise.data.titles import Title, plain, split_title


def test_plain_titles() -> None:
    assert plain("Léon, The: A  Film!") == "the leon a film"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Schindler's List", "schindlers list"),
        ("Good, the Bad and the Ugly, The", "The Good, the Bad and the Ugly"),
        ("Misérables, Les", "les miserables"),
        ("Associé, L'", "l'associé"),
        ("Rocky II", "rocky 2"),
        ("Smørrebrød Łódź", "smorrebrod lodz"),
        ("Fast & Furious", "FAST AND FURIOUS"),
    ],
)
def test_the_same_title_written_in_two_ways(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Matrix, The (1999)", Title("Matrix, The", (), "1999")),
        ("Alien 1979", Title("Alien", (), "1979")),
        ("1984 (1956)", Title("1984", (), "1956")),
        ("1984", Title("1984", (), "")),
        ("Se7en (a.k.a. Seven) (1995)", Title("Se7en", ("Seven",), "1995")),
        ("Léon (a.k.a. The Professional) (Leon) (1994)", Title("Léon", ("The Professional", "Leon"), "1994")),
        ("Wast (a.k.a. Dragon (Or Was He?), The)", Title("Wast", ("Dragon (Or Was He?), The",), "")),
        ("(500) Days of Summer (2009)", Title("(500) Days of Summer", (), "2009")),
        ("Death Note (2006–2007)", Title("Death Note", (), "2006")),
        ("", Title("", (), "")),
    ],
)
def test_parts_of_a_title(title: str, parts: Title) -> None:
    assert split_title(title) == parts
