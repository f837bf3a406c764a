"""Where the ratings are among what an address names, and how they begin."""

import zlib
from pathlib import Path
from typing import NamedTuple

from reelwise.data.readers.faults import Fault, naming
from reelwise.data.readers.films import MOVIES_FILES
from reelwise.data.readers.movielens import RATINGS_FILES
from reelwise.data.readers.opening import GZIP, LONGEST_LINE, PARQUET
from reelwise.errors import DataError
from reelwise.spark.files import SparkFiles, format_address

_KINDS = {".csv", ".tsv", ".txt", ".dat", ".data", ".gz", ".parquet"}  # of parts
_NO_RATINGS = {*MOVIES_FILES, "links.csv", "tags.csv"}
_HIDDEN = ("_", ".")


class RatingFiles(NamedTuple):
    """Ratings in a file, or in a folder of parts.

    Attributes:
        path: their address in full.
        is_parquet: whether they are Parquet rather than text.
        head: how the first part that is not empty begins, unpacked.
    """

    path: str
    is_parquet: bool
    head: bytes

    @property
    def address(self) -> str:
        """The path as people write it."""
        return format_address(self.path)


def locate(files: SparkFiles, data: str) -> RatingFiles:
    """The ratings that `data` is, or has in it.

    Raises:
        DataError: Raised when there are none, or Spark would leave some of them out.
        Fault: Raised when a file is packed otherwise than its name says.
    """
    if data.startswith(("http://", "https://")):
        raise DataError(f"{data}: Spark cannot read from a web address; download it first")
    if not files.exists(data):
        raise DataError(f"{data}: there is no such file or folder")
    path = files.full(data)
    if files.is_folder(path):
        inside = {entry.name for entry in files.list(path)}
        name = next((name for name in RATINGS_FILES if name in inside), None)
        path = f"{path}/{name}" if name else path
    first = _first_part(files, path) if files.is_folder(path) else path
    if first is None:
        raise DataError(
            f"{data}: there are no ratings here, neither {', '.join(RATINGS_FILES)} nor parts that are CSV or Parquet"
        )
    name = first.rpartition("/")[2]
    if name.startswith(_HIDDEN) or ":" in name:
        raise DataError(f"{format_address(first)}: Spark cannot read a file of this name; rename it")
    head = files.read_head(first, LONGEST_LINE)
    is_parquet = first.endswith(".parquet") or head.startswith(PARQUET)
    with naming(format_address(first)):
        return RatingFiles(path, is_parquet, head if is_parquet else _unpack(head, name))


def _first_part(files: SparkFiles, folder: str) -> str | None:
    """The first part in a folder of parts, if possible one that is not empty; None where these are no parts.

    Raises:
        DataError: Raised when there are folders beside them.
    """
    entries = [entry for entry in files.list(folder) if not entry.name.startswith(_HIDDEN)]
    folders = [entry.name for entry in entries if entry.is_folder]
    parts = [entry for entry in entries if not entry.is_folder]
    if not parts and folders and all("=" in name for name in folders):  # by the values of columns, as Spark writes them
        return _first_part(files, f"{folder}/{folders[0]}")
    kinds = {Path(part.name).suffix for part in parts}
    if len(kinds) != 1 or not kinds <= _KINDS or any(part.name in _NO_RATINGS for part in parts):
        return None
    if folders:
        raise DataError(
            f"{format_address(folder)}: {folders[0]} is a folder among the parts, which Spark would leave out; put all "
            "parts into one folder"
        )
    first = next((part for part in parts if part.size > 0), parts[0])
    return f"{folder}/{first.name}"


def _unpack(head: bytes, name: str) -> bytes:
    """The beginning of a text file, unpacked.

    Raises:
        Fault: Raised when it cannot be, or Spark would not do so.
    """
    is_packed, is_called_so = head.startswith(GZIP), name.endswith(".gz")
    if not is_packed:
        if is_called_so and head:
            raise Fault("this is not a gzip file, although its name ends in .gz; rename it")
        return head
    if not is_called_so:
        raise Fault("this is a gzip file, which Spark unpacks only where its name ends in .gz; rename it")
    try:
        return zlib.decompressobj(wbits=31).decompress(head, LONGEST_LINE)
    except zlib.error as error:
        raise Fault(f"this gzip file cannot be unpacked ({error})") from None
