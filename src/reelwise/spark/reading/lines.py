"""Ratings from wherever Spark can read, read by the local reader's own functions on the executors."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np

from reelwise.data.interactions import MOVIELENS_SCALE, RatingScale
from reelwise.data.published import is_movielens
from reelwise.data.readers.assembling import describe
from reelwise.data.readers.checking import Columns
from reelwise.data.readers.columns import ColumnNames
from reelwise.data.readers.faults import Fault, naming
from reelwise.data.readers.movielens import name_data
from reelwise.data.readers.scales import choose_scale
from reelwise.errors import DataError, in_one_line
from reelwise.spark.files import format_address
from reelwise.spark.reading.rows import TABLE, RatingRows, read_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ANY_SCALE = RatingScale(float("-inf"), float("inf"))


@dataclass(frozen=True)
class RatingLines:
    """Ratings that were checked, one row for each line.

    Attributes:
        name: what to call the data set.
        lines: columns userId, movieId, rating, and `order`, by which the latest of two lines is the greater.
        count: how many there are.
        scale: the scale that the stars are on.
        movielens: whether they are one of GroupLens' MovieLens data sets.
        digest: 64 hexadecimal digits that follow from the ratings, in whatever order and files they are.
        understood: what columns and stars were taken for, in one line.
    """

    name: str
    lines: "DataFrame"
    count: int
    scale: RatingScale
    movielens: bool
    digest: str
    understood: str


def read_lines(
    spark: "SparkSession", data: str, scale: RatingScale | None = None, given: ColumnNames | None = None
) -> RatingLines:
    """Read the ratings at `data` once, and check them.

    Args:
        spark: the session.
        data: a folder in MovieLens' layout, a file of ratings, a folder of such files, or `table:NAME`; a path, or an
            address such as `s3a://bucket/folder`.
        scale: the scale the stars must lie on; by default that which they look like.
        given: columns by role; the others are found by their names.

    Raises:
        DataError: Raised when there is nothing to read, there are no stars, or a row is not a rating; it names file and
            content of the first such row.
    """
    from pyspark.sql import functions as F

    rows, is_scale_said = read_rows(spark, data, given), scale is not None
    if "rating" not in rows.names:
        raise DataError(f"{rows.address}: there is no column of stars, which training on Spark needs; train without it")
    lines = rows.parse(scale or _ANY_SCALE, is_scale_said)
    found = _summarise(lines)
    scale = scale or _find_scale(found)
    if found["has_fault"] or (found["count"] and not scale.low <= found["low"] <= found["high"] <= scale.high):
        _raise_first_fault(rows.parse(scale, is_scale_said))
    if found["count"] == 0:
        raise DataError(f"{rows.address}: there are no ratings here")
    if "time" in rows.names and found["days"] not in (0, found["count"]):
        raise DataError(
            f"{rows.address}: some times are days such as 20261129, and others are seconds since 1970; write all alike"
        )
    order = ["timestamp"] if "time" in rows.names else []
    return RatingLines(
        name=name_data(Path(rows.address)) if not data.startswith(TABLE) else in_one_line(data.removeprefix(TABLE)),
        lines=lines.select("userId", "movieId", "rating", F.struct(*order, "file", "start", "position").alias("order")),
        count=found["count"],
        scale=scale,
        movielens=is_movielens(Path(data)),
        digest=hashlib.sha256(f"{found['count']} {found['sum']} {found['xor']}".encode()).hexdigest(),
        understood=_describe(rows, found, scale, is_scale_said),
    )


def _describe(rows: RatingRows, found: Any, scale: RatingScale, is_scale_said: bool) -> str:
    """What the columns were taken for, in the local reader's words, for which the extremes of the stars will do."""
    ids, stars = np.empty(0, np.int64), np.array([found["low"], found["high"]], np.float32)[: found["count"]]
    return describe(Columns(ids, ids, stars, None, scale, is_scale_said, False, rows.names), 0)


def _summarise(lines: "DataFrame") -> Any:
    """Summarise all lines in one pass."""
    from pyspark.sql import functions as F

    stars, hashed = F.col("rating"), F.xxhash64("userId", "movieId", "rating", "timestamp")
    return lines.agg(
        F.count("rating").alias("count"),
        F.bool_or(F.isnotnull("fault")).alias("has_fault"),
        F.count_if("are_days").alias("days"),
        F.min(stars).alias("low"),
        F.max(stars).alias("high"),
        F.bool_and(stars == F.rint(stars)).alias("are_whole"),
        *(F.count_if(stars > above).alias(f"above {above:g}") for above in (5.0, 10.0)),
        F.sum(hashed.cast("decimal(20,0)")).alias("sum"),
        F.bit_xor(hashed).alias("xor"),
    ).first()


def _find_scale(found: Any) -> RatingScale:
    """The scale that stars look like, given what is known of all lines."""
    if found["count"] == 0:
        return MOVIELENS_SCALE
    low, high, are_whole = found["low"], found["high"], found["are_whole"]
    return choose_scale(low, high, are_whole, lambda above: found[f"above {above:g}"] / found["count"])


def _raise_first_fault(lines: "DataFrame") -> None:
    """Raise the first fault, in the order of files, if there is any."""
    from pyspark.sql import functions as F

    place = F.when(F.isnotnull("fault"), F.struct("file", "start", "position", "fault"))
    found: Any = lines.agg(F.min(place).alias("first")).first()
    if found["first"] is not None:
        with naming(format_address(unquote(found["first"]["file"]))):
            raise Fault(found["first"]["fault"])
