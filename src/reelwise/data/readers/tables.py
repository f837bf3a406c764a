"""One file of ratings, text or Parquet, as checked columns."""

from pathlib import Path

from reelwise._memory import TRAINING, require_address_space
from reelwise.data.interactions import RatingScale
from reelwise.data.readers.checking import Columns, check
from reelwise.data.readers.columns import ColumnNames, find_columns
from reelwise.data.readers.frames import FrameTable
from reelwise.data.readers.opening import first_line, read_parquet, require_file
from reelwise.data.readers.text import TextTable
from reelwise.errors import DataError

_PARQUET = b"PAR1"


def read_columns(path: Path, scale: RatingScale | None = None, given: ColumnNames | None = None) -> Columns:
    """The ratings in `path`, checked.

    Args:
        path: the file: text, which may be packed by gzip, or Parquet.
        scale: the scale the stars must lie on. By default that which they look like.
        given: columns by role (user, movie, rating, time); the others are told by their names.

    Raises:
        DataError: Raised when something is wrong; it names file, line and content of the first fault.
    """
    require_file(path)
    require_address_space(TRAINING + path.stat().st_size)  # polars ends the process where it cannot have that
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty")
    table = open_parquet(path, given) if is_parquet(path) else TextTable.open(path, given)
    return check(table, scale)


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet by its name or its content."""
    with path.open("rb") as file:
        return path.suffix == ".parquet" or file.read(len(_PARQUET)) == _PARQUET


def open_parquet(path: Path, given: ColumnNames | None = None) -> FrameTable:
    """The columns of a Parquet file.

    Raises:
        DataError: Raised when it cannot be read, or what is what cannot be told.
    """
    import polars as pl

    try:
        header = list(pl.read_parquet_schema(path))
        found = find_columns(str(path), header, given)
        frame = read_parquet(path, [header[place] for place in found.values()])
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DataError(f"{path}: this Parquet file cannot be read ({first_line(error)})") from None
    frame = frame.select(pl.col(header[place]).alias(role) for role, place in found.items())
    return FrameTable(str(path), frame, {role: header[place] for role, place in found.items()})
