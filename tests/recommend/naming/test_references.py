from typing import Any

import numpy as np
import pytest

from reelwise.errors import UsageError
from reelwise.recommend.naming.references import SiteNumber, as_id, find_site_number, listed, parse_site_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("imdb:tt0114709", SiteNumber("imdb", 114709)),
        ("imdb:0114709", SiteNumber("imdb", 114709)),
        ("IMDb:TT114709", SiteNumber("imdb", 114709)),
        ("tmdb:862", SiteNumber("tmdb", 862)),
        ("tmdb: 862", SiteNumber("tmdb", 862)),
        ("Alien", None),
        ("2001: A Space Odyssey", None),
    ],
)
def test_a_number_elsewhere(text: str, number: SiteNumber | None) -> None:
    assert parse_site_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (" tt0114709 ", SiteNumber("imdb", 114709)),
        ("imdb:tt0114709", SiteNumber("imdb", 114709)),
        ("https://www.imdb.com/title/tt0114709/?ref_=tt", SiteNumber("imdb", 114709)),
        ("m.imdb.com/de/title/tt0114709", SiteNumber("imdb", 114709)),
        ("https://www.themoviedb.org/movie/862-toy-story?language=fr", SiteNumber("tmdb", 862)),
        ("tmdb:862", SiteNumber("tmdb", 862)),
        ("862", None),
        ("tt", None),
        ("https://example.org/title/tt0114709", None),
        ("2001: A Space Odyssey", None),
    ],
)
def test_a_number_or_an_address_that_is_pasted(text: str, number: SiteNumber | None) -> None:
    assert find_site_number(text) == number


@pytest.mark.parametrize("text", ["imdb:", "imdb:nm0000198", "tmdb:tt862", "tmdb:8.5", "imdb:tt", "tmdb:" + "9" * 30])
def test_a_site_without_a_number(text: str) -> None:
    with pytest.raises(UsageError, match="names no film; expected a number such as imdb:tt0114709 or tmdb:862"):
        parse_site_number(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, 7), (np.int64(7), 7), (np.uint8(7), 7), (7.0, 7), (np.float64(7), 7), ("7", "7"), (0, 0)],
)
def test_an_id(value: Any, expected: int | str) -> None:
    found = as_id(value, "movies", "an id")
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("value", [None, True, np.True_, -1, 1.5, float("nan"), float("inf"), 2**63, b"7", [7], {}])
def test_what_is_no_id(value: Any) -> None:
    with pytest.raises(UsageError, match=r"^movies: .* is not an id; expected an id$"):
        as_id(value, "movies", "an id")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("Alien", ["Alien"]),
        (7, [7]),
        (np.int64(7), [7]),
        (np.array(7), [7]),
        (np.array([1, 2]), [1, 2]),
        ((), []),
        ({"Alien"}, ["Alien"]),
        (iter([1, "Alien"]), [1, "Alien"]),
    ],
)
def test_one_or_several(values: Any, expected: list[Any]) -> None:
    assert listed("movies", values) == expected


@pytest.mark.parametrize("values", [None, b"Alien", {"Alien": 5}, 1.5, object()])
def test_what_holds_no_values_of_its_own(values: Any) -> None:
    with pytest.raises(UsageError, match=r"^movies is .*; expected a list of ids or titles"):
        listed("movies", values)
