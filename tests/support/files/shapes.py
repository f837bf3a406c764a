"""Shapes of files and frames that hold ratings, and what is to become of each: docs/reference/data.md lists them."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from reelwise.data.dataset import Dataset
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.vocabulary import Id

Row = tuple[Id, Id, float, int | None]
"""User, movie, stars, and seconds since 1970."""

NOON = 1_795_953_600  # 2026-11-29 12:00 UTC
DAY = 86_400


@dataclass(frozen=True)
class Shape:
    """One shape.

    Attributes:
        what: how the docs call it.
        open: makes the data set, in a folder that is empty.
        rows: what is read, in the order of user, then movie.
        refusal: what the error says, where it is refused.
        says: what `understood` says among other things.
    """

    what: str
    open: Callable[[Path], Dataset]
    rows: list[Row] = field(default_factory=list)
    refusal: str = ""
    says: str = ""


def _file(content: str | bytes, name: str = "ratings.csv", **options: Any) -> Callable[[Path], Dataset]:
    def open_file(folder: Path) -> Dataset:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_dataset(path, **options)

    return open_file


def _frame(make: Callable[[], Any], **options: Any) -> Callable[[Path], Dataset]:
    return lambda _: Dataset.from_frame(make(), **options)


def _parquet(frame: pl.DataFrame) -> Callable[[Path], Dataset]:
    def open_file(folder: Path) -> Dataset:
        frame.write_parquet(folder / "ratings.parquet")
        return read_dataset(folder)

    return open_file


class OnlyArrow:
    """A frame of a library that nobody knows, which speaks Arrow and nothing else."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


PLAIN = "userId,movieId,rating,timestamp\n1,10,4.0,1795953600\n1,20,3.5,1795953660\n2,10,5.0,1796040000\n"
ROWS: list[Row] = [(1, 10, 4.0, NOON), (1, 20, 3.5, NOON + 60), (2, 10, 5.0, NOON + DAY)]
UNTIMED: list[Row] = [(user, movie, stars, None) for user, movie, stars, _ in ROWS]
TEXTS: list[Row] = [("al", "tt1", 4.0, NOON), ("al", "tt2", 3.5, NOON + 60), ("zoë", "tt1", 5.0, NOON + DAY)]
WATCHED: list[Row] = [(1, 10, 5.0, None), (1, 20, 5.0, None), (2, 10, 5.0, None)]
TEN: list[Row] = [(1, 10, 8.0, None), (1, 20, 3.0, None), (2, 10, 10.0, None)]

MOMENTS = [
    datetime(2026, 11, 29, 12, tzinfo=UTC),
    datetime(2026, 11, 29, 12, 1, tzinfo=UTC),
    datetime(2026, 11, 30, 12, tzinfo=UTC),
]
NAIVE = [moment.replace(tzinfo=None) for moment in MOMENTS]
COLUMNS: dict[str, list[Any]] = {"user": [1, 1, 2], "item": [10, 20, 10], "score": [4.0, 3.5, 5.0], "when": NAIVE}
NAMES = {"user": "who", "movie": "film", "rating": "score", "time": "at"}


def _with(name: str, values: Any) -> dict[str, Any]:
    return {**COLUMNS, name: values}


READ = [
    Shape("MovieLens' own CSV", _file(PLAIN), ROWS, says="stars 0.5 to 5 from rating"),
    Shape("`user_id,item_id,rating`", _file("user_id,item_id,rating\n1,10,4\n1,20,3.5\n2,10,5\n"), UNTIMED),
    Shape("names with other case and blanks", _file(" User ID, Film , SCORE\n1,10,4\n1,20,3.5\n2,10,5\n"), UNTIMED),
    Shape(
        "other columns, in another order", _file('note,stars,film,user\n"a, b",4,10,1\n,3.5,20,1\nx,5,10,2\n'), UNTIMED
    ),
    Shape(
        "ids that are text",
        _file("user,movie,rating,time\nal,tt1,4,1795953600\nal,tt2,3.5,1795953660\nzoë,tt1,5,1796040000\n"),
        TEXTS,
        says="user from user (text)",
    ),
    Shape(
        "titles as ids",
        _file('user,title,rating\n1,"Alien (1979)",4\n1,"Good, the Bad, The",3\n'),
        [(1, "Alien (1979)", 4, None), (1, "Good, the Bad, The", 3, None)],
    ),
    Shape("ids as `1.0`", _file("userId,movieId,rating\n1.0,10.0,4\n1.0,20.0,3.5\n2.0,10.0,5\n"), UNTIMED),
    Shape(
        "ids from 0",
        _file("user,item,rating\n0,0,4\n0,1,3.5\n1,0,5\n"),
        [(0, 0, 4, None), (0, 1, 3.5, None), (1, 0, 5, None)],
    ),
    Shape(
        "ids of 64 bits",
        _file("user,item,rating\n9223372036854775807,3000000000,4\n"),
        [(9223372036854775807, 3000000000, 4, None)],
    ),
    Shape("tabs", _file(PLAIN.replace(",", "\t"), "ratings.tsv"), ROWS),
    Shape("semicolons", _file(PLAIN.replace(",", ";")), ROWS),
    Shape("bars", _file(PLAIN.replace(",", "|"), "ratings.txt"), ROWS),
    Shape("blanks", _file(PLAIN.replace(",", " "), "ratings.txt"), ROWS),
    Shape("`::` with a header", _file(PLAIN.replace(",", "::")), ROWS),
    Shape("decimal commas between semicolons", _file(PLAIN.replace(",", ";").replace(".", ",")), ROWS),
    Shape(
        "decimal commas and points in one column",
        _file("user;movie;rating\n1;10;4,0\n1;20;3.5\n2;10;5\n"),
        UNTIMED,
    ),
    Shape("decimal commas in quotes", _file('userId,movieId,rating\n1,10,"4,0"\n1,20,"3,5"\n2,10,"5,0"\n'), UNTIMED),
    Shape(
        "MovieLens 1M, `::` without a header",
        _file("1::10::4::1795953600\n1::20::3::1795953660\n", "ratings.dat"),
        [(1, 10, 4, NOON), (1, 20, 3, NOON + 60)],
    ),
    Shape(
        "MovieLens 100k, tabs without a header",
        _file("1\t10\t4\t1795953600\n1\t20\t3\t1795953660\n", "u.data"),
        [(1, 10, 4, NOON), (1, 20, 3, NOON + 60)],
    ),
    Shape("three columns of numbers without a header", _file("1,10,4\n1,20,3.5\n2,10,5\n"), UNTIMED),
    Shape(
        "columns by number without a header",
        _file("5;4;x;10;1\n5;3,5;y;20;1\n", columns={"user": "5", "movie": "4", "rating": "2"}),
        [(1, 10, 4, None), (1, 20, 3.5, None)],
    ),
    Shape(
        "columns that are said",
        _file("a,b,c\n4,1,10\n3.5,1,20\n5,2,10\n", columns={"user": "b", "movie": "c", "rating": "a"}),
        UNTIMED,
    ),
    Shape(
        "RecBole's `user_id:token`",
        _file("user_id:token\titem_id:token\trating:float\n1\t10\t4\n1\t20\t3.5\n2\t10\t5\n", "mine.inter"),
        UNTIMED,
    ),
    Shape("packed by gzip", _file(gzip.compress(PLAIN.encode()), "ratings.csv.gz"), ROWS),
    Shape("UTF-16", _file(PLAIN.encode("utf-16")), ROWS),
    Shape(
        "UTF-8 with a mark, line ends of Windows, blank lines",
        _file(("\ufeff" + PLAIN + "\n").replace("\n", "\r\n")),
        ROWS,
    ),
    Shape("line ends of old Macs", _file(PLAIN.replace("\n", "\r") + "\n"), ROWS),
    Shape(
        "blank lines, or Excel's `sep=;`, before the header",
        _file("\ufeff\n \nsep=;\n" + PLAIN.replace(",", ";")),
        ROWS,
    ),
    Shape("rows of a spreadsheet without anything", _file(PLAIN + ",,,\n , ,,\n   \n"), ROWS),
    Shape(
        "quotes that enclose no field",
        _file('user,movie,rating,note\n1,10,4,my 50" TV\n1,20,3.5,"a ""good"" one, or not"\n2,10,5,12" disc\n'),
        UNTIMED,
    ),
    Shape("names in brackets", _file("[user],[movie],[rating]\n1,10,4\n1,20,3.5\n2,10,5\n"), UNTIMED),
    Shape(
        "datetimes",
        _file(f"user,movie,rating,rated_at\n1,10,4,{NAIVE[0]}\n1,20,3.5,{NAIVE[1]}\n2,10,5,{NAIVE[2]}\n"),
        ROWS,
        says="time from rated_at",
    ),
    Shape(
        "datetimes with zones",
        _file(
            "user,movie,rating,time\n1,10,4,2026-11-29T12:00:00Z\n1,20,3.5,2026-11-29T14:01:00.000+02:00\n2,10,5,2026-11-30T04:00:00-0800\n"
        ),
        ROWS,
    ),
    Shape(
        "dates",
        _file("user,movie,rating,date\n1,10,4,2026-11-29\n1,20,3.5,2026-11-30\n"),
        [(1, 10, 4, NOON - DAY // 2), (1, 20, 3.5, NOON + DAY // 2)],
    ),
    Shape(
        "dates with the day first",
        _file("user,movie,rating,date\n1,10,4,29.11.2026\n1,20,3.5,30.11.2026 12:00\n"),
        [(1, 10, 4, NOON - DAY // 2), (1, 20, 3.5, NOON + DAY)],
    ),
    Shape(
        "dates with the month first",
        _file("user,movie,rating,date\n1,10,4,11/29/2026 12:00:00 PM\n1,20,3.5,1/2/2027 1:00 am\n"),
        [(1, 10, 4, NOON), (1, 20, 3.5, NOON + 34 * DAY - 11 * 3600)],
    ),
    Shape(
        "dates with months by name",
        _file(
            'user,movie,rating,date\n1,10,4,"Sun, 29 Nov 2026 12:00:00 GMT"\n1,20,3.5,29 November 2026 14:01 +02:00\n'
            "2,10,5,30-Nov-2026 12:00\n"
        ),
        ROWS,
    ),
    Shape(
        "dates as `20261129`",
        _file("user,movie,rating,date\n1,10,4,20261129\n1,20,3.5,20261130\n"),
        [(1, 10, 4, NOON - DAY // 2), (1, 20, 3.5, NOON + DAY // 2)],
    ),
    Shape(
        "days with the time as `20261129120000`",
        _file("user,movie,rating,date\n1,10,4,20261129120000\n1,20,3.5,20261129120100.0\n2,10,5,20261130120000\n"),
        ROWS,
    ),
    Shape("times as `1795953600.0`", _file(PLAIN.replace("00\n", "00.0\n").replace("60\n", "60.0\n")), ROWS),
    Shape("times in milliseconds", _file(PLAIN.replace("00\n", "00000\n").replace("60\n", "60000\n")), ROWS),
    Shape(
        "seconds and milliseconds in one column",
        _file("user,movie,rating,time\n1,10,4,1795953600\n1,20,3.5,1795953660000\n2,10,5,1796040000000000\n"),
        ROWS,
    ),
    Shape("no column of stars", _file("user,movie\n1,10\n1,20\n2,10\n"), WATCHED, says="every row counts as a like"),
    Shape(
        "a column that is no stars",
        _file("user,movie,rating\n1,10,1\n1,20,1\n2,10,1\n", columns={"rating": ""}),
        WATCHED,
    ),
    Shape(
        "1 to 10 stars", _file("user,movie,rating\n1,10,8\n1,20,3\n2,10,10\n"), TEN, says="stars 1 to 10 from rating"
    ),
    Shape(
        "0 to 100 points",
        _file("user,movie,score\n1,10,80\n1,20,0\n2,10,95\n"),
        [(1, 10, 80, None), (1, 20, 0, None), (2, 10, 95, None)],
        says="stars 0 to 100 from score",
    ),
    Shape(
        "a scale that is said",
        _file("user,movie,rating\n1,10,1\n1,20,0\n", scale=(0, 1)),
        [(1, 10, 1, None), (1, 20, 0, None)],
        says="stars 0 to 1",
    ),
    Shape(
        "ones without a scale",
        _file("user,movie,rating\n1,10,1\n2,10,1\n"),
        [(1, 10, 1, None), (2, 10, 1, None)],
        says="every rating is 1: give the data's own scale by --scale LOW:HIGH",
    ),
    Shape(
        "the same film rated twice",
        _file(PLAIN + "1,10,2.0,1795950000\n1,20,1.0,1795953661\n"),
        [(1, 10, 4, NOON), (1, 20, 1, NOON + 61), ROWS[2]],
        says="2 repeated ratings: the latest counts",
    ),
    Shape("Parquet with datetimes", _parquet(pl.DataFrame(COLUMNS)), ROWS),
    Shape("polars", _frame(lambda: pl.DataFrame(COLUMNS)), ROWS),
    Shape(
        "polars, lazy, with categories and small numbers",
        _frame(
            lambda: pl.LazyFrame(COLUMNS).with_columns(
                pl.col("user", "item").cast(pl.UInt8), pl.col("score").cast(pl.Float32)
            )
        ),
        ROWS,
    ),
    Shape("pandas", _frame(lambda: pd.DataFrame(COLUMNS)), ROWS),
    Shape(
        "pandas with zones, categories and nullable numbers",
        _frame(
            lambda: pd.DataFrame(
                {
                    **COLUMNS,
                    "user": pd.Categorical(["al", "al", "zoë"]),
                    "item": pd.array(["tt1", "tt2", "tt1"]),
                    "score": pd.array([4.0, 3.5, 5.0], dtype="Float64"),
                    "when": pd.to_datetime(MOMENTS).tz_convert("Europe/Berlin"),
                }
            )
        ),
        TEXTS,
    ),
    Shape(
        "pandas, columns by name",
        _frame(lambda: pd.DataFrame(COLUMNS).set_axis(list(NAMES.values()), axis=1), **NAMES),
        ROWS,
    ),
    Shape(
        "digits that are text in a frame",
        _frame(lambda: pl.DataFrame({"user": ["01", "1"], "movie": ["7", "7"], "rating": [4, 3]})),
        [("01", "7", 4, None), ("1", "7", 3, None)],
    ),
    Shape("pyarrow", _frame(lambda: pa.table(COLUMNS)), ROWS),
    Shape(
        "DuckDB",
        _frame(lambda: duckdb.from_arrow(pa.table(COLUMNS))),
        ROWS,
    ),
    Shape("anything with `__arrow_c_stream__`", _frame(lambda: OnlyArrow(pl.DataFrame(COLUMNS))), ROWS),
    Shape(
        "NumPy arrays by name",
        _frame(
            lambda: {
                "user": np.array([1, 1, 2]),
                "movie": np.array([10, 20, 10]),
                "rating": np.array([4, 3.5, 5], np.float32),
            }
        ),
        UNTIMED,
    ),
]

REFUSED = [
    Shape(
        "a missing rating",
        _file("user,movie,rating\n1,10,4\n1,20,\n"),
        refusal="ratings.csv line 3: rating is missing in '1,20,'",
    ),
    Shape(
        "NaN among the stars",
        _file("user,movie,rating\n1,10,4\n1,20,NaN\n"),
        refusal="ratings.csv line 3: rating is 'NaN', not a number of stars",
    ),
    Shape(
        "no column of users",
        _file("movie,rating\n10,4\n"),
        refusal="no column for the user among 'movie', 'rating'; say which with user=NAME",
    ),
    Shape(
        "two columns that could be the user",
        _file("user,user_id,movie,rating\n1,1,10,4\n"),
        refusal="the columns 'user', 'user_id' could all be the user; say which with user=user",
    ),
    Shape(
        "`rating` twice",
        _file("user,movie,rating,rating\n1,10,4,4\n"),
        refusal="the columns 'rating', 'rating' could all be the stars; rename all but one",
    ),
    Shape(
        "a typing error in `rating`",
        _file("user,movie,raitng\n1,10,4\n"),
        refusal="is 'raitng' the column of stars? If so, say rating=raitng",
    ),
    Shape(
        "text among numbers as ids",
        _file("user,movie,rating\n1,10,4\n2,10,4\nal,20,4\n"),
        refusal="line 4: user is 'al', not a whole number",
    ),
    Shape(
        "text without a header",
        _file("al,tt1,4\nzoë,tt2,3\n"),
        refusal="among 'al', 'tt1', '4'; say which with user=NAME,movie=NAME (on the command line --columns "
        "user=NAME,movie=NAME); without a header give them by number, such as user=1,movie=2,rating=3",
    ),
    Shape(
        "stars off the scale",
        _file("user,movie,rating\n" + "1,10,4\n2,10,3\n3,10,5\n4,10,4\n" + "5,10,44\n"),
        refusal="line 6: rating 44 lies outside 1 to 5 (for another scale add --scale LOW:HIGH",
    ),
    Shape(
        "a column of counts as stars",
        _file("user,movie,plays\n1,10,3\n1,20,512\n"),
        refusal="(LOW, HIGH) in Python; or --columns rating= if these are not stars) in '1,20,512'",
    ),
    Shape(
        "days that could be months",
        _file("user,movie,rating,date\n1,10,4,03/04/2026\n"),
        refusal="line 2: date is '03/04/2026', whose day and month may be swapped; write dates as 2026-11-29",
    ),
    Shape(
        "a day that there is not",
        _file("user,movie,rating,date\n1,10,4,20261130\n1,20,4,20261131\n"),
        refusal="line 3: date is '20261131', which is not a day; write days as 20261129",
    ),
    Shape(
        "negative ids",
        _file("user,movie,rating\n-1,10,4\n"),
        refusal="line 2: user -1 lies outside 0 to 9223372036854775807",
    ),
    Shape(
        "a spreadsheet",
        _file(b"PK\3\4...", "ratings.xlsx"),
        refusal="this is a zip archive or a spreadsheet; unpack it, or save it as CSV",
    ),
    Shape(
        "JSON",
        _file('[{"user": 1, "movie": 2}]', "ratings.json"),
        refusal="ratings.json: this is JSON; save it as CSV or Parquet, or read it as a frame",
    ),
    Shape(
        "NaN in a frame",
        _frame(lambda: pl.DataFrame(_with("score", [4.0, float("nan"), 5.0]))),
        refusal="frame row 2: score is 'nan', not a number of stars",
    ),
    Shape(
        "a missing value in a frame",
        _frame(lambda: pd.DataFrame(_with("item", ["a", None, "b"]))),
        refusal="frame row 2: item is missing",
    ),
    Shape(
        "infinity in a frame",
        _frame(lambda: pa.table(_with("score", [4.0, 5.0, float("inf")]))),
        refusal="frame row 3: score is 'inf', not a number of stars",
    ),
    Shape(
        "floats as ids that are not exact",
        _frame(lambda: pl.DataFrame(_with("user", [1.0, 9007199254740996.0, 2.0]))),
        refusal="frame: column user holds 9007199254740996 as a float, which is exact up to 9007199254740992 only",
    ),
    Shape(
        "numbers and text as ids of a frame",
        _frame(lambda: pd.DataFrame(_with("user", [1, "al", 2]))),
        refusal="frame: column user holds Python objects, but ids are whole numbers or strings",
    ),
    Shape(
        "true and false as stars",
        _frame(lambda: pl.DataFrame(_with("score", [True, False, True]))),
        refusal="frame: column score holds Boolean, but stars are numbers; to ignore the column say rating=",
    ),
]
