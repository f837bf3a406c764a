"""Answers as tables: rows to read, columns to compute with, and frames."""

import html
import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, Union, get_args, get_origin, get_type_hints, overload

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

AnyRow = TypeVar("AnyRow", bound=tuple[Any, ...])
Column = Sequence[Any] | np.ndarray[Any, Any]

SHOWN = 20
"""Rows that are shown of a long table."""


class Tabular:
    """A base of answers that become frames: a column for each field of a named tuple, of the type that the field has.

    This holds without rows, too, and where all values of a column are missing. Without rows, ids are whole numbers.
    """

    row_type: ClassVar[type[Any]]
    """The named tuple that each row is."""

    in_frames: ClassVar[Mapping[str, Any]] = {}
    """The types of fields that have another type in a frame."""

    @abstractmethod
    def to_columns(self) -> Mapping[str, Column]:
        """The columns by name."""

    def to_polars(self) -> "pl.DataFrame":
        """A polars data frame, one row per row."""
        import polars as pl

        columns, hints = self.to_columns(), {**get_type_hints(self.row_type), **self.in_frames}
        found = {name: _dtype(hints[name], column) for name, column in columns.items()}
        types = {name: dtype for name, dtype in found.items() if dtype is not None}
        return pl.DataFrame(dict(columns), schema_overrides=types).with_columns(pl.selectors.float().fill_nan(None))

    def to_pandas(self) -> "pd.DataFrame":
        """A pandas data frame, one row per row; pandas must be installed."""
        import pandas as pd

        return pd.DataFrame(dict(self.to_columns()))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule interface: what polars, pandas, pyarrow and DuckDB read frames by."""
        return self.to_polars().__arrow_c_stream__(requested_schema)


class Records(Tabular, Sequence[AnyRow], Generic[AnyRow]):
    """Rows of one kind, kept by column. Behaves as a list of named tuples, and shows as a table.

    A number that is missing is NaN in a column, None in a row, and null in a frame.

    Args:
        columns: one for each field of `row_type`, all as long as each other.

    Attributes:
        remarks: sentences about the rows, shown below the table.
    """

    formats: ClassVar[Mapping[str, str]] = {}
    """Formats of the numbers of a column."""

    def __init__(self, **columns: Column) -> None:
        self.columns = columns
        self.remarks: tuple[str, ...] = ()

    def to_columns(self) -> Mapping[str, Column]:
        """The columns by name."""
        return self.columns

    def column(self, name: str) -> Column:
        """One column, shape (rows,)."""
        return self.columns[name]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @overload
    def __getitem__(self, index: int) -> AnyRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[AnyRow]: ...
    def __getitem__(self, index: int | slice) -> AnyRow | Sequence[AnyRow]:
        if isinstance(index, slice):
            return [self[place] for place in range(len(self))[index]]
        row: AnyRow = self.row_type(*(_plain(column[index]) for column in self.columns.values()))
        return row

    def __iter__(self) -> Iterator[AnyRow]:
        return map(self.__getitem__, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Records) and self.row_type is other.row_type and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "\n".join([text_table([*self.columns], self._cells()), *self.notes()])

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return html_table([*self.columns], self._cells(), self.notes())

    def notes(self) -> list[str]:
        """The lines below the table."""
        hidden = len(self) - SHOWN
        return [*([f"… and {hidden:,} more"] if hidden > 0 else []), *self.remarks]

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict per row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self]

    def _cells(self) -> list[list[str]]:
        return [
            [_format(value, self.formats.get(name, "")) for name, value in zip(self.columns, row, strict=True)]
            for row in self[:SHOWN]
        ]


def text_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells in columns, those of numbers aligned to the right."""
    cells = [list(headings), *map(list, rows)]
    for place in range(len(headings)):
        below = [row[place] for row in cells[1:]]
        width = max(len(row[place]) for row in cells)
        to_right = all(map(_is_number, below)) and bool(below)
        for row in cells:
            row[place] = row[place].rjust(width) if to_right else row[place].ljust(width)
    return "\n".join("  ".join(row).rstrip() for row in cells)


def html_table(headings: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> str:
    """The same as HTML, with notes below."""
    head = "".join(f"<th>{html.escape(heading)}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    below = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"


def _dtype(hint: Any, column: Column) -> Any:
    """The type that a column has in a polars frame; None where its own values say it, as arrays and ids do."""
    if isinstance(column, np.ndarray):
        return None
    is_id = {int, str} <= {*get_args(hint)}
    return _dtype_of(hint) if not is_id or len(column) == 0 else None


def _dtype_of(hint: Any) -> Any:
    import polars as pl

    kinds = [kind for kind in get_args(hint) if kind is not type(None)]
    if get_origin(hint) in (Union, UnionType):
        return _dtype_of(kinds[0])
    if get_origin(hint) is tuple:
        return pl.List(_dtype_of(kinds[0]))
    if isinstance(hint, type) and issubclass(hint, tuple):
        return pl.Struct({name: _dtype_of(kind) for name, kind in get_type_hints(hint).items()})
    return {int: pl.Int64, float: pl.Float64}.get(hint, pl.String)


def _plain(value: Any) -> Any:
    """A value as Python has it; None for NaN."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def _format(value: Any, how: str) -> str:
    return "–" if value is None else f"{value:{how}}" if how else str(value)


def _is_number(text: str) -> bool:
    return text == "–" or text.replace(".", "", 1).replace(",", "").lstrip("-").isdigit()
