"""Parse ratings on the executors, a batch at a time, by the local reader's own functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reelwise.data.interactions import RatingScale
from reelwise.data.readers.checking import RatingsTable, Values, convert, leave_out_blank
from reelwise.data.readers.columns import NEEDED, ROLES, Role
from reelwise.data.readers.faults import Fault
from reelwise.data.readers.frames import FrameTable
from reelwise.data.readers.layout import Layout
from reelwise.data.readers.lines import COLUMNS, ZEROS, Rules
from reelwise.data.readers.opening import TextFile
from reelwise.data.readers.records import read_records
from reelwise.data.readers.text import TextTable
from reelwise.spark.streaming import Batches

if TYPE_CHECKING:
    import polars as pl

CONTENT = "content"
"""The column of lines, where these are read."""

COLUMN_OF: dict[Role, str] = dict(zip(ROLES, COLUMNS, strict=True))
"""The name of each role's column on Spark."""

_KINDS = {
    "userId": pa.int64(), "movieId": pa.int64(), "rating": pa.float64(), "timestamp": pa.int64(),
    "are_days": pa.bool_(), "file": pa.string(), "start": pa.int64(), "fault": pa.string(),
}  # fmt: skip
SCHEMA = (
    "userId bigint, movieId bigint, rating double, timestamp bigint, are_days boolean, file string, start bigint, "
    "fault string"
)
"""The columns of ratings, or of a fault."""

_NUMBERS_ALONE = "ids are whole numbers on Spark; number them, or train without --engine spark, where texts will do"


@dataclass(frozen=True)
class Parser:
    """How to make ratings of batches.

    Attributes:
        names: the names of the columns by role.
        layout: how lines are written; None where columns, called by their roles, are read.
        scale: what stars must lie on.
        is_scale_said: whether the scale was given; else it was found from the stars.
    """

    names: Mapping[Role, str]
    layout: Layout | None
    scale: RatingScale
    is_scale_said: bool

    def parse(self, batches: Batches) -> Batches:
        """The ratings of batches; see `SCHEMA`. Of what is wrong in a file there is a row with the first fault.

        Each batch is read as a file of its own would be.
        """
        for batch in batches:
            for part in _split_by_file(batch):
                yield from self._parse_part(part)

    def _parse_part(self, part: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        place = {"file": part.column("file")[0], "start": part.column("start")[0]}
        found: Values = {}
        try:
            table = self._open(part)
            found, written = convert(table)
            for role in NEEDED:
                found[role] = _to_numbers(found[role], self.names[role], table.is_text)
            rules = Rules(self.names, self.scale, times=written, is_scale_said=self.is_scale_said)
            yield _pack(leave_out_blank(table, found, rules), place | {"are_days": pa.scalar(written == "days")})
        except Fault as fault:
            if "rating" in found:  # by which the scale is found
                yield _pack({"rating": found["rating"].drop_nulls()}, place)
            hint = f" ({_NUMBERS_ALONE})" if "not a whole number in " in fault.what else ""
            yield _pack({}, place | {"fault": pa.scalar(fault.what + hint)})

    def _open(self, part: pa.RecordBatch) -> RatingsTable:
        import polars as pl

        if self.layout is None:
            columns = {role: _without_zone(part.column(role)) for role in self.names}
            return FrameTable(pl.DataFrame(pa.table(columns)), self.names)
        lines = part.column(CONTENT).cast(pa.binary())
        joined: bytes = pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), b"\n")[0].as_py()
        return _Lines(TextFile(joined + b"\n", "", has_quotes=b'"' in joined), self.layout, len(lines))


@dataclass(frozen=True)
class _Lines(TextTable):
    """Lines, each of which is a record.

    Attributes:
        count: how many there are.
    """

    count: int

    def read(self) -> "pl.DataFrame":
        """The columns by role.

        Raises:
            Fault: Raised when a record takes several lines: then it may as well go on in the next batch.
        """
        frame = TextTable.read(self)
        if len(frame) < self.count:
            for record in read_records(self.file, self.layout.separator, False):
                if "\n" in record.content.rstrip("\n"):
                    raise record.blame("a quoted field goes on in the next line, which cannot be read on Spark")
        return frame


def _split_by_file(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The pieces of a batch that are each from one file, and one part of that."""
    files, starts = (batch.column(name) for name in ("file", "start"))
    is_new = pc.or_(pc.not_equal(files[1:], files[:-1]), pc.not_equal(starts[1:], starts[:-1]))
    cuts = [0, *(np.flatnonzero(is_new.to_numpy(zero_copy_only=False)) + 1).tolist(), batch.num_rows]
    for first, last in pairwise(cuts):
        if first < last:
            yield batch.slice(first, last - first)


def _without_zone(column: pa.Array) -> pa.Array:
    """Datetimes in UTC, in microseconds; everything else as it is."""
    return column.cast(pa.timestamp("us")) if pa.types.is_timestamp(column.type) else column


def _to_numbers(ids: "pl.Series", name: str, is_text: bool) -> "pl.Series":
    """Ids as numbers, null where they are text.

    Raises:
        Fault: Raised when the column is one of texts.
    """
    import polars as pl

    if ids.dtype != pl.String:
        return ids
    if not is_text:
        raise Fault(f"column {name} holds text, but {_NUMBERS_ALONE}")
    return ids.str.strip_chars().str.replace(f"{ZEROS}$", "").cast(pl.Int64, strict=False)


def _pack(values: Values, same: Mapping[str, pa.Scalar]) -> pa.RecordBatch:
    """A batch of these values, of what is the same in each row, and of nothing where there is neither."""
    count = len(next(iter(values.values()))) if values else 1
    columns = {COLUMN_OF[role]: pa.array(column.to_numpy()) for role, column in values.items()}
    columns |= {name: pa.repeat(value, count) for name, value in same.items()}
    return pa.RecordBatch.from_arrays(
        [columns[name].cast(kind) if name in columns else pa.nulls(count, kind) for name, kind in _KINDS.items()],
        names=list(_KINDS),
    )
