"""Moments as film sites write them. A date whose day and month may be swapped is not read, rather than guessed."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

DATE_COLUMNS = (
    "date", "datum", "fecha", "data", "dato", "päivämäärä", "päiväys", "dátum", "tarih", "ημερομηνία", "дата", "日付",
    "날짜", "日期",
)  # fmt: skip
"""Names of columns of dates in many languages, as `plain_column` writes them."""

_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)")
_OLD_IMDB = "%a %b %d %H:%M:%S %Y"
_MONTHS = 12


def is_of_dates(column: str) -> bool:
    """Whether a column of that name has dates."""
    return column in DATE_COLUMNS or bool(re.search(r"date|time|created|ts$", column))


def comes_day_first(texts: Iterable[str]) -> bool | None:
    """Whether days stand before months in a column of dates such as 6/19/25; None where that is not clear."""
    found = [found for text in texts if (found := _NUMBERS.match(text))]
    day_first = any(int(numbers[1]) > _MONTHS for numbers in found)
    month_first = any(int(numbers[2]) > _MONTHS for numbers in found)
    return None if day_first == month_first else day_first


def read_moment(text: str, day_first: bool | None = None) -> datetime | None:
    """Read a moment, in UTC; None where a text is not one, or it is not clear which."""
    text = text.strip()
    if not text:
        return None
    try:
        if found := _NUMBERS.match(text):
            return None if day_first is None else _from_numbers(found, day_first)
        moment = datetime.fromisoformat(text) if text[0].isdigit() else datetime.strptime(text, _OLD_IMDB)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_numbers(found: re.Match[str], day_first: bool) -> datetime:
    first, second, year = map(int, found.groups())
    day, month = (first, second) if day_first else (second, first)
    return datetime(year if year > 99 else 2000 + year, month, day, tzinfo=UTC)
