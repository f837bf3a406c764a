"""Numbers and years as sites write them."""

import pytest

from reelwise.exports.values.numbers import imdb_number, tmdb_number, year_in


@pytest.mark.parametrize(
    "value",
    ["tt0114709", "TT0114709", "0114709", "114709", 114709, " tt0114709 ", "114709.0",
     "https://www.imdb.com/title/tt0114709/", "https://www.imdb.com/title/tt0114709/?ref_=x"],
)  # fmt: skip
def test_numbers_at_imdb(value: object) -> None:
    assert imdb_number(value) == 114709


@pytest.mark.parametrize("value", ["", None, "nm0000151", "Toy Story 3", "tt", "0", 0, True, [], {}, "tt" + 30 * "9"])
def test_what_is_no_number_at_imdb(value: object) -> None:
    assert imdb_number(value) is None


@pytest.mark.parametrize(("value", "number"), [("862", 862), (862, 862), (862.0, 862), ("tt862", None), (-1, None)])
def test_numbers_at_tmdb(value: object, number: int | None) -> None:
    assert tmdb_number(value) == number


@pytest.mark.parametrize(
    ("value", "year"),
    [("1995", 1995), (1995, 1995), ("1995.0", 1995), ("1995-11-22", 1995), ("11/22/1995", 1995), ("2008–2013", 2008),
     ("", None), (None, None), ("19951122", None), ("95", None), (True, None)],
)  # fmt: skip
def test_years(value: object, year: int | None) -> None:
    assert year_in(value) == year
