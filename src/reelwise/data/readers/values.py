"""From columns of any type to ids, stars and times; invalid values become null."""

from typing import TYPE_CHECKING

from reelwise.data.readers.dates import ReadTimes, from_numbers, from_text
from reelwise.data.readers.faults import Fault
from reelwise.data.readers.lines import EXACT, MISSING, ZEROS
from reelwise.data.vocabulary import LARGEST_ID, LONGEST_ID

if TYPE_CHECKING:
    import polars as pl


def to_ids(name: str, column: "pl.Series", is_text: bool = False) -> "pl.Series":
    """Ids as whole numbers of any width, or as strings.

    Args:
        name: of the column.
        column: the values.
        is_text: whether numbers are written as text, too; then these are strings where most of them are not numbers.

    Raises:
        Fault: Raised when the column holds something else.
    """
    import polars as pl

    kind = column.dtype
    if isinstance(kind, pl.Categorical | pl.Enum):
        column, kind = column.cast(pl.String), pl.String()
    if kind.is_integer():
        lowest, highest = column.min() or 0, column.max() or 0
        fits = lowest >= 0 and highest <= LARGEST_ID  # type: ignore[operator]
        return column if fits else _within(column.cast(pl.Int64, strict=False))
    if kind.is_decimal():
        whole = column.cast(pl.Int64, strict=False)
        return _within(pl.select(pl.when(whole.cast(kind, strict=False) == column).then(whole)).to_series())
    if kind.is_float():
        return _whole(name, column.cast(pl.Float64))
    if kind == pl.Null:
        return column.cast(pl.Int64)
    if kind != pl.String:
        raise Fault(f"column {name} holds {_describe(kind)}, but ids are whole numbers or strings")
    stripped = column.str.strip_chars()
    if is_text and 2 * _to_numbers(stripped).count() >= column.count():
        return _within(stripped.str.replace(f"{ZEROS}$", "").cast(pl.Int64, strict=False))
    is_valid = (column.str.len_chars() <= LONGEST_ID) & (stripped != "")
    is_valid &= ~column.is_in(list(MISSING)) & ~column.str.contains("\0", literal=True)
    return pl.select(pl.when(is_valid).then(column)).to_series()


def to_stars(name: str, column: "pl.Series") -> "pl.Series":
    """Stars as float64, all finite.

    Raises:
        Fault: Raised when the column holds no numbers.
    """
    import polars as pl

    if column.dtype == pl.String:
        column = _to_numbers(column.str.strip_chars())
    elif not (column.dtype.is_numeric() or column.dtype == pl.Null):
        raise Fault(
            f"column {name} holds {_describe(column.dtype)}, but stars are numbers; to ignore "
            "the column say rating= without a name"
        )
    column = column.cast(pl.Float64)
    return column if column.is_finite().all() else pl.select(pl.when(column.is_finite()).then(column)).to_series()


def to_times(name: str, column: "pl.Series") -> ReadTimes:
    """Times in microseconds since 1970. Without a zone they are UTC; numbers are seconds, or parts of these if large.

    Raises:
        Fault: Raised when the column holds something else.
    """
    import polars as pl

    kind = column.dtype
    if isinstance(kind, pl.Datetime | pl.Date):
        return ReadTimes(column.dt.epoch("us"), "dates")
    if kind.is_integer() or kind == pl.Null:
        return from_numbers(column.cast(pl.Int64, strict=False))
    if kind.is_numeric():
        return from_numbers(column.cast(pl.Float64))
    if kind != pl.String:
        raise Fault(f"column {name} holds {_describe(kind)}, but times are dates, datetimes or numbers")
    stripped = column.str.strip_chars()
    numbers = _to_numbers(stripped)
    if 2 * numbers.count() < column.count():
        return from_text(stripped)
    exact = stripped.cast(pl.Int64, strict=False)
    return from_numbers(exact if exact.count() == numbers.count() else numbers)


def _describe(kind: "pl.DataType") -> str:
    """A type of values for a message."""
    return "Python objects" if str(kind) == "Object" else str(kind)


def _to_numbers(text: "pl.Series") -> "pl.Series":
    """Text as float64, with a point or a comma before decimals."""
    import polars as pl

    if text.str.contains(",", literal=True).any():
        text = text.str.replace(",", ".", literal=True)
    return text.cast(pl.Float64, strict=False)


def _whole(name: str, numbers: "pl.Series") -> "pl.Series":
    """The float64 that are whole numbers and ids, as int64; the others become null.

    Raises:
        Fault: Raised when one may stand for several whole numbers.
    """
    import polars as pl

    if (numbers.is_finite() & (numbers > EXACT)).any():
        largest = numbers.filter(numbers.is_finite()).sort()[-1]
        raise Fault(
            f"column {name} holds {largest:.0f} as a float, which is exact up to {EXACT} only; give ids as whole "
            "numbers or strings"
        )
    fits = (numbers == numbers.round()) & numbers.is_between(0, EXACT)
    return pl.select(pl.when(fits).then(numbers).cast(pl.Int64, strict=False)).to_series()


def _within(ids: "pl.Series") -> "pl.Series":
    import polars as pl

    return pl.select(pl.when(ids >= 0).then(ids)).to_series()
