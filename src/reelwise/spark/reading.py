"""Ratings from wherever Spark can read, checked by the rules of the local reader."""

import csv
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reelwise.data.catalogue import Catalogue
from reelwise.data.movielens import MOVIES_FILES, read_movies
from reelwise.data.ratings import LARGEST_ID, MOVIELENS_SCALE, RatingScale
from reelwise.data.ratings_file import COLUMNS, NEEDED, WHOLE_STARS, fault_of, shown
from reelwise.errors import DataError
from reelwise.spark.files import Files, shown_address

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

TABLE = "table:"
_SEPARATORS = {".csv": ",", ".dat": "::", ".data": "\t"}
_FILES = ("ratings.csv", "ratings.parquet", "ratings.dat", "u.data")
_RAW = "_corrupt_record"
_KINDS = {"userId": "bigint", "movieId": "bigint", "rating": "double", "timestamp": "bigint"}


@dataclass(frozen=True)
class RatingLines:
    """Ratings that were checked, one row for each line.

    Attributes:
        name: what to call the data set.
        lines: columns userId, movieId, rating, and `order`, by which the latest of two lines is the greater.
        count: how many there are.
        scale: the scale that the stars are on.
        digest: 64 hexadecimal digits that follow from the ratings, in whatever order and files they are.
    """

    name: str
    lines: "DataFrame"
    count: int
    scale: RatingScale
    digest: str


class _Place(NamedTuple):
    """Where ratings are: what Spark reads, how it is written down, and the first line of a CSV file."""

    address: str
    kind: str  # a suffix of file names, or TABLE
    header: list[str]


def read_lines(spark: "SparkSession", data: str, scale: RatingScale | None = None) -> RatingLines:
    """Read the ratings at `data` once, and check them.

    Args:
        spark: the session.
        data: a folder in MovieLens' layout, a file of ratings, a folder of such files, or `table:NAME`; a path, or an
            address such as `s3a://bucket/folder`.
        scale: the scale the stars must lie on, if it is not MovieLens' own.

    Raises:
        DataError: if there is nothing to read, or naming file and content of a row that is no rating.
    """
    from pyspark.sql import functions as F

    place = _place(spark, data)
    rows = _rows(spark, place)
    bad, stars = _is_bad(rows, scale or MOVIELENS_SCALE), F.col("rating")
    # the same columns are hashed whatever the layout is
    hashed = F.xxhash64("userId", "movieId", "rating", *(["timestamp"] if "timestamp" in rows.columns else []))
    found: Any = rows.agg(
        F.count("*").alias("count"),
        F.min(F.when(bad, F.struct("file", "start", "position", _content(rows)))).alias("bad"),
        F.bool_and((stars == F.rint(stars)) & (stars >= 1)).alias("whole"),
        F.sum(hashed.cast("decimal(20,0)")).alias("sum"),
        F.bit_xor(hashed).alias("xor"),
    ).first()
    if found["count"] == 0:
        raise DataError(f"{place.address}: there are no ratings here")
    if found["bad"] is not None:
        raise DataError(_told(place, found["bad"], scale or MOVIELENS_SCALE))
    latest = [name for name in ("timestamp", "file", "start", "position") if name in rows.columns]
    return RatingLines(
        name=_name(data),
        lines=rows.select("userId", "movieId", "rating", F.struct(*latest).alias("order")),
        count=found["count"],
        scale=scale or (WHOLE_STARS if found["whole"] else MOVIELENS_SCALE),
        digest=hashlib.sha256(f"{found['count']} {found['sum']} {found['xor']}".encode()).hexdigest(),
    )


def read_films(spark: "SparkSession", folder: str) -> Catalogue:
    """The films in `folder`, wherever that is; empty if there is no movies file.

    Raises:
        DataError: naming file, line and content of the first fault.
    """
    if folder.startswith(TABLE):
        return Catalogue()
    files = Files(spark)
    folder = files.full(folder) if files.is_folder(folder) else files.full(folder).rpartition("/")[0]
    if folder.startswith("file:"):
        return read_movies(Path(shown_address(folder)))
    with tempfile.TemporaryDirectory() as here:
        for name in files.names(folder):
            if name in (*MOVIES_FILES, "links.csv"):
                files.fetch(f"{folder}/{name}", Path(here))
        try:
            return read_movies(Path(here))
        except DataError as error:
            raise DataError(str(error).replace(here, folder)) from None


def _place(spark: "SparkSession", data: str) -> _Place:
    if data.startswith(TABLE):
        return _Place(data, TABLE, [])
    files = Files(spark)
    if not files.exists(data):
        raise DataError(f"{data}: there is no such file or folder")
    path, kind = files.full(data), Path(data).suffix
    if files.is_folder(data):
        names = files.names(data)
        inside = next((name for name in _FILES if name in names), None)
        if inside:
            path, kind = f"{path}/{inside}", Path(inside).suffix
        else:  # a folder of parts, as Spark writes them
            kinds = {Path(name).suffix for name in names if not name.startswith(("_", "."))}
            kind = kinds.pop() if len(kinds) == 1 else ""
    if kind not in (*_SEPARATORS, ".parquet"):
        raise DataError(
            f"{data}: there are no ratings here, neither {', '.join(_FILES)} nor parts that are CSV or Parquet"
        )
    return _Place(path, kind, _header(spark, path) if kind == ".csv" else list(COLUMNS))


def _header(spark: "SparkSession", path: str) -> list[str]:
    first: Any = spark.read.text(path).first()
    header = [name.strip() for name in next(csv.reader([first[0].removeprefix("\ufeff")]), [])] if first else []
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise DataError(
            f"{path} line 1: no column {' or '.join(missing)} in the header {shown(','.join(header))}; "
            f"expected {','.join(COLUMNS)}"
        )
    return header


def _rows(spark: "SparkSession", place: _Place) -> "DataFrame":
    """The rows of ratings, checked or not, with where each is from: file, start and position."""
    from pyspark.sql import functions as F

    if place.kind in _SEPARATORS:
        names = [*place.header, _RAW]
        frame = spark.read.csv(
            place.address,
            schema=", ".join(f"`{name}` {_KINDS.get(name, 'string')}" for name in names),
            sep=_SEPARATORS[place.kind],
            quote='"' if place.kind == ".csv" else "",
            header=place.kind == ".csv",
            enforceSchema=False,  # each file's own header must be the same
            ignoreLeadingWhiteSpace=True,
            ignoreTrailingWhiteSpace=True,
            columnNameOfCorruptRecord=_RAW,
        )
    else:
        frame = (
            spark.table(place.address.removeprefix(TABLE)) if place.kind == TABLE else spark.read.parquet(place.address)
        )
        frame = _numbers(frame, place)
    if place.kind == TABLE:
        where = [F.lit(place.address).alias("file"), F.lit(0).alias("start")]
    else:
        where = [F.col("_metadata.file_path").alias("file"), F.col("_metadata.file_block_start").alias("start")]
    return frame.select("*", *where, F.monotonically_increasing_id().alias("position"))


def _numbers(frame: "DataFrame", place: _Place) -> "DataFrame":
    """The columns that we need of a Parquet file or a table, as whole numbers and stars."""
    from pyspark.sql import functions as F

    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise DataError(f"{place.address}: no column {' or '.join(missing)} among {', '.join(frame.columns)}")
    kinds, columns = dict(frame.dtypes), []
    for name in COLUMNS:
        kind = kinds.get(name, "")
        if name == "timestamp" and kind.startswith(("timestamp", "date")):
            columns.append(F.unix_timestamp(F.col(name).cast("timestamp")).alias(name))
        elif kind in ("tinyint", "smallint", "int", "bigint") or (
            name == "rating" and kind.startswith(("float", "double", "decimal"))
        ):
            columns.append(F.col(name).cast(_KINDS[name]).alias(name))
        elif kind:
            raise DataError(f"{place.address}: column {name} holds {kind}, but numbers belong there")
    hidden = [] if place.kind == TABLE else ["_metadata"]
    return frame.select(*columns, F.lit(None).cast("string").alias(_RAW), *hidden)


def _is_bad(rows: "DataFrame", scale: RatingScale) -> "Column":
    from pyspark.sql import functions as F

    bad = F.col(_RAW).isNotNull() | F.isnull("rating") | ~F.col("rating").between(*scale)  # NaN is more than any number
    for name in ("userId", "movieId"):
        bad |= F.isnull(name) | ~F.col(name).between(1, LARGEST_ID)
    return bad | F.isnull("timestamp") if "timestamp" in rows.columns else bad


def _content(rows: "DataFrame") -> "Column":
    """A row as text: as it stands in its file, else its columns with commas between them."""
    from pyspark.sql import functions as F

    names = [name for name in rows.columns if name not in (_RAW, "file", "start", "position", "_metadata")]
    fields = [F.coalesce(F.col(name).cast("string"), F.lit("")) for name in names]
    return F.coalesce(F.col(_RAW), F.concat_ws(",", *fields)).alias("content")


def _told(place: _Place, bad: Any, scale: RatingScale) -> str:
    """What is wrong with a row, in the words of the local reader."""
    content, file = bad["content"], shown_address(bad["file"])
    separator = _SEPARATORS.get(place.kind, ",")
    fields = next(csv.reader([content]), []) if separator == "," else content.split(separator)
    if len(fields) != len(place.header) and place.header:
        return f"{file}: {len(fields)} fields instead of {len(place.header)} in {shown(content)}"
    values = {name: value.strip() for name, value in zip(place.header, fields, strict=False) if name in COLUMNS}
    fault = next(filter(None, (fault_of(name, value, scale) for name, value in values.items())), "this is no rating")
    return f"{file}: {fault} in {shown(content)}"


def _name(data: str) -> str:
    """What to call the data set: the folder that holds the ratings."""
    if data.startswith(TABLE):
        return data.removeprefix(TABLE)
    path = Path(data)
    return path.resolve().parent.name if path.suffix else path.resolve().name
