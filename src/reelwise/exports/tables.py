"""Tables in text files: bytes to text, text to records, whatever separates their fields."""

import codecs
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from reelwise.data.readers.faults import Fault
from reelwise.data.readers.records import split_records
from reelwise.errors import ExportError
from reelwise.exports.history import UnreadableRow
from reelwise.exports.limits import MAX_LINES
from reelwise.exports.values.dates import comes_day_first, is_of_dates, read_moment
from reelwise.exports.values.numbers import read_rating

SEPARATORS = (",", ";", "\t", "|")

_SCALE_BEHIND = re.compile(r" ?[(\[][^()\[\]]{0,20}\d[)\]]$")  # (1-10), (out of 5)
_LONGEST_TITLE = 500  # characters
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Table:
    """A table with a header; columns are called as `plain_column` says.

    Attributes:
        file: of an archive, the file in it; else "".
        name: of the file, with its folder; may be "".
        columns: the plain names of its columns.
        lines: where each record begins, and its fields; not all are blank.
    """

    file: str
    name: str
    columns: Sequence[str]
    lines: Sequence[tuple[int, list[str]]] = field(repr=False)

    def records(self) -> Iterator["Record | UnreadableRow"]:
        """The records; those that do not fit the columns as unreadable."""
        for line, fields in self.lines:
            if any(fields[len(self.columns) :]):
                yield UnreadableRow(self.file, line, f"{len(fields)} fields instead of {len(self.columns)}")
            else:
                yield Record(self, line, dict(zip(self.columns, fields, strict=False)))

    @cached_property
    def day_first(self) -> bool | None:
        """Whether days stand before months in its dates; None where that is not clear, or does not matter."""
        places = [place for place, column in enumerate(self.columns) if is_of_dates(column)]
        return comes_day_first(fields[place] for _, fields in self.lines for place in places if place < len(fields))


@dataclass(frozen=True)
class Record:
    """A row of a table: where it begins, and its values by column."""

    table: Table = field(repr=False)
    line: int
    values: dict[str, str]

    def get(self, *columns: str) -> str:
        """The value in the first of these columns that has one; "" where none has."""
        for column in columns:
            if value := self.values.get(column, "").strip():
                return value
        return ""

    def title(self, *columns: str) -> str:
        """The same for a title, as `printable` writes it."""
        return printable(self.get(*columns))

    def rating(self, *columns: str, best: float) -> float | None:
        """The same for a rating from 0 to `best`; None where none has one.

        Raises:
            ValueError: Raised when the value is not a rating.
        """
        column = next((column for column in columns if column in self.values), columns[0])
        return read_rating(self.get(*columns), column, best)

    def when(self, *columns: str) -> datetime | None:
        """The same for a moment; None where none has one."""
        return read_moment(self.get(*columns), self.table.day_first)


def printable(text: str) -> str:
    """A title in one line of limited length, without characters that cannot be printed."""
    text = " ".join(text.split())[:_LONGEST_TITLE]
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def plain_column(name: str) -> str:
    """The name of a column without regard to case, blanks around it, underscores, and how its accents are encoded.

    The dot of an i is ignored, too, which Turkish has in its own way, and a scale behind a name: Rating (1-10).
    """
    name = _SCALE_BEHIND.sub("", re.sub(r"[\s_]+", " ", name.strip("\ufeff \t")).strip())
    return unicodedata.normalize("NFC", name).casefold().replace("i\u0307", "i").replace("ı", "i")


def decode(content: bytes) -> str:
    """Text in UTF-8 or UTF-16; lines that are in neither are read as Windows-1252."""
    encoding = next((encoding for bom, encoding in _BOMS.items() if content.startswith(bom)), None)
    if encoding is None and len(content) > 1 and 0 in content[:2]:  # only in UTF-16 does text begin with NUL
        encoding = "utf-16-be" if content[0] == 0 else "utf-16-le"
    try:
        return content.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding and encoding != "utf-8-sig":
            return content.decode(encoding, "replace")
    if content.count(b"\n") > 2 * MAX_LINES:  # too many lines to be read
        return content.decode("cp1252", "replace")
    return "".join(map(_decode_line, io.BytesIO(content)))


def _decode_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def read_records(file: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a text: the line where each begins, from 1, and its fields, which may hold line ends.

    Raises:
        ExportError: Raised when a field that is quoted never ends, or is longer than any can be.
    """
    try:
        for record in split_records(io.StringIO(text, newline=""), separator):
            yield record.line, record.fields
    except Fault as fault:
        raise ExportError(f"{fault.within(file)}; export it again") from None
