"""Ratings and films in frames, of whatever library."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reelwise.data.readers.checking import Explain
from reelwise.data.readers.columns import ColumnNames, Role, find_columns
from reelwise.data.readers.lines import quote
from reelwise.data.types import Mask
from reelwise.errors import DataError, UsageError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class FrameTable:
    """A frame of ratings.

    Attributes:
        place: what to call it in messages.
        frame: its columns, each called by its role.
        names: what the columns were called.
    """

    place: str
    frame: "pl.DataFrame"
    names: Mapping[Role, str]

    @classmethod
    def of(cls, frame: Any, place: str, given: ColumnNames | None = None) -> "FrameTable":
        """The columns of a frame that are roles.

        Raises:
            UsageError: Raised when it is no frame.
            DataError: Raised when what is what cannot be told.
        """
        header = list_columns(frame)
        found = find_columns(place, header, given)
        return cls(place, take_columns(frame, found), {role: header[at] for role, at in found.items()})

    def read(self) -> "pl.DataFrame":
        """The columns."""
        return self.frame.clone()

    def raise_first_fault(self, invalid: Mask, explain: Explain) -> None:
        """Raise a DataError that names the first row that is `invalid`."""
        first = int(invalid.argmax())
        row = {role: "" if value is None else str(value) for role, value in self.frame.row(first, named=True).items()}
        fault = explain(row) or "this is no rating"  # type: ignore[arg-type]
        raise DataError(f"{self.place} row {first + 1}: {fault} in {quote(','.join(row.values()))}")


def list_columns(frame: Any) -> list[str]:
    """The names of a frame's columns.

    Raises:
        UsageError: Raised when it is no frame.
    """
    if isinstance(frame, Mapping):
        return list(map(str, frame))
    columns = getattr(frame, "columns", None)
    if isinstance(getattr(frame, "column_names", None), list):  # pyarrow, whose columns are the values
        columns = frame.column_names
    if columns is None and hasattr(frame, "__arrow_c_stream__"):
        import polars as pl

        columns = pl.DataFrame(frame).columns
    if columns is None or isinstance(frame, type):
        raise UsageError(
            f"this is no frame but {type(frame).__name__}; expected one of polars, pandas, pyarrow or DuckDB, or "
            "anything else with __arrow_c_stream__"
        )
    return list(map(str, columns))


def take_columns(frame: Any, places: Mapping[Any, int]) -> "pl.DataFrame":
    """Some columns of a frame, by their place, under new names."""
    import polars as pl

    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, Mapping):
        frame = pl.DataFrame({str(name): column for name, column in frame.items()}, strict=False)
    if hasattr(frame, "iloc"):
        return pl.DataFrame({name: _from_pandas(frame.iloc[:, place]) for name, place in places.items()})
    taken = frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)
    return taken.select(taken.to_series(place).alias(name) for name, place in places.items())


def _from_pandas(column: Any) -> "pl.Series":
    """A column of pandas, without need of pyarrow."""
    import polars as pl

    values = column.astype(column.cat.categories.dtype) if hasattr(column, "cat") else column
    if str(values.dtype).startswith("datetime64"):
        zoned = getattr(values.dtype, "tz", None) is not None
        return pl.Series((values.dt.tz_convert("UTC").dt.tz_localize(None) if zoned else values).to_numpy())
    if values.dtype.kind in "iuf" and not values.isna().any():
        return pl.Series(values.to_numpy())
    listed = [None if missing else one for one, missing in zip(values.tolist(), values.isna().tolist(), strict=True)]
    try:
        return pl.Series(listed, strict=True)
    except (TypeError, pl.exceptions.PolarsError):  # of several kinds
        return pl.Series([None if one is None else str(one) for one in listed])
