"""One file of ratings, in any of the layouts MovieLens has used, as four checked columns.

polars reads the file at full speed. Only when something is wrong is it read again, line by line, to name the first line
that is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from reelwise.data.interactions import MOVIELENS_SCALE, RatingScale
from reelwise.data.ratings import Times
from reelwise.data.readers.lines import COLUMNS, NEEDED, NOT_TEXT, find_fault, quote, split_fields, split_header
from reelwise.data.types import Stars
from reelwise.data.vocabulary import LARGEST_ID, IdArray
from reelwise.errors import DataError

if TYPE_CHECKING:
    import polars as pl

WHOLE_STARS = RatingScale(1.0, 5.0)
_BOM = b"\xef\xbb\xbf"

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True)
class Columns:
    """Parallel columns of a ratings file, shape (lines,), and the scale their stars are on."""

    user_ids: IdArray
    movie_ids: IdArray
    stars: Stars
    timestamps: Times | None
    scale: RatingScale


def read_columns(path: Path, scale: RatingScale | None = None) -> Columns:
    """The ratings in `path`, checked.

    The layout follows from the name: `.csv` (a header line names the columns), `.parquet`, `.dat` (separated by `::`)
    or `.data` (by tabs).

    Args:
        path: the file.
        scale: the scale the stars must lie on. By default MovieLens' own: 1 to 5 where all stars are whole, else
            0.5 to 5.

    Raises:
        DataError: Raised when something is wrong; it names file, line and content of the first fault.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty")
    source: _Source = _ParquetFile(path) if path.suffix == ".parquet" else _TextFile.of(path)
    return _check(source, _read_frame(source, scale or MOVIELENS_SCALE), scale)


class _Row(NamedTuple):
    """One row of a file as text, for finding faults: where it is, its columns, and the whole of it."""

    place: str
    values: dict[str, str]
    content: str
    fault: str | None = None


class _Source(Protocol):
    """A ratings file: read at full speed as a frame, or slowly as rows of text."""

    @property
    def path(self) -> Path: ...
    def frame(self) -> "pl.DataFrame": ...
    def rows(self) -> Iterator[_Row]: ...


def _read_frame(source: _Source, scale: RatingScale) -> "pl.DataFrame":
    """The frame of `source`, without gaps; `scale` is for naming faults."""
    import polars as pl

    try:
        frame = source.frame()
    except pl.exceptions.PolarsError as error:
        _raise_first_fault(source, scale)
        raise DataError(f"{source.path}: {_first_line(error)}") from None
    if frame.null_count().sum_horizontal().sum():
        _raise_first_fault(source, scale)
        frame = frame.filter(frame["userId"].is_not_null())  # blank lines, and nothing else
    if frame.is_empty():
        raise DataError(f"{source.path}: there are no ratings here")
    return frame


def _check(source: _Source, frame: "pl.DataFrame", scale: RatingScale | None) -> Columns:
    """The columns of `frame`, which is empty afterwards."""
    import polars as pl

    stars = pl.col("rating")
    if scale is None:
        whole = frame.select(((stars == stars.round()) & (stars >= 1)).all()).item()
        scale = WHOLE_STARS if whole else MOVIELENS_SCALE
    are_valid = frame.select(
        pl.col("userId", "movieId").is_between(1, LARGEST_ID).all(),
        stars.is_between(*scale).all(),  # to polars NaN is more than any number
    )
    if not all(are_valid.row(0)):
        _raise_first_fault(source, scale)
    timestamps = _take_column(frame, "timestamp", np.int64) if "timestamp" in frame.columns else None
    user_ids, movie_ids = (_take_column(frame, name, np.int64) for name in ("userId", "movieId"))
    return Columns(user_ids, movie_ids, _take_column(frame, "rating", np.float32), timestamps, scale)


def _take_column(frame: "pl.DataFrame", name: str, dtype: type[Number]) -> npt.NDArray[Number]:
    """The column as an array. It is gone from `frame`, so that its memory is free before the next is copied."""
    return np.concatenate([chunk.to_numpy() for chunk in frame.drop_in_place(name).get_chunks()], dtype=dtype)


def _raise_first_fault(source: _Source, scale: RatingScale) -> None:
    for row in source.rows():
        fault = row.fault or find_fault(row.values, scale)
        if fault:
            raise DataError(f"{source.path} {row.place}: {fault} in {quote(row.content)}")


@dataclass(frozen=True)
class _TextFile:
    """Lines of fields: what separates them, where each column stands, how many there are."""

    path: Path
    separator: str
    positions: dict[str, int]
    width: int

    @classmethod
    def of(cls, path: Path) -> "_TextFile":
        if path.suffix == ".csv":
            with path.open("rb") as file:
                header = split_header(str(path), _decode(path, 1, file.readline()))
            return cls(path, ",", {name: header.index(name) for name in COLUMNS if name in header}, len(header))
        separator = {".dat": "::", ".data": "\t"}.get(path.suffix)
        if separator is None:
            raise DataError(f"{path}: not a ratings file that we know; expected .csv, .parquet, .dat or .data")
        return cls(path, separator, {name: position for position, name in enumerate(COLUMNS)}, len(COLUMNS))

    def frame(self) -> "pl.DataFrame":
        import polars as pl

        names = list(self.positions)
        kinds = {"rating": pl.Float64, "timestamp": pl.Int64}
        schema: dict[str, type[pl.DataType]] = {name: kinds.get(name, pl.Int32) for name in names}
        if self.separator == ",":
            return pl.read_csv(self.path, columns=names, schema_overrides=schema).select(names)
        if self.separator == "::":  # as ":", with an empty field between each two
            fields = [field for name in COLUMNS for field in (name, f"after {name}")][:-1]
        else:
            fields = list(COLUMNS)
        return pl.read_csv(
            self.path,
            separator=self.separator[0],
            has_header=False,
            new_columns=fields,
            schema_overrides=schema,
            quote_char=None,
        ).select(names)

    def rows(self) -> Iterator[_Row]:
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                line = _decode(self.path, number, raw)
                if not line or (number == 1 and self.separator == ","):
                    continue
                fields = split_fields(line, self.separator)
                if len(fields) == self.width:
                    values = {name: fields[position] for name, position in self.positions.items()}
                    yield _Row(f"line {number}", values, line)
                else:
                    yield _Row(f"line {number}", {}, line, f"{len(fields)} fields instead of {self.width}")


def _decode(path: Path, number: int, raw: bytes) -> str:
    """A line as text, without its end."""
    try:
        if b"\0" not in raw:
            return raw.removeprefix(_BOM).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        pass
    raise DataError(f"{path} line {number}: {NOT_TEXT.format(quote(raw))}")


@dataclass(frozen=True)
class _ParquetFile:
    path: Path

    def frame(self) -> "pl.DataFrame":
        import polars as pl

        try:
            frame = pl.read_parquet(self.path)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise DataError(f"{self.path}: this Parquet file cannot be read ({_first_line(error)})") from None
        missing = [name for name in NEEDED if name not in frame.columns]
        if missing:
            raise DataError(f"{self.path}: no column {' or '.join(missing)} among {', '.join(frame.columns)}")
        return frame.select(self._to_numbers(name, frame.schema[name]) for name in COLUMNS if name in frame.columns)

    def _to_numbers(self, name: str, kind: "pl.DataType") -> "pl.Expr":
        """The column as int64 or float64; a value that does not fit becomes null and is named later."""
        import polars as pl

        if name == "timestamp" and isinstance(kind, pl.Datetime | pl.Date):
            return pl.col(name).dt.epoch("us")
        if kind.is_integer() or (name == "rating" and kind.is_numeric()):
            return pl.col(name).cast(pl.Float64 if name == "rating" else pl.Int64, strict=False)
        raise DataError(f"{self.path}: column {name} holds {kind}, but numbers belong there")

    def rows(self) -> Iterator[_Row]:
        for number, row in enumerate(self.frame().iter_rows(named=True), start=1):
            values = {name: "" if value is None else str(value) for name, value in row.items()}
            yield _Row(f"row {number}", values, ",".join(values.values()))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
