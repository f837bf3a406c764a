"""The records of text files, as Python's `csv` splits them: a quote opens a field only where the field begins.

polars pairs quotes wherever they stand, so where some stand alone `prepare` chooses how it reads the file.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from reelwise.data.readers.faults import Fault
from reelwise.data.readers.lines import quote
from reelwise.data.readers.opening import BOM, TextFile, decode_line, first_line, without_panic

if TYPE_CHECKING:
    import polars as pl

_EDGE, _RETURN, _QUOTE = 1, 2, 3  # marks at the ends of fields; the first bit: a quote after it may open a field
_BLOCK = 1 << 17  # bytes, few enough for a cache

Quotes = Literal["paired", "literal", "mixed"]
"""The use of quotes in a file: all enclose fields, none does, or some do and others stand alone."""


class TextRecord(NamedTuple):
    """A line, or several where a quoted field holds line ends: where it begins, its fields, and the whole of it."""

    line: int
    fields: list[str]
    content: str

    def blame(self, what: str) -> Fault:
        """A fault of this record."""
        first, _, _ = self.content.partition("\n")
        return Fault(f"{what} in {quote(first)}", f"line {self.line}")


def is_blank(fields: Iterable[str]) -> bool:
    """Whether no field of a record holds anything, as in the last rows of a spreadsheet."""
    return not "".join(fields).strip()


class PreparedText(NamedTuple):
    """The input of polars: a file or its content, and the character that encloses fields."""

    source: Path | bytes
    quote_char: str | None


def prepare(file: TextFile, separator: str, has_header: bool) -> PreparedText:
    """A text file so that polars finds the same records in it as `read_records`.

    Raises:
        Fault: Raised when it has to be rewritten for that, and cannot be read.
    """
    if len(separator) > 1:
        return PreparedText(file.source, None)
    if not file.has_quotes:
        return PreparedText(file.source, '"')
    match _find_quotes(file, separator, has_header):
        case "paired":
            return PreparedText(file.source, '"')
        case "literal":
            return PreparedText(file.source, None)
        case "mixed":
            return PreparedText(_rewrite(file, separator, has_header), '"')


def read_text(
    file: TextFile, separator: str, has_header: bool, encoding: Literal["utf8", "utf8-lossy"]
) -> "pl.DataFrame":
    """All fields of a text file, as text.

    Raises:
        Fault: Raised when they cannot be read.
    """
    import polars as pl

    text = prepare(file, separator, False)
    try:
        with without_panic():
            return pl.read_csv(
                text.source,
                quote_char=text.quote_char,
                separator=separator,
                skip_lines=file.skipped,
                has_header=has_header,
                infer_schema=False,
                encoding=encoding,
            )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Fault(f"this table cannot be read ({first_line(error)})") from None


def read_records(file: TextFile, separator: str, has_header: bool) -> Iterator[TextRecord]:
    """The records of a text file after the header; blank lines are records, too.

    Raises:
        Fault: Raised when a line is not text, a field is longer than any can be, or a quoted one never ends.
    """
    skipped = file.skipped + has_header
    decoded = (decode_line(number, raw) for number, raw in enumerate(file.lines(), 1))
    lines = islice(decoded, skipped, None)
    if len(separator) > 1:
        for number, line in enumerate(lines, skipped + 1):
            yield TextRecord(number, line.split(separator), line)
    else:  # csv takes no line that another ends in
        yield from split_records((line.replace("\r", " ") + "\n" for line in lines), separator, skipped + 1)


def split_records(lines: Iterable[str], separator: str, first: int = 1) -> Iterator[TextRecord]:
    """The records of lines with their ends, as `csv` splits them; the first line is called by that number.

    Raises:
        Fault: Raised when a field is longer than any can be, or a quoted one never ends.
    """
    taken = list[str]()
    are_over = False

    def remember() -> Iterator[str]:
        nonlocal are_over
        for line in lines:
            taken.append(line)
            yield line
        are_over = True

    try:
        for fields in csv.reader(remember(), delimiter=separator):
            record = TextRecord(first, fields, "".join(taken))
            if are_over:  # only a field that is still open makes csv ask for another line
                raise record.blame("a quoted field never ends")
            yield record
            first += len(taken)
            taken.clear()
    except csv.Error as error:
        raise TextRecord(first, [], "".join(taken)).blame(str(error)) from None


def _find_quotes(file: TextFile, separator: str, has_header: bool) -> Quotes:
    """Find the use of quotes in a file.

    Where all are paired, every second one, from the first, stands where a field begins, and the others where one ends;
    two side by side stand for one in a field: the first ends it, and the second begins it again.
    """
    meanings = bytearray(256)
    for character, meaning in ((separator, _EDGE), ("\n", _EDGE), ("\r", _RETURN), ('"', _QUOTE)):
        meanings[ord(character)] = meaning
    is_paired, is_literal, count, before = True, True, 0, b"\n"
    with file.open() as opened:
        opened.seek(len(BOM) if opened.read(len(BOM)) == BOM else 0)
        for _ in range(file.skipped + has_header):
            opened.readline()
        while part := opened.read(_BLOCK):
            marks = np.frombuffer((before + part).translate(meanings), np.uint8)
            at = np.flatnonzero(marks == _QUOTE)
            first = count - (before == b'"')
            opening, closing = at[first % 2 :: 2], at[1 - first % 2 :: 2]
            outer, following = marks[opening[opening > 0] - 1], marks[closing[closing < len(part)] + 1]
            is_paired = is_paired and bool((outer & _EDGE).all() and following.all())
            is_literal = is_literal and not (marks[at[at > 0] - 1] == _EDGE).any()
            if not is_paired and not is_literal:
                return "mixed"
            count, before = first + len(at), part[-1:]
    if is_literal:
        return "literal"
    return "paired" if is_paired and count % 2 == 0 else "mixed"


def _rewrite(file: TextFile, separator: str, has_header: bool) -> bytes:
    """The content of a file with quotes only where they enclose fields, and those within fields doubled."""
    content = io.StringIO(newline="")
    content.write("\n" * (file.skipped + has_header))
    rows = csv.writer(content, delimiter=separator, lineterminator="\n")
    rows.writerows(record.fields for record in read_records(file, separator, has_header))
    return content.getvalue().encode()
