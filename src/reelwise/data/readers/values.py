"""From the columns of a file or frame, of whatever type, to ids, stars and times; what is invalid becomes null."""

from typing import TYPE_CHECKING, NamedTuple

from reelwise.data.readers.lines import EXACT, MISSING
from reelwise.data.vocabulary import LARGEST_ID, LONGEST_ID
from reelwise.errors import DataError

if TYPE_CHECKING:
    import polars as pl

_UNITS = ((1e11, 1_000_000, 1), (1e14, 1_000, 1), (1e17, 1, 1))  # below: seconds, milliseconds, microseconds
_NANOSECONDS = (1, 1_000)

_CLOCK = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp][Mm])?)?"
_ZONE = r"\s*(?:Z|UTC|GMT|([+-])(\d{2}):?(\d{2})?)?"
_YEAR_FIRST = rf"^(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_CLOCK}{_ZONE}$"
_YEAR_LAST = rf"^(\d{{1,2}})([-/.])(\d{{1,2}})[-/.](\d{{4}}){_CLOCK}{_ZONE}$"


class Times(NamedTuple):
    """Times in microseconds since 1970, null where a value is none; and whether days and months look alike."""

    values: "pl.Series"
    unclear: bool = False


def to_ids(place: str, name: str, column: "pl.Series") -> "pl.Series":
    """Ids as whole numbers of any width, or as strings where most values are not numbers.

    Raises:
        DataError: Raised when the column holds something else.
    """
    import polars as pl

    kind = column.dtype
    if isinstance(kind, pl.Categorical | pl.Enum):
        column, kind = column.cast(pl.String), pl.String()
    if kind.is_integer():
        return column if _lie_between(column, 0, LARGEST_ID) else _within(column.cast(pl.Int64, strict=False))
    if kind.is_float() or kind.is_decimal():
        return _whole(column.cast(pl.Float64))
    if kind == pl.Null:
        return column.cast(pl.Int64)
    if kind != pl.String:
        raise DataError(f"{place}: column {name} holds {kind}, but ids are whole numbers or strings")
    stripped = column.str.strip_chars()
    numbers = _to_numbers(stripped)
    if 2 * numbers.count() >= column.count():
        exact = stripped.cast(pl.Int64, strict=False)
        return _within(exact.fill_null(_whole(numbers)))
    is_valid = (column.str.len_chars() <= LONGEST_ID) & (stripped != "")
    is_valid &= ~column.is_in(list(MISSING)) & ~column.str.contains("\0", literal=True)
    return pl.select(pl.when(is_valid).then(column)).to_series()


def to_stars(place: str, name: str, column: "pl.Series") -> "pl.Series":
    """Stars as float64, all finite.

    Raises:
        DataError: Raised when the column holds no numbers.
    """
    import polars as pl

    if column.dtype == pl.String:
        column = _to_numbers(column.str.strip_chars())
    elif not (column.dtype.is_numeric() or column.dtype == pl.Null):
        raise DataError(
            f"{place}: column {name} holds {column.dtype}, but stars are numbers; to do without them leave the column "
            "out with rating= and no name"
        )
    column = column.cast(pl.Float64)
    return column if column.is_finite().all() else pl.select(pl.when(column.is_finite()).then(column)).to_series()


def to_times(place: str, name: str, column: "pl.Series") -> Times:
    """Times in microseconds since 1970. Without a zone they are UTC; numbers are seconds, or parts of these if large.

    Raises:
        DataError: Raised when the column holds something else.
    """
    import polars as pl

    kind = column.dtype
    if isinstance(kind, pl.Datetime | pl.Date):
        return Times(column.dt.epoch("us"))
    if kind.is_integer():
        return Times(_to_microseconds(column.cast(pl.Int64, strict=False)))
    if kind.is_numeric():
        return Times(_to_microseconds(column.cast(pl.Float64)))
    if kind == pl.Null:
        return Times(column.cast(pl.Int64))
    if kind != pl.String:
        raise DataError(f"{place}: column {name} holds {kind}, but times are dates, datetimes or numbers")
    stripped = column.str.strip_chars()
    numbers = _to_numbers(stripped)
    if 2 * numbers.count() >= column.count():
        exact = stripped.cast(pl.Int64, strict=False)
        return Times(_to_microseconds(exact if exact.count() == numbers.count() else numbers))
    return _parse_dates(stripped)


def _to_numbers(text: "pl.Series") -> "pl.Series":
    """Text as float64, with a point or, where no value has one, a comma before decimals."""
    import polars as pl

    if text.str.contains(",", literal=True).any() and not text.str.contains(".", literal=True).any():
        text = text.str.replace(",", ".", literal=True)
    return text.cast(pl.Float64, strict=False)


def _whole(numbers: "pl.Series") -> "pl.Series":
    """Those float64 that are whole numbers and ids as int64."""
    import polars as pl

    fits = (numbers == numbers.round()) & numbers.is_between(0, EXACT)
    return pl.select(pl.when(fits).then(numbers).cast(pl.Int64, strict=False)).to_series()


def _within(ids: "pl.Series") -> "pl.Series":
    import polars as pl

    return pl.select(pl.when(ids >= 0).then(ids)).to_series()


def _lie_between(numbers: "pl.Series", low: int, high: int) -> bool:
    extremes = numbers.min(), numbers.max()
    return all(one is None or low <= one <= high for one in extremes)  # type: ignore[operator]


def _to_microseconds(numbers: "pl.Series") -> "pl.Series":
    """Numbers of seconds since 1970, or of its thousandths, millionths or billionths, as the largest is."""
    import polars as pl

    if numbers.dtype.is_float():
        numbers = pl.select(pl.when(numbers.is_between(-(2**63), 2**63 - 1)).then(numbers)).to_series()
    largest = numbers.abs().max() or 0
    factor, divisor = next(((factor, over) for limit, factor, over in _UNITS if largest < limit), _NANOSECONDS)  # type: ignore[operator]
    if numbers.dtype.is_float():
        return (numbers * (factor / divisor)).round().cast(pl.Int64)
    return numbers * factor if divisor == 1 else numbers // divisor


def _parse_dates(text: "pl.Series") -> Times:
    """Dates and datetimes as they are usually written: the year first, or day and month before the year."""
    import polars as pl

    year_first = text.str.extract_groups(_YEAR_FIRST).struct.unnest()
    names = ["year", "month", "day", "hour", "minute", "second", "fraction", "half", "sign", "zone_h", "zone_m"]
    year_first.columns = names
    if 2 * year_first["year"].count() >= text.count():
        return Times(_assemble(year_first))
    year_last = text.str.extract_groups(_YEAR_LAST).struct.unnest()
    year_last.columns = ["first", "mark", "then", "year", *names[3:]]
    first, then = (year_last[name].cast(pl.Int32) for name in ("first", "then"))
    is_day_first = bool((year_last["mark"] == ".").all()) or bool((first > 12).any())
    if not is_day_first and not (then > 12).any():
        return Times(pl.Series([None] * len(text), dtype=pl.Int64), unclear=year_last["year"].count() > 0)
    day, month = (first, then) if is_day_first else (then, first)
    parts = year_last.with_columns(day.cast(pl.String).alias("day"), month.cast(pl.String).alias("month"))
    return Times(_assemble(parts))


def _assemble(parts: "pl.DataFrame") -> "pl.Series":
    """Microseconds since 1970 from the parts of datetimes as text; null where there is no such day or hour."""
    import polars as pl

    def number(name: str) -> "pl.Expr":
        return pl.col(name).cast(pl.Int64).fill_null(0)

    def padded(name: str) -> "pl.Expr":
        return pl.col(name).str.zfill(2)

    half = pl.col("half").str.to_lowercase()  # "am" or "pm"
    twelve = number("hour") % 12 + pl.when(half == "pm").then(12).otherwise(0)
    hour = pl.when(half.is_null()).then(number("hour")).otherwise(twelve)
    date = pl.concat_str(pl.col("year"), padded("month"), padded("day"), separator="-").str.to_date(
        "%Y-%m-%d", strict=False
    )
    seconds = hour * 3600 + number("minute") * 60 + number("second")
    offset = (number("zone_h") * 3600 + number("zone_m") * 60) * pl.when(pl.col("sign") == "-").then(-1).otherwise(1)
    micros = pl.col("fraction").str.pad_end(6, "0").str.head(6).cast(pl.Int64).fill_null(0)
    fits = (hour < 24) & (number("minute") < 60) & (number("second") < 61)
    total = (date.dt.epoch("us") + (seconds - offset) * 1_000_000 + micros).alias("time")
    return parts.select(pl.when(fits).then(total)).to_series()
