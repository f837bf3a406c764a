"""Ratings and films in frames, of whatever library."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reelwise.data.readers.checking import Explain
from reelwise.data.readers.columns import ColumnNames, Role, find_columns
from reelwise.data.readers.faults import Fault
from reelwise.data.readers.lines import quote
from reelwise.data.readers.opening import ParquetFile, first_line, without_panic
from reelwise.data.types import Mask
from reelwise.errors import UsageError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class FrameTable:
    """A frame of ratings.

    Attributes:
        frame: its columns, each called by its role.
        names: what the columns were called.
    """

    frame: "pl.DataFrame"
    names: Mapping[Role, str]

    @classmethod
    def of(cls, frame: Any, given: ColumnNames | None) -> "FrameTable":
        """The columns of a frame that are roles.

        Raises:
            UsageError: Raised when it is not a frame.
            Fault: Raised when the columns cannot be recognised.
        """
        opened = open_frame(frame)
        header = list_columns(opened)
        found = find_columns(header, given)
        return cls(take_columns(opened, found), {role: header[at] for role, at in found.items()})

    @property
    def is_text(self) -> bool:
        """Values have types of their own."""
        return False

    def read(self) -> "pl.DataFrame":
        """The columns."""
        return self.frame.clone()

    def raise_first_fault(self, invalid: Mask, explain: Explain) -> None:
        """Raise a `Fault` that names the first row that is `invalid`."""
        first = int(invalid.argmax())
        row = {role: "" if value is None else str(value) for role, value in self.frame.row(first, named=True).items()}
        fault = explain(row) or "this is not a rating"  # type: ignore[arg-type]
        raise Fault(f"{fault} in {quote(','.join(row.values()))}", f"row {first + 1}")


def open_frame(frame: Any) -> Any:
    """Open a frame of any library: as one of polars, or as it is if it is of pandas or a Parquet file.

    Raises:
        UsageError: Raised when it is not a frame.
    """
    import polars as pl

    if isinstance(frame, pl.DataFrame | ParquetFile):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if hasattr(frame, "iloc") and hasattr(frame, "columns") and not isinstance(frame, type):  # pandas
        named = [name for name in frame.index.names if name is not None]
        return frame.reset_index() if named and not set(named) & set(frame.columns) else frame
    try:
        if isinstance(frame, Mapping):
            return pl.DataFrame({str(name): column for name, column in frame.items()})
        if hasattr(frame, "__arrow_c_stream__") and not isinstance(frame, type | pl.Series):
            return pl.DataFrame(frame)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise UsageError(f"this {type(frame).__name__} cannot be read as a frame ({first_line(error)})") from None
    raise UsageError(
        f"expected a data frame, not {type(frame).__name__}; take one of polars, pandas, pyarrow or DuckDB, or "
        "anything else with __arrow_c_stream__"
    )


def list_columns(frame: Any) -> list[str]:
    """The names of the columns of an opened frame."""
    return list(map(str, frame.columns))


def take_columns(frame: Any, places: Mapping[Any, int]) -> "pl.DataFrame":
    """Some columns of an opened frame, by their place, under new names."""
    import polars as pl

    if isinstance(frame, ParquetFile):
        read = frame.read(frame.columns[place] for place in places.values())
        return read.select(read[frame.columns[place]].alias(name) for name, place in places.items())
    if isinstance(frame, pl.DataFrame):
        return frame.select(frame.to_series(place).alias(name) for name, place in places.items())
    return pl.DataFrame({name: _from_pandas(frame.iloc[:, place]) for name, place in places.items()})


def _from_pandas(column: Any) -> "pl.Series":
    """A column of pandas, without need of pyarrow."""
    import polars as pl

    values = column.astype(object) if hasattr(column, "cat") else column
    if str(values.dtype).startswith("datetime64"):
        zone = getattr(values.dtype, "tz", None)
        if zone is None:
            return pl.Series(values.to_numpy())
        moments = pl.Series(values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()).dt.replace_time_zone("UTC")
        try:
            return moments.dt.convert_time_zone(str(zone))
        except pl.exceptions.PolarsError:  # a zone without a name, such as +02:00
            return moments
    if values.dtype.kind in "iuf" and not values.isna().any():
        return pl.Series(values.to_numpy())
    listed: list[Any] = [
        None if missing else one for one, missing in zip(values.tolist(), values.isna().tolist(), strict=True)
    ]
    listed = [one.tolist() if hasattr(one, "tolist") else one for one in listed]  # arrays, as pandas reads lists
    try:
        with without_panic():
            return pl.Series(listed, strict=True)
    except (TypeError, pl.exceptions.PolarsError):
        return pl.Series(listed, dtype=pl.Object)
