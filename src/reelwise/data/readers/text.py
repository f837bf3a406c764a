"""Ratings in text files, with any separator, with or without a header.

polars reads them at full speed: as numbers where all are, otherwise as text. Only when something is wrong is the file
read again, line by line, to name the first invalid line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reelwise.data.readers.checking import Explain
from reelwise.data.readers.columns import ROLES, ColumnNames, Role
from reelwise.data.readers.faults import Fault
from reelwise.data.readers.layout import Layout, find_layout
from reelwise.data.readers.opening import TextFile, first_line, without_panic
from reelwise.data.readers.records import PreparedText, TextRecord, is_blank, prepare, read_records
from reelwise.data.types import Mask

if TYPE_CHECKING:
    import polars as pl

_MOST_BLANK = 100_000  # lines without anything, if there are no more with something
_SINGLE = "\x1f"  # stands for a separator of two characters, which polars does not take


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
    def of(cls, file: TextFile, given: ColumnNames | None) -> "TextTable":
        """Find the columns by the first line.

        Raises:
            Fault: Raised when the columns cannot be recognised.
        """
        return cls(file, find_layout(file.first, given, file.skipped + 1))

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

        text = prepare(self.file, self.layout.separator, self.layout.has_header)
        try:
            return self._read_numbers(text)
        except pl.exceptions.PolarsError:
            pass
        try:
            return self._read_text(text)
        except pl.exceptions.PolarsError as error:
            found = self._find_misshapen()
            if found is None:
                raise Fault(first_line(error)) from None
        misshapen, fault = found
        try:
            frame = self._read_text(text, is_ragged=True)
        except pl.exceptions.PolarsError:
            raise fault from None
        return frame.with_columns(pl.when(pl.int_range(pl.len()) != misshapen).then(pl.col("user")).alias("user"))

    def raise_first_fault(self, invalid: Mask, explain: Explain) -> None:
        """Raise a `Fault` that names the first line that is `invalid`, unless all of these are blank."""
        blank = 0
        for index, record in enumerate(self._records()):
            if is_blank(record.fields):
                blank += 1
                if blank > _MOST_BLANK and 2 * blank > index:
                    raise Fault(f"most lines are blank, over {_MOST_BLANK:,}; remove them")
                continue
            fault = self._describe_shape(record)
            if fault is None and index < len(invalid) and invalid[index]:
                row = {role: record.fields[place] for role, place in self.layout.positions.items()}
                fault = explain(row) or "this is not a rating"
            if fault:
                raise record.blame(fault)

    def _read_numbers(self, text: PreparedText) -> "pl.DataFrame":
        import polars as pl

        numbers = (pl.Int32, pl.Int32, pl.Float64, pl.Int64)
        kinds: dict[Role, type[pl.DataType]] = dict(zip(ROLES, numbers, strict=True))
        separator = self.layout.separator
        if len(separator) == 1:
            return self._read(text, separator, 1, kinds)
        return self._read(text, separator[0], 2, kinds)  # as ":", with an empty field between two

    def _read_text(self, text: PreparedText, is_ragged: bool = False) -> "pl.DataFrame":
        import polars as pl

        separator = self.layout.separator
        if len(separator) > 1:
            content = self.file.content().replace(separator.encode(), _SINGLE.encode())
            text, separator = text._replace(source=content), _SINGLE
        frame = self._read(text, separator, 1, dict.fromkeys(ROLES, pl.String), is_ragged)
        return frame.select(pl.all().str.strip_chars())

    def _read(
        self,
        text: PreparedText,
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
                text.source,
                has_header=False,
                skip_lines=self.file.skipped + layout.has_header,
                separator=separator,
                schema=schema,
                columns=list(columns.values()),
                quote_char=text.quote_char,
                missing_columns="insert",
                extra_columns="ignore" if is_ragged else "raise",
                truncate_ragged_lines=is_ragged,
                glob=False,
            )
        return frame.select(pl.col(column).alias(role) for role, column in columns.items())

    def _find_misshapen(self) -> tuple[int, Fault] | None:
        """The first record with too few or too many fields."""
        for index, record in enumerate(self._records()):
            shape = None if is_blank(record.fields) else self._describe_shape(record)
            if shape:
                return index, record.blame(shape)
        return None

    def _describe_shape(self, record: TextRecord) -> str | None:
        width = len(self.layout.names)
        return None if len(record.fields) == width else f"{len(record.fields)} fields instead of {width}"

    def _records(self) -> Iterator[TextRecord]:
        return read_records(self.file, self.layout.separator, self.layout.has_header)
