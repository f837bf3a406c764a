"""Every fault in a ratings file is one line that names the file, the line and what stands there."""

import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reelwise.data.interactions import RatingScale
from reelwise.data.readers.opening import without_panic
from reelwise.data.readers.tables import read_columns
from reelwise.errors import DataError

HEADER = b"userId,movieId,rating,timestamp\n"


def fault(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_columns(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(str(path)).strip()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ": the file is empty"),
        (HEADER, ": there are no ratings here"),
        (HEADER + b"\n\n", ": there are no ratings here"),
        (b"userId,rating,timestamp\n1,2,3\n", "line 1: no column for the movie among 'userId', 'rating', 'timestamp'"),
        (
            b"a;b;c\nx;y;3\n",
            "line 1: no column for the user and the movie among 'a', 'b', 'c'; say which with user=NAME",
        ),
        (HEADER + b"1,2,3.0,4\n1,x,3.0,4\n", "line 3: movieId is 'x', not a whole number in '1,x,3.0,4'"),
        (HEADER + b"1,2.5,3.0,4\n", "line 2: movieId is '2.5', not a whole number"),
        (HEADER + b"1,2,good,4\n", "line 2: rating is 'good', not a number of stars"),
        (HEADER + b"1,2,NaN,4\n", "line 2: rating is 'NaN', not a number of stars"),
        (HEADER + b"1,2,inf,4\n", "line 2: rating is 'inf', not a number of stars"),
        (HEADER + b"1,2,5.5,4\n", "line 2: rating 5.5 lies outside 0.5 to 5 (for another scale add --scale LOW:HIGH"),
        (HEADER + b"1,2,0,4\n", "line 2: rating 0 lies outside 0.5 to 5"),
        (HEADER + b"1,2,4.5,4\n\n-1,2,3.0,4\n", "line 4: userId -1 lies outside 0 to 9223372036854775807"),
        (HEADER + b"1,9223372036854775808,3.0,4\n", "line 2: movieId 9223372036854775808 lies outside"),
        (HEADER + b"1,99999999999999999999,3.0,4\n", "line 2: movieId 99999999999999999999 lies outside"),
        (HEADER + b"1,2,1e300,4\n", "line 2: rating 1e300 lies outside 1 to 5"),
        (HEADER + b"1,2,5.00000001,4\n", "line 2: rating 5.00000001 lies outside 0.5 to 5"),
        (HEADER + b"1,2,6,4\n1,x,3.0,4\n", "line 2: rating 6 lies outside 1 to 5"),
        (HEADER + "1,5,3,4\n1,\u0662,3,4\n".encode(), "line 3: movieId is '\u0662', not a whole number"),
        (HEADER + b"1,2,3\r4,5,6\n", "line 2: 5 fields instead of 4"),
        (HEADER + b"1,2,6,4\n1,-7,3.0,4\n", "line 2: rating 6 lies outside 1 to 5"),
        (HEADER + b"1,2,6,4\n1,,3.0,4\n", "line 2: rating 6 lies outside 1 to 5"),
        (HEADER + b"1,2,3.0,yesterday\n", "line 2: timestamp is 'yesterday', not a time"),
        (HEADER + b"1,2,3.0,99999999999999999999\n", "line 2: timestamp 99999999999999999999 is too large"),
        (
            HEADER + b"1," + b"7" * 5000 + b",3.0,4\n",
            f"line 2: movieId {57 * '7'}... lies outside 0 to 9223372036854775807",
        ),
        (HEADER + b"1,2,3.0,4\n1,3,3.", "line 3: 3 fields instead of 4 in '1,3,3.'"),
        (HEADER + b"1,2,3.0,4,5\n", "line 2: 5 fields instead of 4"),
        (HEADER + b"1,,3.0,4\n", "line 2: movieId is missing"),
        (HEADER + b",,,\n", ": there are no ratings here"),
        (HEADER.decode().encode("utf-16-le"), "line 1: this is not UTF-8 text"),
        (HEADER + b'1,2,3.0,"' + b"4" * 200_000 + b'"\n', "line 2: field larger than field limit"),
        (HEADER + b'1,2,3.0,"4\n1,2,3.0,5\n', "line 2: a quoted field never ends in '1,2,3.0,\"4'"),
        (HEADER + b'1,2,3.0,"', "line 2: a quoted field never ends in '1,2,3.0,\"'"),
        (HEADER + b'1,2,3.0,4\n1,2,"', "line 3: a quoted field never ends in '1,2,\"'"),
        (HEADER + b'1,2,3.0,4\n"', "line 3: a quoted field never ends in '\"'"),
        (HEADER[:-1] + b",note\n1,2,x,4,caf\xe9\n", "line 2: this is not UTF-8 text"),
    ],
)
def test_faults_of_csv(tmp_path: Path, content: bytes, message: str) -> None:
    assert message in fault(tmp_path / "ratings.csv", content)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ratings.dat", b"1::2::3::4\n1::2::3\n", "line 2: 3 fields instead of 4 in '1::2::3'"),
        ("ratings.dat", b"1::2::3::4\n1::2::x::4\n", "line 2: rating is 'x'"),
        ("ratings.dat", b"1::2::3::4\n1::2::6::4\n", "line 2: rating 6 lies outside 1 to 5"),
        ("ratings.dat", b"1:2:3:4\n", "line 1: no column for the user and the movie among '1:2:3:4'"),
        ("u.data", b"1\t2\t3\t4\n1\t2\t3\n", "line 2: 3 fields instead of 4"),
        ("u.data", b"1\t2\tmany\t4\n", "line 1: rating is 'many'"),
        ("ratings.parquet", b"PAR1 and no more", "this Parquet file cannot be read"),
        ("ratings.xlsx", b"PK\3\4?", "this is a zip archive or a spreadsheet; unpack it, or save it as CSV"),
    ],
)
def test_faults_of_other_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    assert message in fault(tmp_path / name, content)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"movieId": [2], "rating": [1.0]}, ": no column for the user among 'movieId', 'rating'"),
        ({"userId": [[1]], "movieId": [2], "rating": [3.0]}, ": column userId holds List(Int64), but ids are whole"),
        ({"userId": [1], "movieId": [2], "rating": [True]}, ": column rating holds Boolean, but stars are numbers"),
        ({"userId": [1.5], "movieId": [2], "rating": [3.0]}, "row 1: userId is '1.5', not a whole number"),
        ({"userId": [1, 1], "movieId": [2, None], "rating": [3.0, 4.0]}, "row 2: movieId is missing in '1,,4.0'"),
        ({"userId": [1], "movieId": [2], "rating": [float("nan")]}, "row 1: rating is 'nan', not a number of stars"),
        ({"userId": [1], "movieId": [-2], "rating": [3.0]}, "row 1: movieId -2 lies outside"),
        (
            {"userId": [1], "movieId": pl.Series([2**63], dtype=pl.UInt64), "rating": [3.0]},
            "row 1: movieId 9223372036854775808 lies outside",
        ),
    ],
)
def test_faults_of_parquet(tmp_path: Path, columns: dict[str, Any], message: str) -> None:
    path = tmp_path / "ratings.parquet"
    pl.DataFrame(columns).write_parquet(path)
    assert message in fault(path, path.read_bytes())


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_last_line_may_be_quoted(tmp_path: Path, end: bytes) -> None:
    (tmp_path / "ratings.csv").write_bytes(HEADER + b'1,2,3.0,4\n"7","8","3.5","9"' + end)
    assert read_columns(tmp_path / "ratings.csv").stars.tolist() == [3, 3.5]


def test_what_polars_did_not_foresee_ends_as_its_other_errors_do() -> None:
    with pytest.raises(pl.exceptions.PolarsError, match=r"^out of range$"), without_panic():
        raise pl.exceptions.PanicException("out of range\nstack backtrace")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        read_columns(tmp_path / "ratings.csv")


def test_more_columns_in_another_order_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(b'note,rating,movieId,userId\n"a, b",4.5,20,1\n,3,10,2\n')
    columns = read_columns(path)
    assert columns.user_ids.tolist() == [1, 2]
    assert columns.movie_ids.tolist() == [20, 10]
    assert columns.stars.tolist() == [4.5, 3]
    assert columns.times is None


def test_a_byte_order_mark_and_blank_lines_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(b"\xef\xbb\xbf" + HEADER + b"1,2,3.5,4\r\n\r\n5,6,1,8\r\n\n")
    assert read_columns(path).user_ids.tolist() == [1, 5]


def test_dates_of_parquet_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "ratings.parquet"
    times = ["1970-01-02T00:00:00.0", "1970-01-02T00:00:00.5"]
    frame = pl.DataFrame({"userId": [1, 1], "movieId": [2, 2], "rating": [3, 4], "timestamp": times})
    frame.with_columns(pl.col("timestamp").str.to_datetime()).write_parquet(path)
    timestamps = read_columns(path).times
    assert timestamps is not None
    assert timestamps.tolist() == [86_400_000_000, 86_400_500_000]


def test_decimals_are_ids_to_the_last_digit(tmp_path: Path) -> None:
    path, ids = tmp_path / "ratings.parquet", [9007199254740993, 9007199254740997]
    frame = pl.DataFrame({"userId": ids, "movieId": [1, 1], "rating": [4, 5]})
    frame.with_columns(pl.col("userId").cast(pl.Decimal(38, 0))).write_parquet(path)
    assert read_columns(path).user_ids.tolist() == ids


def test_another_scale_can_be_told(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(HEADER + b"1,2,9,4\n")
    assert read_columns(path, RatingScale(0, 10)).stars.tolist() == [9]
    with pytest.raises(DataError, match="line 2: rating 9 lies outside 0 to 8"):
        read_columns(path, RatingScale(0, 8))


def test_the_ends_of_a_scale_belong_to_it(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(HEADER + b"1,2,0.1,4\n1,3,0.7,4\n2147483647,2147483647,0.3,4\n")
    columns = read_columns(path, RatingScale(0.1, 0.7))
    assert columns.stars.tolist() == pytest.approx([0.1, 0.7, 0.3])
    assert columns.user_ids.tolist() == [1, 1, 2147483647]


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(b"userId,movieId,rating\n" + b"1,1,5\n" * 1_000_000, 9)
    assert "unpacked it is more than 100 times as large" in fault(tmp_path / "ratings.csv.gz", bomb)
