"""The rules for a row of ratings, and what is wrong with an invalid one.

All readers share these rules. They read at full speed, and look at single values only to describe the first fault.
"""

import csv
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from reelwise.data.interactions import RatingScale
from reelwise.data.readers.columns import Role
from reelwise.data.readers.dates import Written
from reelwise.data.readers.faults import Fault
from reelwise.data.vocabulary import LARGEST_ID, LONGEST_ID

COLUMNS = ("userId", "movieId", "rating", "timestamp")
"""The columns of MovieLens, in the order that they have where there is no header."""

WHOLE = r"[ \t]*[+-]?[0-9]+"
NUMBER = r"[ \t]*[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?"
NOT_TEXT = "this is not UTF-8 text: {}; save the file as UTF-8"
ZEROS = r"[.,]0{1,2}"
"""Zeros that follow a whole number which was once a float."""

EXACT = 2**53
"""The largest whole number up to which floats hold every one."""

MISSING = ("nan", "NaN", "NAN", "None", "null", "NULL", "<NA>", "NA", "N/A", "n/a", "NaT", r"\N")
"""Texts that programs write for a missing value."""

_LONGEST = 60  # characters of a value that a message shows
_MOST_COLUMNS = 10_000
_DIGITS = 30  # the most that are read as a whole number; more than any valid one has


@dataclass(frozen=True)
class Rules:
    """The rules for the values of a row.

    Attributes:
        names: the columns that there are, by role.
        scale: what stars must lie on.
        strings: the roles, of user and movie, whose ids are strings.
        times: how most times are written.
        is_scale_said: whether the scale was given, or is that of a model; otherwise it was found from the stars.
    """

    names: Mapping[Role, str]
    scale: RatingScale
    strings: Collection[Role] = ()
    times: Written = "numbers"
    is_scale_said: bool = False


def find_fault(values: Mapping[Role, str], rules: Rules) -> str | None:
    """Say what is wrong with a row, given its values by role, if anything."""
    return next(filter(None, (_find_fault_of(role, value, rules) for role, value in values.items())), None)


def _find_fault_of(role: Role, value: str, rules: Rules) -> str | None:
    name = rules.names[role]
    if not value.strip():
        return f"{name} is missing"
    if role == "rating":
        return _find_fault_of_stars(name, value, rules)
    if role == "time":
        return _find_fault_of_time(name, value, rules.times)
    if role in rules.strings:
        return _find_fault_of_string(name, value)
    if not re.fullmatch(f"{WHOLE}({ZEROS})?", value.strip()):
        return f"{name} is {quote(value)}, not a whole number"
    whole = re.sub(f"{ZEROS}$", "", value.strip())
    if len(whole) > _DIGITS or not 0 <= int(whole) <= LARGEST_ID:
        return f"{name} {_shorten(value)} lies outside 0 to {LARGEST_ID}"
    return None


def _find_fault_of_string(name: str, value: str) -> str | None:
    if value in MISSING:
        return f"{name} is {quote(value)}, which stands for a missing value"
    if len(value) > LONGEST_ID:
        return f"{name} {quote(value)} is longer than {LONGEST_ID} characters"
    if "\0" in value:
        return f"{name} is {quote(value)}, which holds a NUL character"
    return None


def _find_fault_of_stars(name: str, value: str, rules: Rules) -> str | None:
    scale = rules.scale
    if not re.fullmatch(NUMBER, value.strip()):
        return f"{name} is {quote(value)}, not a number of stars"
    if not scale.low <= _number(value) <= scale.high:
        outside = f"{name} {_shorten(value)} lies outside {scale.low:g} to {scale.high:g}"
        if rules.is_scale_said:
            return f"{outside}, the scale that these stars must be on; correct or convert it"
        return (
            f"{outside} (for another scale add --scale LOW:HIGH, or scale=(LOW, HIGH) in Python; or --columns "
            "rating= if these are not stars)"
        )
    return None


def _find_fault_of_time(name: str, value: str, written: Written) -> str | None:
    is_number = re.fullmatch(NUMBER, value.strip())
    if is_number and written == "numbers":
        return None if abs(_number(value)) < 2**63 else f"{name} {_shorten(value)} is too large"
    if is_number and written == "days":
        return f"{name} is {quote(value)}, which is not a day; write days as 20261129"
    if is_number:
        return f"{name} is {quote(value)}, not a date as the others are"
    if written == "unclear dates":
        return f"{name} is {quote(value)}, whose day and month may be swapped; write dates as 2026-11-29"
    return f"{name} is {quote(value)}, not a time"


def _number(value: str) -> float:
    return float(value.replace(",", "."))


def split_fields(line: str, separator: str) -> list[str]:
    """The fields of a line, which may be quoted unless `::` separates them.

    Raises:
        Fault: Raised when there are more than any table has, or one is longer than any can be.
    """
    if line.count(separator) >= _MOST_COLUMNS:
        raise Fault(f"there are more than {_MOST_COLUMNS:,} columns; this is not a table of ratings or films")
    if len(separator) > 1:
        return line.split(separator)
    try:
        return next(csv.reader([line.replace("\r", " ")], delimiter=separator), [])  # no line that another ends in
    except csv.Error as error:
        raise Fault(f"{quote(line)} cannot be split into fields: {error}") from None


def quote(content: str | bytes) -> str:
    """`content` quoted, and short enough for a message."""
    text = content.decode(errors="replace") if isinstance(content, bytes) else content
    return repr(_shorten(text.rstrip("\r\n")))


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
