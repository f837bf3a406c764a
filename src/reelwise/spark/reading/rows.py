"""Rows of ratings as Spark reads them, from text, Parquet files or a table, before the local reader parses them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reelwise.data.interactions import RatingScale
from reelwise.data.readers.columns import ColumnNames, Role, find_columns
from reelwise.data.readers.faults import naming
from reelwise.data.readers.layout import Layout, find_layout
from reelwise.data.readers.opening import find_first_line
from reelwise.errors import DataError
from reelwise.spark.files import SparkFiles, as_pattern
from reelwise.spark.reading.locating import RatingFiles, locate
from reelwise.spark.reading.parsing import CONTENT, SCHEMA, Parser
from reelwise.spark.session import find_cause
from reelwise.spark.streaming import Batches, map_batches

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

TABLE = "table:"


@dataclass(frozen=True)
class RatingRows:
    """Rows of ratings.

    Attributes:
        frame: lines, or columns by role; and the file that each is from, and where the part of that file starts.
        address: where they are from, as people write it.
        names: the names of the columns by role.
        layout: how lines are written; None where there are columns.
    """

    frame: "DataFrame"
    address: str
    names: Mapping[Role, str]
    layout: Layout | None = None

    def parse(self, scale: RatingScale, is_scale_said: bool) -> "DataFrame":
        """The rows as ratings, on that scale, or as faults; see `SCHEMA`. And their position in the part of a file."""
        from pyspark.sql import functions as F

        parser = Parser(self.names, self.layout, scale, is_scale_said)

        def parse(batches: Batches) -> Batches:
            os.environ.setdefault("POLARS_MAX_THREADS", "1")  # there is a process for each core
            return parser.parse(batches)

        parsed = map_batches(self.frame, parse, SCHEMA)
        return parsed.withColumn("position", F.monotonically_increasing_id())


def read_rows(spark: "SparkSession", data: str, given: ColumnNames | None) -> RatingRows:
    """The rows of ratings at `data`; see `read_lines`.

    Raises:
        DataError: Raised when there is nothing that could be ratings.
    """
    from pyspark.sql import functions as F

    if data.startswith(TABLE):
        return _take_columns(spark.table(data.removeprefix(TABLE)), data, given, F.lit(data), F.lit(0))
    located = locate(SparkFiles(spark), data)
    if located.is_parquet:
        return _take_columns(_read_parquet(spark, located), located.address, given, *_place())
    return _read_text(spark, located, given)


def _read_parquet(spark: "SparkSession", located: RatingFiles) -> "DataFrame":
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:  # all footers, so that what a part lacks is missing there, rather than ignored everywhere
        return spark.read.option("mergeSchema", True).parquet(as_pattern(located.path))
    except (Py4JError, PySparkException) as error:
        if "CANNOT_MERGE" in str(error):
            raise DataError(
                f"{located.address}: the parts have columns of different types; write them anew with the same types"
            ) from None
        raise DataError(f"{located.address}: this Parquet file cannot be read ({find_cause(error)})") from None


def _place() -> "tuple[Column, Column]":
    from pyspark.sql import functions as F

    return F.col("_metadata.file_path"), F.col("_metadata.file_block_start")


def _read_text(spark: "SparkSession", located: RatingFiles, given: ColumnNames | None) -> RatingRows:
    """The lines of text files, without what stands before the first rating; all files begin with the same header."""
    from pyspark.sql import functions as F

    head, end = located.head, "\n"
    if b"\r" in head.strip(b"\r\n") and b"\n" not in head.strip(b"\r\n"):  # the line ends of old Macs
        head, end = head.replace(b"\r", b"\n"), "\r"
    with naming(located.address):
        skipped, first = find_first_line(head)
        layout = find_layout(first, given, skipped + 1)
    before = [line.decode().strip("\r\ufeff") for line in head.split(b"\n", skipped)[:skipped]]
    content = F.rtrim("value", F.lit("\r"))
    frame = spark.read.text(as_pattern(located.path), lineSep=end).select(content.alias(CONTENT), *_named(*_place()))
    frame = frame.where(~F.col(CONTENT).isin("", *before, *([first] if layout.has_header else [])))
    names = {role: layout.names[place] for role, place in layout.positions.items()}
    return RatingRows(frame, located.address, names, layout._replace(has_header=False))


def _take_columns(frame: "DataFrame", address: str, given: ColumnNames | None, *place: "Column") -> RatingRows:
    """The columns of Parquet files or a table that are roles."""
    from pyspark.sql import functions as F

    with naming(address):
        found = find_columns(frame.columns, given)
    names = {role: frame.columns[position] for role, position in found.items()}
    columns = [F.col("`" + name.replace("`", "``") + "`").alias(role) for role, name in names.items()]
    return RatingRows(frame.select(*columns, *_named(*place)), address, names)


def _named(file: "Column", start: "Column") -> "list[Column]":
    return [file.alias("file"), start.cast("bigint").alias("start")]
