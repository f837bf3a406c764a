"""How a row of ratings is written, and what is wrong with one that is not.

The local reader and Spark's share these rules. Both read at full speed, and look at text only to name the first fault.
"""

import csv
import re
from collections.abc import Mapping

from reelwise.data.interactions import RatingScale
from reelwise.data.vocabulary import LARGEST_ID
from reelwise.errors import DataError

NEEDED = ("userId", "movieId", "rating")
COLUMNS = (*NEEDED, "timestamp")

# what polars reads as a number: spaces may stand before it, not after
WHOLE = r"[ \t]*[+-]?[0-9]+"
NUMBER = r"[ \t]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
NOT_TEXT = "this is not UTF-8 text: {}; save the file as UTF-8"

_LONGEST = 60  # characters of a value that a message shows
_DIGITS = 30  # the most that are read as a whole number; more than any valid one has


def find_fault(values: Mapping[str, str], scale: RatingScale) -> str | None:
    """What is wrong with a row, given its values by column, if anything."""
    return next(filter(None, (_find_fault_of(name, value, scale) for name, value in values.items())), None)


def _find_fault_of(name: str, value: str, scale: RatingScale) -> str | None:
    if not value:
        return f"{name} is missing"
    if name == "rating":
        return _find_fault_of_stars(value, scale)
    if not re.fullmatch(WHOLE, value):
        return f"{name} is {quote(value)}, not a whole number"
    number = int(value) if len(value) <= _DIGITS else float(value)
    if name == "timestamp":
        return None if -(2**63) <= number < 2**63 else f"timestamp {_shorten(value)} is too large"
    return None if 1 <= number <= LARGEST_ID else f"{name} {_shorten(value)} lies outside 1 to {LARGEST_ID}"


def _find_fault_of_stars(value: str, scale: RatingScale) -> str | None:
    if not re.fullmatch(NUMBER, value):
        return f"rating is {quote(value)}, not a number of stars"
    if not scale.low <= float(value) <= scale.high:
        limits = f"{scale.low:g} to {scale.high:g}"
        return f"rating {_shorten(value)} lies outside {limits} (say --scale LOW:HIGH for another scale)"
    return None


def split_header(place: str, line: str) -> list[str]:
    """The names of the columns in the first line of the CSV file `place`.

    Raises:
        DataError: Raised when a needed one is missing.
    """
    header = split_fields(line, ",")
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise DataError(
            f"{place} line 1: no column {' or '.join(missing)} in the header {quote(line)}; "
            f"expected {','.join(COLUMNS)}"
        )
    return header


def split_fields(line: str, separator: str) -> list[str]:
    """The fields of a line, which may be quoted where commas separate them."""
    if separator != ",":
        return line.split(separator)
    return next(csv.reader([line.replace("\r", " ")]), [])  # `csv` takes no line that another ends in


def quote(content: str | bytes) -> str:
    """`content` quoted, and short enough for a message."""
    text = content.decode(errors="replace") if isinstance(content, bytes) else content
    return repr(_shorten(text.rstrip("\r\n")))


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
