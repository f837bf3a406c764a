"""The layout of a ratings file, by its first line."""

import re
from typing import NamedTuple

from reelwise.data.readers.columns import ROLES, ColumnNames, Role, count_known, find_columns
from reelwise.data.readers.faults import Fault, naming
from reelwise.data.readers.lines import COLUMNS, NUMBER, split_fields

SEPARATORS = ("::", "\t", ";", "|", ",", " ")


class Layout(NamedTuple):
    """The layout of a file.

    Attributes:
        separator: between fields.
        has_header: whether the first line names the columns.
        names: of the columns.
        positions: the place of each role's column.
    """

    separator: str
    has_header: bool
    names: list[str]
    positions: dict[Role, int]


def find_layout(first: str, given: ColumnNames | None, number: int = 1) -> Layout:
    """Find the layout of a file by its first line.

    Without a header the columns are taken to be user, movie, stars and perhaps time, if the first two are numbers.

    Args:
        first: the line.
        given: the columns by role that the user gave; the others are recognised by their names.
        number: of the line.

    Raises:
        Fault: Raised when the columns cannot be recognised.
    """
    with naming(f"line {number}"):
        return _find_layout(first, given)


def _find_layout(first: str, given: ColumnNames | None) -> Layout:
    split = {separator: split_fields(first, separator) for separator in SEPARATORS if separator in first}
    if not split:
        split = {",": [first]}
    separator = max(split, key=lambda one: (count_known(split[one], given), one != " ", len(split[one])))
    fields = split[separator]
    if _are_numbers(given, fields):
        names = [str(number) for number in range(1, len(fields) + 1)]
        with naming("(without a header)"):
            return Layout(separator, False, names, find_columns(names, given))
    if count_known(fields, given) == 0 and not given:
        for separator, fields in split.items():
            if len(fields) in (3, 4) and all(re.fullmatch(NUMBER, one.strip()) for one in fields[:2]):
                names = list(COLUMNS[: len(fields)])
                return Layout(separator, False, names, {role: at for at, role in enumerate(ROLES[: len(fields)])})
    try:
        return Layout(separator, True, fields, find_columns(fields, given))
    except Fault as fault:
        if count_known(fields, given):
            raise
        raise Fault(f"{fault}; without a header give them by number, such as user=1,movie=2,rating=3") from None


def _are_numbers(given: ColumnNames | None, fields: list[str]) -> bool:
    """Whether columns are given by number from 1, because there is no header; a header may hold numbers, too."""
    said = [name for name in (given or {}).values() if name]
    header = [str(number) for number in range(len(fields))], [str(number + 1) for number in range(len(fields))]
    return bool(said) and all(map(str.isdecimal, said)) and fields not in header
