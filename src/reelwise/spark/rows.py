"""Rows of ratings, from text, Parquet files or a table, not yet checked, all in the same form."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.data.readers.columns import NEEDED, ROLES, ColumnNames, Role, find_columns
from reelwise.data.readers.faults import Fault, naming
from reelwise.data.readers.layout import Layout, find_layout
from reelwise.data.readers.lines import COLUMNS, NUMBER, WHOLE, ZEROS
from reelwise.data.readers.movielens import RATINGS_FILES
from reelwise.errors import DataError
from reelwise.spark.files import SparkFiles, format_address
from reelwise.spark.session import find_cause

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

TABLE = "table:"
COLUMN_OF: dict[Role, str] = dict(zip(ROLES, COLUMNS, strict=True))
"""What the column of each role is called on Spark."""

NUMBERS_ALONE = "ids are whole numbers on Spark; number them, or train without --engine spark, where texts will do"
_NO_NUMBERS = "numbers belong there"
_TEXT = (".csv", ".tsv", ".txt", ".dat", ".data", ".gz")
_KINDS: dict[Role, str] = {"user": "bigint", "movie": "bigint", "rating": "double", "time": "bigint"}
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
        layout: how `content` is written.
    """

    frame: "DataFrame"
    address: str
    layout: Layout

    @property
    def roles(self) -> list[Role]:
        """The roles that have a column."""
        return [role for role in ROLES if role in self.layout.positions]


def read_rows(spark: "SparkSession", data: str, given: ColumnNames | None = None) -> RatingRows:
    """The rows of ratings at `data`; see `read_lines`.

    Raises:
        DataError: Raised when there is nothing that could be ratings.
    """
    from pyspark.sql import functions as F

    if data.startswith(TABLE):
        frame = spark.table(data.removeprefix(TABLE))
        return _read_columns(frame, data, given, F.lit(data).alias("file"), F.lit(0).alias("start"))
    path, kind = _locate(SparkFiles(spark), data)
    if kind == ".parquet":
        return _read_columns(_read_parquet(spark, path), format_address(path), given, *_place())
    return _read_text(spark, path, given)


def _locate(files: SparkFiles, data: str) -> tuple[str, str]:
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
    if kind not in (*_TEXT, ".parquet"):
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


def _read_text(spark: "SparkSession", path: str, given: ColumnNames | None) -> RatingRows:
    """The lines of text files; where there is a header, all of them begin with the same."""
    from pyspark.sql import functions as F

    lines = spark.read.text(path, lineSep="\n")
    first = lines.first()
    header = first["value"].rstrip("\r") if first else ""
    if "\r" in header:  # the line ends of old Macs
        lines, header = spark.read.text(path, lineSep="\r"), header.partition("\r")[0]
    with naming(format_address(path)):
        layout = find_layout(header, given)
    columns = [*(str(position) for position in range(len(layout.names))), _RAW]
    options = {
        "sep": layout.separator,
        "quote": '"' if len(layout.separator) == 1 else "",
        "escape": '"',
        "columnNameOfCorruptRecord": _RAW,
    }
    fields = F.from_csv("content", ", ".join(f"`{column}` string" for column in columns), options)
    frame = (
        lines.select(F.rtrim("value", F.lit("\r")).alias("content"), *_place())
        .where(~F.col("content").isin("", *([header] if layout.has_header else [])))
        .withColumn("fields", fields)
        .select(
            *(
                _parse(F.col("fields")[str(place)], role).alias(COLUMN_OF[role])
                for role, place in layout.positions.items()
            ),
            F.isnull(F.col("fields")[_RAW]).alias("is_split"),
            (F.is_valid_utf8("content") & ~F.contains("content", F.lit("\0"))).alias("is_text"),
            *("content", "file", "start", F.monotonically_increasing_id().alias("position")),
        )
    )
    return RatingRows(frame, format_address(path), layout)


def _parse(field: "Column", role: Role) -> "Column":
    """A field as a number, if it is written as the local reader wants it."""
    from pyspark.sql import functions as F

    text = F.trim(field)
    decimal = F.replace(text, F.lit(","), F.lit(".")).try_cast("double")
    number = F.when(text.rlike(rf"\A{NUMBER}\z"), decimal)
    if role == "rating":
        return number
    whole = F.when(text.rlike(rf"\A{WHOLE}\z"), text.try_cast("bigint"))
    if role == "time":
        return F.coalesce(whole, number.cast("bigint"), F.unix_micros(F.try_to_timestamp(text)))
    id_text = F.regexp_replace(text, rf"{ZEROS}\z", "")
    return F.when(id_text.rlike(rf"\A{WHOLE}\z"), id_text.try_cast("bigint"))


def _read_columns(frame: "DataFrame", address: str, given: ColumnNames | None, *place: "Column") -> RatingRows:
    """The rows of a Parquet file or a table."""
    from pyspark.sql import functions as F

    kinds = dict(frame.dtypes)
    with naming(address):
        found = find_columns(frame.columns, given)
        names = {role: frame.columns[position] for role, position in found.items()}
        columns = [_to_number(name, role, kinds[name]).alias(COLUMN_OF[role]) for role, name in names.items()]
    numbers = frame.select(*columns, *place)
    texts = [F.coalesce(F.col(COLUMN_OF[role]).cast("string"), F.lit("")) for role in names]
    rows = numbers.select(
        "*", F.lit(True).alias("is_split"), F.lit(True).alias("is_text"), F.concat_ws(",", *texts).alias("content"),
        F.monotonically_increasing_id().alias("position"),
    )  # fmt: skip
    return RatingRows(rows, address, Layout(",", False, [*names.values()], {role: at for at, role in enumerate(names)}))


def _to_number(name: str, role: Role, kind: str) -> "Column":
    """A column that holds values of this kind as whole numbers or stars."""
    from pyspark.sql import functions as F

    if role == "time" and kind.startswith(("timestamp", "date")):
        return F.unix_micros(F.col(name).cast("timestamp"))
    is_whole = kind in ("tinyint", "smallint", "int", "bigint", _UNSIGNED)
    if is_whole or (role == "rating" and kind.startswith(("float", "double", "decimal"))):
        return F.col(name).try_cast(_KINDS[role])
    raise Fault(f"column {name} holds {kind}, but {NUMBERS_ALONE if role in NEEDED else _NO_NUMBERS}")
