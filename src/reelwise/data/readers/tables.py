"""One file of ratings, in any of the layouts MovieLens has used, as four checked columns.

polars reads the file at full speed. Only when something is wrong is it read again, line by line, to name the first line
that is.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from reelwise.data.interactions import MOVIELENS_SCALE, RatingScale
from reelwise.data.ratings import Times
from reelwise.data.types import Stars
from reelwise.data.vocabulary import LARGEST_ID, IdArray
from reelwise.errors import DataError

if TYPE_CHECKING:
    import polars as pl

NEEDED = ("userId", "movieId", "rating")
COLUMNS = (*NEEDED, "timestamp")

# what polars reads as a number: spaces may stand before it, not after
WHOLE = r"[ \t]*[+-]?[0-9]+"
NUMBER = r"[ \t]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
NOT_TEXT = "this is not UTF-8 text: {}; save the file as UTF-8"
_BOM = b"\xef\xbb\xbf"

WHOLE_STARS = RatingScale(1.0, 5.0)

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
        DataError: naming file, line and content of the first fault.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty")
    source: _Source = _ParquetFile(path) if path.suffix == ".parquet" else _TextFile.of(path)
    return _checked(source, _whole_frame(source, scale or MOVIELENS_SCALE), scale)


def _whole_frame(source: "_Source", scale: RatingScale) -> "pl.DataFrame":
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


def _checked(source: "_Source", frame: "pl.DataFrame", scale: RatingScale | None) -> Columns:
    """The columns of `frame`, which is empty afterwards."""
    import polars as pl

    stars = pl.col("rating")
    if scale is None:
        whole = frame.select(((stars == stars.round()) & (stars >= 1)).all()).item()
        scale = WHOLE_STARS if whole else MOVIELENS_SCALE
    fit = frame.select(
        pl.col("userId", "movieId").is_between(1, LARGEST_ID).all(),
        stars.is_between(*scale).all(),  # to polars NaN is more than any number
    )
    if not all(fit.row(0)):
        _raise_first_fault(source, scale)
    timestamps = _taken(frame, "timestamp", np.int64) if "timestamp" in frame.columns else None
    user_ids, movie_ids = (_taken(frame, name, np.int64) for name in ("userId", "movieId"))
    return Columns(user_ids, movie_ids, _taken(frame, "rating", np.float32), timestamps, scale)


def _taken(frame: "pl.DataFrame", name: str, dtype: type[Number]) -> npt.NDArray[Number]:
    """The column as an array. It is gone from `frame`, so that its memory is free before the next is copied."""
    return np.concatenate([chunk.to_numpy() for chunk in frame.drop_in_place(name).get_chunks()], dtype=dtype)


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


def _raise_first_fault(source: _Source, scale: RatingScale) -> None:
    for row in source.rows():
        fault = row.fault or first_fault(row.values, scale)
        if fault:
            raise DataError(f"{source.path} {row.place}: {fault} in {shown(row.content)}")


def first_fault(values: Mapping[str, str], scale: RatingScale) -> str | None:
    """What is wrong with a row, given its values by column, if anything."""
    return next(filter(None, (_fault_of(name, value, scale) for name, value in values.items())), None)


def _fault_of(name: str, value: str, scale: RatingScale) -> str | None:
    if not value:
        return f"{name} is missing"
    if name == "rating":
        return _fault_of_stars(value, scale)
    if not re.fullmatch(WHOLE, value):
        return f"{name} is {shown(value)}, not a whole number"
    if name == "timestamp":
        return None if -(2**63) <= int(value) < 2**63 else f"timestamp {value} is too large"
    return None if 1 <= int(value) <= LARGEST_ID else f"{name} {value} lies outside 1 to {LARGEST_ID}"


def _fault_of_stars(value: str, scale: RatingScale) -> str | None:
    if not re.fullmatch(NUMBER, value):
        return f"rating is {shown(value)}, not a number of stars"
    if not scale.low <= float(value) <= scale.high:
        return f"rating {value} lies outside {scale.low:g} to {scale.high:g} (say --scale LOW:HIGH for another scale)"
    return None


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
            header = _header(path)
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
                line = _decoded(self.path, number, raw).rstrip("\r\n")
                if not line or (number == 1 and self.separator == ","):
                    continue
                fields = fields_of(line, self.separator)
                if len(fields) == self.width:
                    values = {name: fields[position] for name, position in self.positions.items()}
                    yield _Row(f"line {number}", values, line)
                else:
                    yield _Row(f"line {number}", {}, line, f"{len(fields)} fields instead of {self.width}")


def _header(path: Path) -> list[str]:
    with path.open("rb") as file:
        return checked_header(str(path), _decoded(path, 1, file.readline()).rstrip("\r\n"))


def checked_header(place: str, line: str) -> list[str]:
    """The names of the columns in the first line of the CSV file `place`.

    Raises:
        DataError: if one is missing.
    """
    header = fields_of(line, ",")
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise DataError(
            f"{place} line 1: no column {' or '.join(missing)} in the header {shown(line)}; "
            f"expected {','.join(COLUMNS)}"
        )
    return header


def fields_of(line: str, separator: str) -> list[str]:
    """The fields of a line, which may be quoted where commas separate them."""
    if separator != ",":
        return line.split(separator)
    return next(csv.reader([line.replace("\r", " ")]), [])  # `csv` takes no line that another ends in


def _decoded(path: Path, number: int, raw: bytes) -> str:
    try:
        if b"\0" not in raw:
            return raw.removeprefix(_BOM).decode()
    except UnicodeDecodeError:
        pass
    raise DataError(f"{path} line {number}: {NOT_TEXT.format(shown(raw))}")


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
        return frame.select(self._numbers(name, frame.schema[name]) for name in COLUMNS if name in frame.columns)

    def _numbers(self, name: str, kind: "pl.DataType") -> "pl.Expr":
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


def shown(content: str | bytes) -> str:
    """`content` quoted, and short enough for a message."""
    text = content.decode(errors="replace") if isinstance(content, bytes) else content
    text = text.rstrip("\r\n")
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
