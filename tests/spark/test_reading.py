"""What Spark reads, and what it refuses, in the words of the local reader."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
import pytest

from reelwise.data.interactions import Interactions, RatingScale
from reelwise.data.readers.movielens import find_ratings, read_dataset
from reelwise.data.readers.tables import read_columns
from reelwise.errors import DataError
from reelwise.spark.reading.films import read_films
from reelwise.spark.reading.lines import read_lines
from reelwise.spark.streaming import collect
from reelwise.spark.tables import create_table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HEADER = "userId,movieId,rating,timestamp\n"


Rows = list[tuple[int, int, float]]


def read_on_spark(
    spark: "SparkSession", data: Path | str, scale: RatingScale | None = None
) -> tuple[RatingScale, Rows]:
    """What Spark reads: the scale, and user, movie and stars of each line, oldest first."""
    lines = read_lines(spark, str(data), scale)
    assert lines.count == lines.lines.count()
    return lines.scale, [tuple(row) for row in lines.lines.orderBy("order").drop("order").collect()]


def read_here(data: Path, scale: RatingScale | None = None) -> tuple[RatingScale, Rows]:
    """The same by the local reader."""
    columns = read_columns(find_ratings(data), scale)
    rows = list(zip(*(column.tolist() for column in (columns.user_ids, columns.movie_ids, columns.stars)), strict=True))
    if columns.times is None:
        return columns.scale, rows
    return columns.scale, [rows[line] for line in np.argsort(columns.times, kind="stable")]


DUPLICATES = "2,5,1.5,9\n1,2,3.0,4\n1,2,4.0,7\n1,2,5.0,7\n1,2,2.0,6\n2147483647,5,0.5,1\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ratings.csv", HEADER + DUPLICATES),
        ("ratings.csv", "rating,note,movieId,userId\n3.5,a,1,2\n4,b,1,3\n1,,1,2\n"),  # the last line wins
        ("ratings.csv", "\ufeff" + (HEADER + "1,2,3.5,4\n\n2,2,3,4").replace("\n", "\r\n")),
        ("ratings.dat", "1::2::3::4\n\n2::2::5::4\r\n"),
        ("ratings.csv", (HEADER + "1,2,3,4\n2,2,3,4\n").replace("\n", "\r")),
        ("ratings.csv", '"sep=;"\n\n' + (HEADER + "1,2,3,4\n,,,\n").replace(",", ";")),
        ("ratings.csv", HEADER + "1,2,9,1\n1,3,8,1\n1,4,2,1\n"),
        ("ratings.csv", HEADER + "1,2,90,1\n1,3,80,1\n1,4,2,1\n"),
        ("ratings.csv", "user|movie|stars|rated_at\n1|2|3|2026-11-29 10:00:00\n2|2|3|2026-11-28\n"),
        ("ratings.csv", "1,2,3.5,4\n2,2,3,4\n"),
    ],
)
def test_ratings_are_those_of_the_local_reader(spark: "SparkSession", tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    assert read_on_spark(spark, tmp_path) == read_here(tmp_path)


def test_of_repeated_ratings_the_latest_wins(spark: "SparkSession", tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(HEADER + DUPLICATES)
    table, expected = create_table(spark, read_lines(spark, str(tmp_path))), read_dataset(tmp_path).ratings
    rows, users = collect(table.ratings.orderBy("user", "movie")), collect(table.users.orderBy("user"))
    found = Interactions(rows["user"], rows["movie"], rows["stars"], (table.user_count, len(table.movies)), table.scale)
    np.testing.assert_equal(vars(found), vars(expected.interactions()))
    assert (table.movies, table.count) == (expected.movies, len(expected))
    np.testing.assert_array_equal(users["user_id"], expected.users.ids)
    np.testing.assert_array_equal(users["likes"], [1, 0, 0])


def fault_here(folder: Path) -> str:
    """What the local reader says of the ratings; Spark knows no numbers of lines, nor the words about Parquet files."""
    with pytest.raises(DataError) as refused:
        read_dataset(folder)
    return re.sub(r" line \d+: (?!no column|the columns)", ": ", str(refused.value)).partition(" (parquet: ")[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ratings.csv", f"{HEADER}7,7,3.5,1\n1,2,3,\0\n1,y,z,4\n"),
        ("ratings.csv", (HEADER + "1,2,3,").encode() + b"caf\xe9\n"),
        ("ratings.csv", "userId,rating,timestamp\n1,2,3\n"),
        ("ratings.csv", "userId,movieId,rating,rating\n1,2,3,4\n"),
        ("ratings.parquet", "hello"),
        ("ratings.csv", ""),
        ("ratings.csv", "PK\x03\x04"),
        ("ratings.csv", f"{HEADER}1,2,3,4\n1,3,44,4\n1,y,z,4\n"),
    ],
)
def test_what_the_local_reader_refuses_is_refused_in_its_words(
    spark: "SparkSession", tmp_path: Path, name: str, content: str | bytes
) -> None:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as there:
        read_lines(spark, str(tmp_path))
    assert str(there.value).startswith(fault_here(tmp_path))
    assert "\n" not in str(there.value)


@pytest.mark.parametrize(
    ("kind", "unit"), [(pl.UInt8, "ms"), (pl.Int32, "ms"), (pl.UInt32, "us"), (pl.Int64, "us"), (pl.UInt64, "ns")]
)
def test_parquet_with_times(
    spark: "SparkSession", tmp_path: Path, kind: type[pl.DataType], unit: Literal["ms", "us", "ns"]
) -> None:
    frame = pl.DataFrame({"userId": [1, 1, 2], "movieId": [3, 3, 4], "rating": [2.0, 4.0, 1.5], "timestamp": [9, 8, 7]})
    times = pl.from_epoch(pl.col("timestamp"), time_unit="ms").dt.cast_time_unit(unit)
    frame.with_columns(pl.col("userId").cast(kind), times).write_parquet(tmp_path / "ratings.parquet")
    assert read_on_spark(spark, tmp_path) == read_here(tmp_path)


def test_a_table(spark: "SparkSession", tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(HEADER + DUPLICATES)
    spark.read.csv(str(tmp_path), header=True, inferSchema=True).createOrReplaceTempView("given")
    assert read_on_spark(spark, "table:given") == read_here(tmp_path)


def test_the_digest_follows_from_the_ratings(spark: "SparkSession", tmp_path: Path, ratings_csv: Path) -> None:
    lines = [line for part in sorted(ratings_csv.iterdir()) for line in part.read_text().splitlines()[1:]]
    (tmp_path / "one.csv").write_text(HEADER + "\n".join(reversed(lines)))
    (tmp_path / "other.csv").write_text(HEADER + "\n".join(lines[1:]))
    parts, one, other = (
        read_lines(spark, str(data)) for data in (ratings_csv, tmp_path / "one.csv", tmp_path / "other.csv")
    )
    assert parts.digest == one.digest != other.digest


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "1,x,3.0,4",
            (
                "movieId is 'x', not a whole number in '1,x,3.0,4' (ids are whole numbers on Spark; number them, or "
                "train without --engine spark, where texts will do)"
            ),
        ),
        ("1,2,3.0", "3 fields instead of 4 in '1,2,3.0'"),
    ],
)
def test_a_bad_row_in_one_of_many_files_is_named(
    spark: "SparkSession", ratings_csv: Path, line: str, fault: str
) -> None:
    bad = ratings_csv / "part-7.csv"
    bad.write_text(f"{bad.read_text()}{line}\n1,y,z,4\n")
    with pytest.raises(DataError) as refused:
        read_lines(spark, str(ratings_csv.parent))
    assert str(refused.value).startswith(f"{bad}: {fault}")
    assert "\n" not in str(refused.value)


def test_what_is_not_there_or_no_rating_is_refused(spark: "SparkSession", tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        read_lines(spark, str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="there are no ratings here"):
        read_lines(spark, str(tmp_path))
    (tmp_path / "ratings.csv").write_text("userId,rating\n1,2\n")
    with pytest.raises(DataError, match=r"no column for the movie among 'userId', 'rating'"):
        read_lines(spark, str(tmp_path))
    (tmp_path / "ratings.csv").write_text("userId,movieId\n1,2\n")
    with pytest.raises(DataError, match="there is no column of stars, which training on Spark needs"):
        read_lines(spark, str(tmp_path))
    (tmp_path / "ratings.csv").write_text(HEADER)
    with pytest.raises(DataError, match="there are no ratings"):
        read_lines(spark, str(tmp_path))
    pl.DataFrame({"userId": ["a"], "movieId": [1], "rating": [1.0]}).write_parquet(tmp_path / "words.parquet")
    with pytest.raises(DataError, match="column userId holds text, but ids are whole numbers on Spark; number"):
        read_lines(spark, str(tmp_path / "words.parquet"))


def test_another_scale(spark: "SparkSession", tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(HEADER + "1,2,10,1\n2,2,1,1\n")
    assert read_on_spark(spark, tmp_path, RatingScale(1, 10)) == read_here(tmp_path, RatingScale(1, 10))


def test_films_are_read_by_the_local_reader(spark: "SparkSession", tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(HEADER + DUPLICATES)
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n2,Alien (1979),Horror|Sci-Fi\n")
    (tmp_path / "links.csv").write_text("movieId,imdbId,tmdbId\n2,0078748,348\n")
    for address, folder in ((tmp_path, None), (tmp_path / "ratings.csv", None), ("table:given", str(tmp_path))):
        (film,) = read_films(spark, str(address), folder)
        assert (film.title, film.tmdb_id) == ("Alien (1979)", 348)
    with pytest.raises(DataError, match="nowhere: there is no such file or folder"):
        read_films(spark, str(tmp_path), str(tmp_path / "nowhere"))
    assert len(read_films(spark, "table:given", None)) == 0


def test_films_are_beside_a_folder_of_parts(spark: "SparkSession", ratings_csv: Path) -> None:
    (ratings_csv.parent / "movies.csv").write_text("movieId,title,genres\n1,Alien (1979),Horror\n")
    for address in (ratings_csv, ratings_csv.parent):
        assert [film.title for film in read_films(spark, str(address), None)] == ["Alien (1979)"]


def test_what_was_read_is_described_and_named_as_by_the_local_reader(spark: "SparkSession", tmp_path: Path) -> None:
    file = tmp_path / "mine.CSV"
    file.write_text("who;Film;Score\n1;2;9\n1;3;8\n2;3;1\n")
    given = {"user": "who"}
    lines, expected = read_lines(spark, str(file), given=given), read_dataset(file, columns=given)
    assert lines.understood == expected.understood
    assert lines.name == expected.name == "mine.CSV"


def test_names_are_no_patterns(spark: "SparkSession", tmp_path: Path) -> None:
    for name, user in (("r*", 1), ("rx", 2), ("a[1]{b}?", 3), ("my %20 data", 4)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ratings.csv").write_text(f"userId,movieId,rating\n{user},2,3\n")
        assert read_on_spark(spark, tmp_path / name)[1] == [(user, 2, 3.0)]
    bad = tmp_path / "my %20 data" / "ratings.csv"
    bad.write_text("userId,movieId,rating\n1,2,x\n")
    with pytest.raises(DataError) as refused:
        read_lines(spark, str(bad))
    assert str(refused.value) == f"{bad}: rating is 'x', not a number of stars in '1,2,x'"


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"ratings.csv/a.csv": "", "ratings.csv/2020/b.csv": ""}, "2020 is a folder among the parts"),
        ({"movies.csv": "", "links.csv": ""}, "there are no ratings here"),
        ({"_ratings.csv/b.csv": "", "ratings.csv": "\x1f\x8b"}, "this is a gzip file, which Spark unpacks only where"),
        ({"ratings.csv.gz": HEADER}, "this is not a gzip file, although its name ends in .gz"),
    ],
)
def test_what_spark_would_leave_out_or_not_unpack_is_refused(
    spark: "SparkSession", tmp_path: Path, files: dict[str, str], fault: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(content.encode("latin-1"))
    with pytest.raises(DataError, match=re.escape(fault)):
        read_lines(spark, str(tmp_path))


def test_names_that_spark_cannot_read_are_refused(spark: "SparkSession", tmp_path: Path) -> None:
    for name in ("_ratings.csv", ".ratings.csv", "a:b.csv"):
        (tmp_path / name).write_text(HEADER + DUPLICATES)
        with pytest.raises(DataError, match="Spark cannot read a file of this name; rename it"):
            read_lines(spark, str(tmp_path / name))
    with pytest.raises(DataError, match="download it first"):
        read_lines(spark, "https://example.org/ratings.csv")


def test_parts_of_parquet_have_the_same_columns(spark: "SparkSession", tmp_path: Path) -> None:
    folder = tmp_path / "ratings.parquet"
    folder.mkdir()
    frame = pl.DataFrame({"user.id": [1, 2], "movie`id": [3, 3], "rating": [2.0, 4.0], "time": [9, 8]})
    frame.write_parquet(folder / "b.parquet")
    assert read_on_spark(spark, folder)[1] == [(2, 3, 4.0), (1, 3, 2.0)]
    frame.drop("time").write_parquet(folder / "a.parquet")
    with pytest.raises(DataError, match=r"a.parquet: time is missing in '1,3,2.0,'"):
        read_lines(spark, str(tmp_path))
    frame.with_columns(pl.col("user.id").cast(pl.Int32)).write_parquet(folder / "a.parquet")
    with pytest.raises(DataError, match=r"ratings.parquet: the parts have columns of different types"):
        read_lines(spark, str(tmp_path))
