"""What executors make of lines and columns, beside what the local reader makes of the same file; without Spark."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from reelwise.data.interactions import MOVIELENS_SCALE, RatingScale
from reelwise.data.readers.columns import find_columns
from reelwise.data.readers.layout import find_layout
from reelwise.data.readers.tables import read_columns
from reelwise.errors import DataError

pa = pytest.importorskip("pyarrow")
from reelwise.spark.reading.parsing import COLUMN_OF, Parser  # noqa: E402 - it needs pyarrow

HEADER = "userId,movieId,rating,timestamp\n"
GOOD = "7,7,3.5,1\n8,7,3,1\n9,7,4,1\n"
VALUES = ["userId", "movieId", "rating", "timestamp"]


def parse(content: str, scale: RatingScale = MOVIELENS_SCALE, lines_per_batch: int = 1000) -> pl.DataFrame:
    """What executors make of a text file, whose lines come in several batches."""
    first, *rest = content.rstrip("\n").split("\n")
    layout = find_layout(first, None)
    lines = [line for line in (rest if layout.has_header else [first, *rest]) if line]
    batches = [
        in_file("content", lines[start : start + lines_per_batch]) for start in range(0, len(lines), lines_per_batch)
    ]
    names = {role: layout.names[place] for role, place in layout.positions.items()}
    parser = Parser(names, layout._replace(has_header=False), scale, False)
    return pl.concat(pl.DataFrame(batch) for batch in parser.parse(iter(batches)))


def in_file(name: str, values: list[str]) -> Any:
    return pa.RecordBatch.from_pydict({name: values, "file": ["a.csv"] * len(values), "start": [0] * len(values)})


def parse_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """What executors make of a Parquet file with these columns."""
    table = frame.to_arrow()
    names = {role: table.column_names[place] for role, place in find_columns(table.column_names, None).items()}
    columns = {role: table.column(name).combine_chunks() for role, name in names.items()}
    batch = pa.RecordBatch.from_pydict(columns | {"file": ["a.parquet"] * len(table), "start": [0] * len(table)})
    parser = Parser(names, None, MOVIELENS_SCALE, False)
    return pl.concat(pl.DataFrame(found) for found in parser.parse(iter([batch])))


def read_here(path: Path) -> list[tuple[Any, ...]]:
    """The ratings as the local reader has them."""
    columns = read_columns(path, MOVIELENS_SCALE)
    times = [None] * len(columns.stars) if columns.times is None else columns.times.tolist()
    return list(zip(columns.user_ids.tolist(), columns.movie_ids.tolist(), columns.stars.tolist(), times, strict=True))


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}{GOOD}",
        f"{HEADER}{GOOD},,,\n,,,\n",
        f"{HEADER}{GOOD}   \n\t\n8,8,3,3\n",
        "1,2,3.5,4\n2,2,3,4\n",
        "1::2::3::4\n2::2::5::4\n",
        "user;item;rating\n1;2;4,5\n2;2;4.5\n",
        "user item rating\n1 2 3\n2 2 4\n",
        "user_id:token\titem_id:token\trating:float\n1\t2\t3\n",
        'userId,movieId,title,rating\n1,2,50" TV,3\n2,2,the "x y" z,4\n3,2,"a ""b"", c",4\n',
        'userId,movieId,rating,note\n1,2,3,ok\n2,2,3,"x, y"\n',
        'a`b,userId,movieId,rating,KIND,file,,\n"a ""b"", c",1,2,3,x,y,,\n"\\",2,2,4,x,y,,\n',
        " user_id; Item ID; SCORE\n1;2;3,5\n 2.0;0;3\n",
        'userId,movieId,rating,timestamp\n"1","2","3.5"," +4"\n02,\t2, .5,-4\n',
        "userId,movieId,rating,note\n1,2,3,ok\n2,2,3\n",
        f'{HEADER}"1,0",2,5,1\n2.00,+2,"4,5",1\n\u00a03,2,3,1\n4,9223372036854775807,50e-1,1\n',
        f"{HEADER}1,2,1,1795953600\n1,2,5,1000000000000\n1,3,5,1000000001.9\n",
        f"{HEADER}1,2,1,2026-11-29T12:00:00Z\n1,2,5,2026-11-29 09:30:00\n1,3,5,2026-11-29T12:00:00+02:00\n",
        f"{HEADER}1,2,5,2026-03-08 02:45:00\n1,2,1,2026-03-08 03:10:00\n",
        f"{HEADER}1,2,5,29.11.2026\n1,3,5,01.02.2026\n",
        f"{HEADER}1,2,5,11/29/2026 12:00 PM\n1,3,5,01/02/2026 1:00 AM\n",
        f'{HEADER}1,2,5,"Sun, 29 Nov 2026 12:00:00 GMT"\n',
        f'{HEADER}1,2,5,"Nov 29, 2026"\n',
        f"{HEADER}1,2,5,20261129\n1,2,1,20261128\n",
    ],
)
def test_lines_are_read_as_by_the_local_reader(tmp_path: Path, content: str) -> None:
    (tmp_path / "ratings.csv").write_text(content)
    found = parse(content)
    assert found["fault"].null_count() == len(found)
    assert found.select(VALUES).rows() == read_here(tmp_path / "ratings.csv")


@pytest.mark.parametrize(
    "line",
    [
        "1,x,3.0,4", "1,2,3.0", "1,2,3.0,4,5", "-1,2,3.0,4", "1,9223372036854775808,3.0,4", "1,2,6,4", "1,2,nan,4",
        "1,,3.0,4", "1,2,3.0,", "1.5,2,3.0,4", "1,2,4f,4", "1,2,0x1p1,4", "\u0661,2,3,4", "1,2,3,soon", '"1,2,3,4',
        "1,2,1e400,4", "1,2,3\rx,4", "userId,movieId", "99999999999999999999,2,3,4", '1,2,3,"4', "1,2,3,\0",
        "1,2,5,1e30", "1,2,5,99999999999999999999", "1,2,5,12:30", "1,2,5,2026-11-29",
    ],
)  # fmt: skip
@pytest.mark.parametrize("lines_per_batch", [1000, 4])
def test_a_wrong_line_is_told_in_the_words_of_the_local_reader(tmp_path: Path, line: str, lines_per_batch: int) -> None:
    file, content = tmp_path / "ratings.csv", f"{HEADER}{GOOD}{line}\n1,y,z,4\n"
    file.write_text(content, newline="")
    with pytest.raises(DataError) as refused:
        read_columns(file, None)
    fault = parse(content, RatingScale(0.5, 5), lines_per_batch)["fault"].drop_nulls()[0]
    assert fault.startswith(str(refused.value).partition(": ")[2])


@pytest.mark.parametrize("time", ["12:30", "2026-11", "99999-01-01", "2026-11-29 12:00:00 CET", "03/04/2026", "now"])
def test_what_is_no_time_is_refused_as_by_the_local_reader(tmp_path: Path, time: str) -> None:
    content = f"{HEADER}1,2,5,{time}\n2,3,4,{time}\n"
    (tmp_path / "ratings.csv").write_text(content)
    with pytest.raises(DataError) as refused:
        read_columns(tmp_path / "ratings.csv")
    assert parse(content)["fault"].drop_nulls().to_list() == [str(refused.value).partition(": ")[2]]


def test_a_field_that_goes_on_in_the_next_line_is_refused() -> None:
    (fault,) = parse('userId,movieId,rating,note\n1,2,3,ok\n2,2,3,"very\n3,2,4,good"\n')["fault"].drop_nulls()
    assert fault == "a quoted field goes on in the next line, which cannot be read on Spark in '2,2,3,\"very'"


BASE = pl.DataFrame({"userId": [1, 1, 2], "movieId": [3, 3, 4], "rating": [2.0, 4.0, 1.5], "timestamp": [9, 8, 7]})


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"userId": [1.0, 1.0, 2.0]},
        {"userId": pl.Series([1, 1, 2], dtype=pl.UInt64)},
        {"userId": pl.Series([1, 1, 2], dtype=pl.Decimal(20, 0))},
        {"rating": ["2", "4", "1,5"]},
        {"rating": pl.Series([2, 4, 1], dtype=pl.Int8)},
        {"timestamp": [9.0, 8.5, 7.0]},
        {"timestamp": ["2026-11-29", "2026-11-28", "2026-11-30"]},
        {"timestamp": ["9", "8", "7"]},
        {"timestamp": pl.Series([9, 8, 7], dtype=pl.Datetime("ms", "America/New_York"))},
        {"timestamp": pl.Series([9, 8, 7], dtype=pl.Date)},
        {"timestamp": [1795953600, 1000000000000, 7]},
    ],
)
def test_columns_are_read_as_by_the_local_reader(tmp_path: Path, columns: dict[str, Any]) -> None:
    frame = BASE.with_columns(**{name: pl.Series(values) for name, values in columns.items()})
    frame.write_parquet(tmp_path / "ratings.parquet")
    assert parse_columns(frame).select(VALUES).rows() == read_here(tmp_path / "ratings.parquet")


@pytest.mark.parametrize(
    "columns",
    [
        {"userId": [1, None, 2]},
        {"userId": [1, -1, 2]},
        {"timestamp": [1, None, 2]},
        {"rating": [2.0, float("nan"), 1.0]},
        {"rating": [True, False, True]},
        {"timestamp": [None, None, None]},
    ],
)
def test_wrong_columns_are_told_in_the_words_of_the_local_reader(tmp_path: Path, columns: dict[str, Any]) -> None:
    frame = BASE.with_columns(**{name: pl.Series(values) for name, values in columns.items()})
    frame.write_parquet(tmp_path / "ratings.parquet")
    with pytest.raises(DataError) as refused:
        read_columns(tmp_path / "ratings.parquet", MOVIELENS_SCALE)
    (fault,) = parse_columns(frame)["fault"].drop_nulls()
    assert str(refused.value).endswith(fault)


def test_ids_that_are_text_are_refused_with_advice() -> None:
    advice = "ids are whole numbers on Spark; number them, or train without --engine spark, where texts will do"
    (fault,) = parse("userId,movieId,rating\nann,2,4\nbob,3,4\n")["fault"].drop_nulls()
    assert fault == f"userId is 'ann', not a whole number in 'ann,2,4' ({advice})"
    (fault,) = parse_columns(BASE.with_columns(userId=pl.Series(["a", "b", "c"])))["fault"].drop_nulls()
    assert fault == f"column userId holds text, but {advice}"


def test_every_file_is_read_alone() -> None:
    batch = pa.RecordBatch.from_pydict({
        "content": ["1,2,3", "2,2,x", "3,2,3", "4,2,5"],
        "file": ["a.csv", "b.csv", "b.csv", "b.csv"],
        "start": [0, 0, 0, 9],
    })  # fmt: skip
    layout = find_layout("userId,movieId,rating", None)._replace(has_header=False)
    names = {role: COLUMN_OF[role] for role in layout.positions}
    found = pl.concat(pl.DataFrame(one) for one in Parser(names, layout, MOVIELENS_SCALE, False).parse(iter([batch])))
    assert found.filter(pl.col("userId").is_not_null()).select("userId", "file", "start").rows() == [
        (1, "a.csv", 0),
        (4, "b.csv", 9),
    ]
    assert found.filter(pl.col("fault").is_not_null()).select("file", "start").rows() == [("b.csv", 0)]
    np.testing.assert_array_equal(found["are_days"].drop_nulls(), [False, False])
