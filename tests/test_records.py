from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from reelwise.records import SHOWN, Records


class Point(NamedTuple):
    name: str
    x: float | None
    size: int


class Points(Records[Point]):
    row_type = Point
    formats = {"x": ".1f"}  # noqa: RUF012


POINTS = Points(name=["a", "<b>"], x=np.array([1.25, np.nan], np.float32), size=np.array([3, 12]))


def test_rows_are_named_tuples_of_plain_values() -> None:
    assert [*POINTS] == [Point("a", 1.25, 3), Point("<b>", None, 12)]
    assert type(POINTS[0].size) is int
    assert POINTS[-1] == POINTS[1]
    assert POINTS[1:] == [POINTS[1]]
    assert Point("a", 1.25, 3) in POINTS
    with pytest.raises(IndexError):
        POINTS[2]


def test_the_table_lines_up_and_sets_numbers_to_the_right() -> None:
    assert repr(POINTS).splitlines() == ["name    x  size", "a     1.2     3", "<b>     –    12"]


def test_a_long_table_says_how_much_is_left() -> None:
    many = Points(name=["a"] * 1234, x=np.zeros(1234), size=np.arange(1234))
    assert len(repr(many).splitlines()) == SHOWN + 2
    assert repr(many).endswith("… and 1,214 more")


def test_nothing_is_a_table_too() -> None:
    nothing = Points(name=[], x=np.empty(0), size=np.empty(0, np.int64))
    assert len(nothing) == 0
    assert repr(nothing) == "name  x  size"
    assert nothing.to_polars().schema == POINTS.to_polars().schema | {"x": pl.Float64}


def test_a_notebook_shows_text_as_it_is() -> None:
    assert "<td>&lt;b&gt;</td><td>–</td><td>12</td>" in POINTS._repr_html_()


def test_what_is_missing_is_null_in_a_frame() -> None:
    assert POINTS.to_polars().to_dicts() == [
        {"name": "a", "x": 1.25, "size": 3},
        {"name": "<b>", "x": None, "size": 12},
    ]


def test_whoever_reads_arrow_reads_it() -> None:
    assert pl.DataFrame(POINTS).equals(POINTS.to_polars())
    pyarrow = pytest.importorskip("pyarrow")
    assert pyarrow.table(POINTS).column("x").null_count == 1


def test_pandas_gets_a_frame() -> None:
    pytest.importorskip("pandas")
    assert POINTS.to_pandas()["size"].tolist() == [3, 12]
