"""One file of ratings, text or Parquet, as checked columns."""

from pathlib import Path

from reelwise._memory import TRAINING, require_address_space
from reelwise.data.interactions import RatingScale
from reelwise.data.readers.checking import Columns, check
from reelwise.data.readers.columns import ColumnNames
from reelwise.data.readers.faults import naming
from reelwise.data.readers.frames import FrameTable
from reelwise.data.readers.opening import TextFile, open_table, require_file
from reelwise.data.readers.text import TextTable


def read_columns(path: Path, scale: RatingScale | None = None, given: ColumnNames | None = None) -> Columns:
    """The ratings in `path`, checked.

    Args:
        path: the file: text, which may be packed by gzip, or Parquet.
        scale: the scale the stars must lie on. By default the one that they seem to be on.
        given: columns by role (user, movie, rating, time); the others are recognised by their names.

    Raises:
        DataError: Raised when something is wrong; it names file, line and content of the first fault.
    """
    require_file(path)
    require_address_space(TRAINING + path.stat().st_size)  # polars ends the process where it cannot have that
    with naming(str(path)):
        file = open_table(path)
        table = TextTable.of(file, given) if isinstance(file, TextFile) else FrameTable.of(file, given)
        return check(table, scale)
