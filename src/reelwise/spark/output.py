"""The folder of Parquet files that recommendations are written to: it appears whole, in place of older ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.errors import UsageError
from reelwise.spark.files import SparkFiles, as_pattern, format_address

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_OF_SPARK = ("_SUCCESS", "_temporary")
_OF_FILES = (".csv", ".json", ".jsonl")


def check_folder_name(address: str) -> None:
    """Refuse the name of a file of another kind.

    Raises:
        UsageError: Raised when it is one.
    """
    if Path(address).suffix in _OF_FILES:
        raise UsageError(f"--out is {address}, but Spark writes a folder of Parquet files; name a folder")


@contextmanager
def replacing_folder(spark: "SparkSession", address: str, columns: Sequence[str]) -> Iterator[str]:
    """A folder to write to, which takes the place of `address` at the end; after an error nothing has changed.

    Args:
        spark: where to work.
        address: a new or empty folder, or one of Parquet files with the same columns.
        columns: of what is written.

    Raises:
        UsageError: Raised when it is something else, or cannot be made.
    """
    check_folder_name(address)
    files = SparkFiles(spark)
    out = files.full(address).rstrip("/")
    fresh = f"{out}.new"
    for folder in (out, fresh):
        _check_content(spark, files, folder, columns)
    if not _can_be_made(files, fresh):
        raise UsageError(f"{address}: nothing can be written there; name another folder")
    try:
        yield fresh
    except BaseException:
        files.remove(fresh)
        raise
    files.remove(out)
    if not files.rename(fresh, out):
        raise UsageError(f"{address}: cannot be written; the recommendations are in {format_address(fresh)}")


def _check_content(spark: "SparkSession", files: SparkFiles, folder: str, columns: Sequence[str]) -> None:
    """Refuse everything but an empty folder, or one of recommendations."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    if not files.exists(folder):
        return
    name = format_address(folder)
    if not files.is_folder(folder):
        raise UsageError(f"{name}: this is a file; name a folder for the recommendations")
    parts = [entry for entry in files.list(folder) if not entry.name.endswith((*_OF_SPARK, ".crc"))]
    are_parts = all(entry.name.startswith("part-") and not entry.is_folder for entry in parts)
    try:
        if not parts or (are_parts and spark.read.parquet(as_pattern(folder)).columns == list(columns)):
            return
    except (Py4JError, PySparkException):
        pass
    raise UsageError(f"{name}: this folder holds something other than recommendations; name another one")


def _can_be_made(files: SparkFiles, folder: str) -> bool:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        return files.make_folder(folder)
    except (Py4JError, PySparkException):
        return False
