"""Times as people and programs write them, as microseconds since 1970, UTC."""

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import polars as pl

Written = Literal["numbers", "dates", "unclear dates"]

_UNITS = ((1e11, 1_000_000, 1), (1e14, 1_000, 1), (1e17, 1, 1))  # below: seconds, milliseconds, microseconds
_NANOSECONDS = (1, 1_000)
_DAYS = (19000101, 21001231)  # numbers of eight digits that are days rather than seconds of August 1970

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
    """Microseconds since 1970, null where a value is no time; and how most of them were written."""

    values: "pl.Series"
    written: Written


def from_numbers(numbers: "pl.Series") -> ReadTimes:
    """Numbers of seconds since 1970, or of their thousandths, millionths or billionths; or days such as 20261129."""
    import polars as pl

    if numbers.dtype.is_float():
        numbers = pl.select(pl.when(numbers.is_between(-(2**63), 2**63 - 1)).then(numbers)).to_series()
    elif numbers.is_between(*_DAYS).all() and len(numbers):
        days = numbers.cast(pl.String).str.to_date("%Y%m%d", strict=False)
        if not days.null_count():
            return ReadTimes(days.dt.epoch("us"), "numbers")
    ends = (numbers.min() or 0, numbers.max() or 0)
    largest = max(abs(float(end)) for end in ends)  # type: ignore[arg-type]
    factor, divisor = next(((factor, over) for limit, factor, over in _UNITS if largest < limit), _NANOSECONDS)
    if numbers.dtype.is_float():
        return ReadTimes((numbers * (factor / divisor)).round().cast(pl.Int64), "numbers")
    return ReadTimes(numbers * factor if divisor == 1 else numbers // divisor, "numbers")


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
    """Dates whose day and month may be in either order: with points the day is first, else a day above 12 tells."""
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
