"""Ratings from wherever Spark can read, checked by the rules of the local reader."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reelwise.data.catalogue import Catalogue
from reelwise.data.interactions import MOVIELENS_SCALE, RatingScale
from reelwise.data.published import is_movielens
from reelwise.data.readers.columns import ColumnNames
from reelwise.data.readers.faults import Fault, naming
from reelwise.data.readers.films import MOVIES_FILES, read_movies
from reelwise.data.readers.lines import NOT_TEXT, Rules, find_fault, quote, split_fields
from reelwise.data.readers.scales import WHOLE_STARS
from reelwise.data.vocabulary import LARGEST_ID
from reelwise.errors import DataError, in_one_line
from reelwise.spark.files import SparkFiles, format_address
from reelwise.spark.rows import NUMBERS_ALONE, TABLE, RatingRows, read_rows
from reelwise.storage.working_folders import working_folder

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession


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
    """

    name: str
    lines: "DataFrame"
    count: int
    scale: RatingScale
    movielens: bool
    digest: str


def read_lines(
    spark: "SparkSession", data: str, scale: RatingScale | None = None, given: ColumnNames | None = None
) -> RatingLines:
    """Read the ratings at `data` once, and check them.

    Args:
        spark: the session.
        data: a folder in MovieLens' layout, a file of ratings, a folder of such files, or `table:NAME`; a path, or an
            address such as `s3a://bucket/folder`.
        scale: the scale the stars must lie on, if it is not MovieLens' own.
        given: columns by role; the others are told by their names.

    Raises:
        DataError: Raised when there is nothing to read, there are no stars, or a row is no rating; it names the row's
            file and content.
    """
    from pyspark.sql import functions as F

    rows = read_rows(spark, data, given)
    if "rating" not in rows.roles:
        raise DataError(f"{rows.address}: there is no column of stars, which training on Spark needs; train without it")
    frame, timestamp = rows.frame, [name for name in rows.frame.columns if name == "timestamp"]
    stars, place = F.col("rating"), F.struct("file", "start", "position", F.make_valid_utf8("content"), "is_text")
    hashed = F.xxhash64("userId", "movieId", "rating", *timestamp)  # the same columns, whatever the layout is
    found: Any = frame.agg(
        F.count("*").alias("count"),
        F.min(F.when(~_is_rating(timestamp, scale or MOVIELENS_SCALE), place)).alias("bad"),
        F.bool_and((stars == F.rint(stars)) & (stars >= 1)).alias("whole"),
        F.sum(hashed.cast("decimal(20,0)")).alias("sum"),
        F.bit_xor(hashed).alias("xor"),
    ).first()
    if found["count"] == 0:
        raise DataError(f"{rows.address}: there are no ratings here")
    scale = scale or (WHOLE_STARS if found["whole"] else MOVIELENS_SCALE)
    if found["bad"] is not None:
        file, _, _, content, is_text = found["bad"]
        with naming(format_address(file)):
            raise Fault(_describe_fault(rows, content, scale) if is_text else NOT_TEXT.format(quote(content)))
    return RatingLines(
        name=in_one_line(_name_data(data)),
        lines=frame.select(
            "userId", "movieId", "rating", F.struct(*timestamp, "file", "start", "position").alias("order")
        ),
        count=found["count"],
        scale=scale,
        movielens=is_movielens(Path(data)),
        digest=hashlib.sha256(f"{found['count']} {found['sum']} {found['xor']}".encode()).hexdigest(),
    )


def _is_rating(timestamp: list[str], scale: RatingScale) -> "Column":
    """Whether a row is one: nothing is missing, and everything within its limits."""
    from pyspark.sql import functions as F

    fit = F.col("is_split") & F.col("is_text") & F.col("rating").between(*scale)  # NaN is more than any number
    for name in ("userId", "movieId"):
        fit &= F.col(name).between(0, LARGEST_ID)
    for name in timestamp:
        fit &= F.isnotnull(name)
    return F.coalesce(fit, F.lit(False))


def _describe_fault(rows: RatingRows, content: str, scale: RatingScale) -> str:
    """What is wrong with a row, in the words of the local reader."""
    layout = rows.layout
    fields, names = split_fields(content, layout.separator), layout.names
    fault: str | None = f"{len(fields)} fields instead of {len(names)}"
    if len(fields) == len(names):
        values = {role: fields[layout.positions[role]] for role in rows.roles}
        fault = find_fault(values, Rules({role: names[layout.positions[role]] for role in rows.roles}, scale))
    elif _is_open(content, layout.separator):
        fault = "a quoted field never ends"
    hint = f" ({NUMBERS_ALONE})" if fault and fault.endswith("not a whole number") else ""
    return f"{fault or 'this is no rating'} in {quote(content)}{hint}"


def _is_open(content: str, separator: str) -> bool:
    """Whether a line ends within a quoted field."""
    if len(separator) > 1:
        return False
    rows = csv.reader([f"{content}\n", "\n"], delimiter=separator)
    next(rows)
    return rows.line_num > 1


def read_films(spark: "SparkSession", folder: str) -> Catalogue:
    """The films in `folder`, wherever that is; empty if there is no movies file.

    Raises:
        DataError: Raised when something is wrong; it names file, line and content of the first fault.
    """
    if folder.startswith(TABLE):
        return Catalogue.of([])
    files = SparkFiles(spark)
    folder = files.full(folder) if files.is_folder(folder) else files.full(folder).rpartition("/")[0]
    if folder.startswith("file:"):
        return read_movies(Path(format_address(folder)))
    with working_folder("reelwise-scratch-") as here:
        for name in files.names(folder):
            if name in (*MOVIES_FILES, "links.csv", "tags.csv"):
                files.fetch(f"{folder}/{name}", here)
        try:
            return read_movies(here)
        except DataError as error:
            raise DataError(str(error).replace(str(here), folder)) from None


def _name_data(data: str) -> str:
    """What to call the data set: the folder that holds the ratings."""
    if data.startswith(TABLE):
        return data.removeprefix(TABLE)
    path = Path(data)
    return path.resolve().parent.name if path.suffix else path.resolve().name
