"""One file of ratings, text or Parquet, as checked columns."""

from pathlib import Path

from reelwise._memory import TRAINING, require_address_space
from reelwise.data.interactions import RatingScale
from reelwise.data.readers.checking import Columns, check
from reelwise.data.readers.columns import ColumnNames, find_columns
from reelwise.data.readers.faults import naming
from reelwise.data.readers.frames import FrameTable
from reelwise.data.readers.opening import ParquetFile, TextFile, open_table, require_file
from reelwise.data.readers.text import TextTable


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
    with naming(str(path)):
        file = open_table(path)
        table = TextTable.of(file, given) if isinstance(file, TextFile) else _open_parquet(file, given)
        return check(table, scale)


def _open_parquet(file: ParquetFile, given: ColumnNames | None) -> FrameTable:
    """The columns of a Parquet file that are roles."""
    found = find_columns(file.header, given)
    names = {role: file.header[at] for role, at in found.items()}
    frame = file.read(list(names.values()))
    return FrameTable(frame.select(frame[name].alias(role) for role, name in names.items()), names)
