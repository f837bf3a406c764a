"""Ratings in text files, in whatever way they are written: what separates them, whether there is a header, and so on.

polars reads them at full speed: as numbers if they are, else as text. Only when something is wrong is the file read
again, line by line, to name the first line that is.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reelwise.data.readers.checking import Explain
from reelwise.data.readers.columns import ROLES, ColumnNames, Role
from reelwise.data.readers.faults import Fault
from reelwise.data.readers.layout import Layout, find_layout
from reelwise.data.readers.lines import quote
from reelwise.data.readers.opening import TextFile, decode_line, first_line, without_panic
from reelwise.data.types import Mask

if TYPE_CHECKING:
    import polars as pl

_MOST_BLANK = 100_000  # lines without anything, if there are no more with something
_SINGLE = "\x1f"  # stands for a separator of two characters, which polars does not take


class TextRecord(NamedTuple):
    """A line, or several where a quoted field holds line ends: where it begins, its fields, and the whole of it."""

    line: int
    fields: list[str]
    content: str


@dataclass(frozen=True)
class TextTable:
    """A text file of ratings.

    Attributes:
        file: the file.
        layout: how its lines are written.
        names: the names of its columns by role.
    """

    file: TextFile
    layout: Layout

    @classmethod
    def of(cls, file: TextFile, given: ColumnNames | None = None) -> "TextTable":
        """Find the columns by the first line.

        Raises:
            Fault: Raised when what is what cannot be told.
        """
        return cls(file, find_layout(file.first, given))

    @property
    def names(self) -> Mapping[Role, str]:
        """The names of its columns by role."""
        return {role: self.layout.names[place] for role, place in self.layout.positions.items()}

    @property
    def is_text(self) -> bool:
        """Values are text."""
        return True

    def read(self) -> "pl.DataFrame":
        """The columns by role: numbers, or text where not all are numbers."""
        import polars as pl

        try:
            return self._read_numbers()
        except pl.exceptions.PolarsError:
            pass
        try:
            return self._read_text()
        except pl.exceptions.PolarsError as error:
            found = self._find_misshapen()
            if found is None:
                raise Fault(first_line(error)) from None
        misshapen, fault = found
        try:
            frame = self._read_text(is_ragged=True)
        except pl.exceptions.PolarsError:
            raise fault from None
        return frame.with_columns(pl.when(pl.int_range(pl.len()) != misshapen).then(pl.col("user")).alias("user"))

    def raise_first_fault(self, invalid: Mask, explain: Explain) -> None:
        """Raise a `Fault` that names the first line that is `invalid`, unless all these are blank."""
        blank = 0
        for index, record in enumerate(self._records()):
            if not record.content:
                blank += 1
                if blank > _MOST_BLANK and 2 * blank > index:
                    raise Fault(f"most lines are blank, over {_MOST_BLANK:,}; take them out")
                continue
            fault = self._describe_shape(record)
            if fault is None and index < len(invalid) and invalid[index]:
                fault = explain({role: record.fields[place] for role, place in self.layout.positions.items()})
            if fault:
                raise self._blame(record, fault)
        if invalid.sum() > blank:
            raise Fault(f"line {int(invalid.argmax()) + 1 + self.layout.has_header} is no rating")

    def _read_numbers(self) -> "pl.DataFrame":
        import polars as pl

        numbers = (pl.Int32, pl.Int32, pl.Float64, pl.Int64)
        kinds: dict[Role, type[pl.DataType]] = dict(zip(ROLES, numbers, strict=True))
        source, separator = self.file.source, self.layout.separator
        if len(separator) == 1:
            return self._read(source, separator, 1, kinds)
        return self._read(source, separator[0], 2, kinds)  # as ":", with an empty field between two

    def _read_text(self, is_ragged: bool = False) -> "pl.DataFrame":
        import polars as pl

        source, separator = self.file.source, self.layout.separator
        if len(separator) > 1:
            source, separator = self.file.content().replace(separator.encode(), _SINGLE.encode()), _SINGLE
        frame = self._read(source, separator, 1, dict.fromkeys(ROLES, pl.String), is_ragged)
        return frame.select(pl.all().str.strip_chars())

    def _read(
        self,
        source: Path | bytes,
        separator: str,
        step: int,
        kinds: "Mapping[Role, type[pl.DataType]]",
        is_ragged: bool = False,
    ) -> "pl.DataFrame":
        import polars as pl

        layout = self.layout
        columns = {role: f"column_{1 + step * place}" for role, place in layout.positions.items()}
        schema: dict[str, type[pl.DataType]] = {
            f"column_{1 + place}": pl.String for place in range(step * (len(layout.names) - 1) + 1)
        }
        schema |= {column: kinds[role] for role, column in columns.items()}
        with without_panic():
            frame = pl.read_csv(
                source,
                has_header=False,
                skip_lines=int(layout.has_header),
                separator=separator,
                schema=schema,
                columns=list(columns.values()),
                quote_char=None if len(layout.separator) > 1 else '"',
                missing_columns="insert",
                extra_columns="ignore" if is_ragged else "raise",
                truncate_ragged_lines=is_ragged,
                glob=False,
            )
        return frame.select(pl.col(column).alias(role) for role, column in columns.items())

    def _find_misshapen(self) -> tuple[int, Fault] | None:
        """The first record with too few or too many fields, or one with a quoted field that never ends."""
        last = None
        for index, record in enumerate(self._records()):
            last = index, record
            shape = self._describe_shape(record) if record.content else None
            if shape:
                return index, self._blame(record, shape)
        if last is None or len(self.layout.separator) > 1 or last[1].content.count('"') % 2 == 0:
            return None
        return last[0], self._blame(last[1], "a quoted field never ends")

    def _blame(self, record: TextRecord, fault: str) -> Fault:
        first, _, _ = record.content.partition("\n")
        return Fault(f"{fault} in {quote(first)}", f"line {record.line}")

    def _describe_shape(self, record: TextRecord) -> str | None:
        width = len(self.layout.names)
        return None if len(record.fields) == width else f"{len(record.fields)} fields instead of {width}"

    def _records(self) -> Iterator[TextRecord]:
        return read_records(self.file, self.layout.separator, self.layout.has_header)


def read_records(file: TextFile, separator: str, has_header: bool) -> Iterator[TextRecord]:
    """The records of a text file after the header; blank lines are records, too.

    Raises:
        Fault: Raised when a line is no text, or a field is longer than any can be.
    """
    lines = _Lines(file)
    if has_header:
        next(lines, None)
        lines.take()
    if len(separator) > 1:
        for line in lines:
            yield TextRecord(lines.number, line.split(separator), lines.take())
        return
    rows = csv.reader(map(_join, lines), delimiter=separator)
    try:
        for fields in rows:
            yield TextRecord(lines.start, fields, lines.take())
    except csv.Error as error:
        began = lines.start
        raise Fault(f"{error} in {quote(lines.take())}", f"line {began}") from None


class _Lines:
    """The lines of a file as text, without their ends; remembers those since the last `take`."""

    def __init__(self, file: TextFile) -> None:
        self._lines, self._taken = file.lines(), list[str]()
        self.number = 0

    @property
    def start(self) -> int:
        """The number of the first of the lines that `take` gives."""
        return self.number - len(self._taken) + 1

    def take(self) -> str:
        """The lines since the last call, as one."""
        taken, self._taken = "\n".join(self._taken), []
        return taken

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = next(self._lines)
        self.number += 1
        line = decode_line(self.number, raw)
        self._taken.append(line)
        return line


def _join(line: str) -> str:
    """A line for `csv`, which takes none that another ends in."""
    return line.replace("\r", " ")
