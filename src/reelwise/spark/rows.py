"""Rows of ratings, from text, Parquet files or a table, not yet checked, all in the same form."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.data.readers.lines import COLUMNS, NEEDED, NUMBER, WHOLE, split_header
from reelwise.data.readers.movielens import RATINGS_FILES
from reelwise.errors import DataError
from reelwise.spark.files import Files, format_address
from reelwise.spark.session import find_cause

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

TABLE = "table:"
_SEPARATORS = {".csv": ",", ".dat": "::", ".data": "\t"}
_KINDS = {"userId": "bigint", "movieId": "bigint", "rating": "double", "timestamp": "bigint"}
_UNSIGNED = "decimal(20,0)"  # how Spark reads Parquet's unsigned 64 bits
_RAW = "raw"


@dataclass(frozen=True)
class RatingRows:
    """Rows of ratings.

    Attributes:
        frame: columns userId, movieId, rating and, if there is one, timestamp, as numbers, missing where a value is
            none; content, the row as text; is_split and is_text, whether it has the right number of fields, and is
            UTF-8; and its place: file, start and position, ascending in the order of a file.
        address: where they are from, as people write it.
        names: of the fields of `content`.
        separator: what stands between these.
    """

    frame: "DataFrame"
    address: str
    names: list[str]
    separator: str


def read_rows(spark: "SparkSession", data: str) -> RatingRows:
    """The rows of ratings at `data`; see `read_lines`.

    Raises:
        DataError: Raised when there is nothing that could be ratings.
    """
    from pyspark.sql import functions as F

    if data.startswith(TABLE):
        frame = spark.table(data.removeprefix(TABLE))
        return _read_columns(frame, data, F.lit(data).alias("file"), F.lit(0).alias("start"))
    path, kind = _locate(Files(spark), data)
    if kind == ".parquet":
        return _read_columns(_read_parquet(spark, path), format_address(path), *_place())
    return _read_text(spark, path, _SEPARATORS[kind])


def _locate(files: Files, data: str) -> tuple[str, str]:
    """The address of the ratings, a file or a folder of parts, and the suffix that says what they are."""
    if not files.exists(data):
        raise DataError(f"{data}: there is no such file or folder")
    path, kind = files.full(data), Path(data).suffix
    if files.is_folder(data):
        names = files.names(data)
        inside = next((name for name in RATINGS_FILES if name in names), None)
        if inside:
            path, kind = f"{path}/{inside}", Path(inside).suffix
        else:  # a folder of parts, as Spark writes them
            kinds = {Path(name).suffix for name in names if not name.startswith(("_", "."))}
            kind = kinds.pop() if len(kinds) == 1 else ""
    if kind not in (*_SEPARATORS, ".parquet"):
        raise DataError(
            f"{data}: there are no ratings here, neither {', '.join(RATINGS_FILES)} nor parts that are CSV or Parquet"
        )
    return path, kind


def _read_parquet(spark: "SparkSession", path: str) -> "DataFrame":
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        return spark.read.parquet(path)
    except (Py4JError, PySparkException) as error:
        raise DataError(f"{format_address(path)}: this Parquet file cannot be read ({find_cause(error)})") from None


def _place() -> "tuple[Column, Column]":
    from pyspark.sql import functions as F

    return F.col("_metadata.file_path").alias("file"), F.col("_metadata.file_block_start").alias("start")


def _read_text(spark: "SparkSession", path: str, separator: str) -> RatingRows:
    """The lines of text files; those of CSV files begin with a header, the same in all of them."""
    from pyspark.sql import functions as F

    lines = spark.read.text(path, lineSep="\n")
    header, names = "", list(COLUMNS)
    if separator == ",":
        first = lines.first()
        header = first["value"].rstrip("\r") if first else ""
        names = split_header(format_address(path), header)
    columns = [*(str(position) for position in range(len(names))), _RAW]
    options = {
        "sep": separator,
        "quote": '"' if separator == "," else "",
        "escape": '"',
        "columnNameOfCorruptRecord": _RAW,
    }
    fields = F.from_csv("content", ", ".join(f"`{column}` string" for column in columns), options)
    frame = (
        lines.select(F.rtrim("value", F.lit("\r")).alias("content"), *_place())
        .where(~F.col("content").isin("", header))
        .withColumn("fields", fields)
        .select(
            *(_parse(F.col("fields")[str(names.index(name))], name).alias(name) for name in COLUMNS if name in names),
            F.isnull(F.col("fields")[_RAW]).alias("is_split"),
            (F.is_valid_utf8("content") & ~F.contains("content", F.lit("\0"))).alias("is_text"),
            *("content", "file", "start", F.monotonically_increasing_id().alias("position")),
        )
    )
    return RatingRows(frame, format_address(path), names, separator)


def _parse(field: "Column", name: str) -> "Column":
    """A field as a number, if it is written as the local reader wants it."""
    from pyspark.sql import functions as F

    pattern = NUMBER if name == "rating" else WHOLE
    return F.when(field.rlike(rf"\A{pattern}\z"), field.try_cast(_KINDS[name]))


def _read_columns(frame: "DataFrame", address: str, *place: "Column") -> RatingRows:
    """The rows of a Parquet file or a table."""
    from pyspark.sql import functions as F

    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise DataError(f"{address}: no column {' or '.join(missing)} among {', '.join(frame.columns)}")
    names = [name for name in COLUMNS if name in frame.columns]
    kinds = dict(frame.dtypes)
    numbers = frame.select(*(_to_number(address, name, kinds[name]).alias(name) for name in names), *place)
    texts = [F.coalesce(F.col(name).cast("string"), F.lit("")) for name in names]
    rows = numbers.select(
        "*", F.lit(True).alias("is_split"), F.lit(True).alias("is_text"), F.concat_ws(",", *texts).alias("content"),
        F.monotonically_increasing_id().alias("position"),
    )  # fmt: skip
    return RatingRows(rows, address, names, ",")


def _to_number(address: str, name: str, kind: str) -> "Column":
    """A column that holds values of this kind as whole numbers or stars."""
    from pyspark.sql import functions as F

    if name == "timestamp" and kind.startswith(("timestamp", "date")):
        return F.unix_micros(F.col(name).cast("timestamp"))
    is_whole = kind in ("tinyint", "smallint", "int", "bigint", _UNSIGNED)
    if is_whole or (name == "rating" and kind.startswith(("float", "double", "decimal"))):
        return F.col(name).try_cast(_KINDS[name])
    raise DataError(f"{address}: column {name} holds {kind}, but numbers belong there")
