"""Times as people and programs write them, as microseconds since 1970, UTC."""

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import polars as pl

Written = Literal["numbers", "days", "dates", "unclear dates"]

# what numbers below the first are multiplied and divided by: seconds, milliseconds, microseconds, nanoseconds
_UNITS = ((1e11, 1_000_000, 1), (1e14, 1_000, 1), (1e17, 1, 1), (1e20, 1, 1_000))
_DAYS = (1900_01_01, 2100_12_31)  # where all numbers are such, they are days rather than seconds of August 1970
_MOMENTS = (1900_01_01_00_00_00, 2100_12_31_23_59_59)  # likewise, with the time of day

_CLOCK = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp][Mm])?)?"
_ZONE = r"\s*(?:Z|UTC|GMT|([+-])(\d{2}):?(\d{2})?)?"
_WEEKDAY = r"(?:[A-Za-z]{3,9},?\s+)?"
_REST = ("hour", "minute", "second", "fraction", "half", "sign", "zone_hour", "zone_minute")
_FORMS = (
    (rf"^(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_CLOCK}{_ZONE}$", ("year", "month", "day")),
    (rf"^(\d{{1,2}})([-/.])(\d{{1,2}})[-/.](\d{{4}}){_CLOCK}{_ZONE}$", ("first", "mark", "then", "year")),
    (rf"^{_WEEKDAY}(\d{{1,2}})[ -]([A-Za-z]{{3,9}})\.?,?[ -](\d{{4}}){_CLOCK}{_ZONE}$", ("day", "month", "year")),
    (rf"^{_WEEKDAY}([A-Za-z]{{3,9}})\.? +(\d{{1,2}}),? +(\d{{4}}){_CLOCK}{_ZONE}$", ("month", "day", "year")),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class ReadTimes(NamedTuple):
    """Microseconds since 1970, null where a value is not a time; and how most of them were written."""

    values: "pl.Series"
    written: Written


def from_numbers(numbers: "pl.Series") -> ReadTimes:
    """Read numbers of seconds since 1970, or of milliseconds, microseconds or nanoseconds, each by its own size.

    Or days such as 20261129, or 20261129120000 with the time of day; null where there is no such day.
    """
    import polars as pl

    if numbers.dtype.is_float():
        numbers = pl.select(pl.when(numbers.is_between(-(2**63), 2**63 - 1)).then(numbers)).to_series()
    low, high = (float(end or 0) for end in (numbers.min(), numbers.max()))  # type: ignore[arg-type]
    if low >= _DAYS[0] and (high <= _DAYS[1] or _MOMENTS[0] <= high <= _MOMENTS[1]):
        days = _from_digits(numbers)
        if (numbers.is_between(*_DAYS) | numbers.is_between(*_MOMENTS)).all() and 2 * days.count() >= numbers.count():
            return ReadTimes(days, "days")
    smallest, largest = 0 if low < 0 < high else min(abs(low), abs(high)), max(abs(low), abs(high))
    *smaller, (_, factor, divisor) = (unit for at, unit in enumerate(_UNITS) if at == 0 or largest >= _UNITS[at - 1][0])
    values = _scale(numbers, factor, divisor)
    for limit, factor, divisor in reversed(smaller):
        if smallest < limit:
            is_smaller = numbers.cast(pl.Float64).abs() < limit
            values = _scale(numbers, factor, divisor).zip_with(is_smaller, values)
    return ReadTimes(values, "numbers")


def _scale(numbers: "pl.Series", factor: int, divisor: int) -> "pl.Series":
    """Numbers of any unit as whole microseconds."""
    import polars as pl

    if numbers.dtype.is_float():
        return (numbers * (factor / divisor)).round().cast(pl.Int64, strict=False)
    return numbers * factor if divisor == 1 else numbers // divisor


def _from_digits(numbers: "pl.Series") -> "pl.Series":
    """Microseconds since 1970 of days such as 20261129, perhaps with a time; null where there is no such day."""
    import polars as pl

    digits = numbers.cast(pl.Int64).cast(pl.String).str.pad_end(14, "0")
    return digits.str.to_datetime("%Y%m%d%H%M%S", strict=False).dt.epoch("us")


def from_text(text: "pl.Series") -> ReadTimes:
    """Dates and datetimes, without a zone in UTC: the year first, or day and month before it, or months by name."""
    import polars as pl

    for form, names in _FORMS:
        parts = text.str.extract_groups(form).struct.unnest()
        parts.columns = [*names, *_REST]
        if 2 * parts["year"].count() >= text.count():
            return _order(parts) if "first" in names else ReadTimes(_assemble(parts), "dates")
    return ReadTimes(pl.Series([None] * len(text), dtype=pl.Int64), "dates")


def _order(parts: "pl.DataFrame") -> ReadTimes:
    """Dates with day and month in either order: with points the day is first; else a number above 12 is the day."""
    import polars as pl

    first, then = (parts[name].cast(pl.Int32) for name in ("first", "then"))
    is_day_first = bool((parts["mark"] == ".").all()) or bool((first > 12).any())
    if not is_day_first and not (then > 12).any():
        return ReadTimes(pl.Series([None] * len(parts), dtype=pl.Int64), "unclear dates")
    day, month = ("first", "then") if is_day_first else ("then", "first")
    return ReadTimes(_assemble(parts.rename({day: "day", month: "month"})), "dates")


def _assemble(parts: "pl.DataFrame") -> "pl.Series":
    """Microseconds since 1970 from the parts of datetimes as text; null where there is no such day or hour."""
    import polars as pl

    def number(name: str) -> "pl.Expr":
        return pl.col(name).cast(pl.Int64).fill_null(0)

    names = pl.col("month").str.to_lowercase().str.head(3)
    months = names.replace_strict(_MONTHS, [f"{number + 1:02}" for number in range(12)], default=pl.col("month"))
    day = pl.concat_str(pl.col("year"), months.str.zfill(2), pl.col("day").str.zfill(2), separator="-")
    date = day.str.to_date("%Y-%m-%d", strict=False)
    half = pl.col("half").str.to_lowercase()  # "am" or "pm"
    twelve = number("hour") % 12 + pl.when(half == "pm").then(12).otherwise(0)
    hour = pl.when(half.is_null()).then(number("hour")).otherwise(twelve)
    fits = (hour < 24) & (number("minute") < 60) & (number("second") < 61)
    seconds = hour * 3600 + number("minute") * 60 + number("second")
    sign = pl.when(pl.col("sign") == "-").then(-1).otherwise(1)
    offset = sign * (number("zone_hour") * 3600 + number("zone_minute") * 60)
    fraction = pl.col("fraction").str.pad_end(6, "0").str.head(6).cast(pl.Int64).fill_null(0)
    total = date.dt.epoch("us") + (seconds - offset) * 1_000_000 + fraction
    return parts.select(pl.when(fits).then(total).alias("time")).to_series()
