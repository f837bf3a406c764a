"""Opening the files of tables: Parquet, or text, which is unpacked and made UTF-8 with line feeds."""

import errno
import gzip
import io
import os
import re
import stat
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

from reelwise.data.readers.faults import Fault
from reelwise.data.readers.lines import NOT_TEXT, quote
from reelwise.errors import DataError
from reelwise.storage.arrays import get_status, is_hole

if TYPE_CHECKING:
    import polars as pl

BOM = b"\xef\xbb\xbf"
_BOMS_OF_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
_JSON = "JSON; save it as CSV or Parquet, or read it as a frame"
_NO_TABLES = {
    b"PK\x03\x04": "a zip archive or a spreadsheet; unpack it, or save it as CSV",
    b"SQLite format 3": "a database; save its table of ratings as CSV",
    b"{": _JSON,
    b"<": "HTML or XML; save it as CSV",
}
_LIST_OF_JSON = re.compile(rb"\[\s*[\[\]{\"\d]")  # but not a header such as [user],[movie]
_NO_HEADER = re.compile(r'[\s,;|]*|"?sep=.?"?', re.IGNORECASE)
"""Lines before the first one of a table: blank ones, or Excel's, which says the separator."""
_RATIO = 100  # of bytes unpacked to bytes packed, at most; ratings have about 5
_VALUE = 8  # bytes
LONGEST_LINE = 1 << 20
"""Bytes that every line fits into."""


def require_file(path: Path) -> None:
    """Refuse what cannot be read as a file.

    Raises:
        DataError: Raised when it is missing, may not be read, is a pipe, a device or a hole, or has a name that
            polars cannot open.
    """
    status = get_status(path, DataError, "there is no such file")
    require_access(path, os.R_OK)
    if not stat.S_ISREG(status.st_mode):
        raise DataError(f"{path}: not a regular file")
    if path.parts[0] == "~" or not has_name_for_polars(path):  # polars takes ~ for a home
        raise DataError(f"{path}: a file of this name cannot be opened; rename it, or give its absolute path")
    if is_hole(status):
        raise DataError(f"{path}: {status.st_size:,} bytes long, but nearly all of them are missing; fetch it again")


def require_access(path: Path, mode: int) -> None:
    """Refuse a file or folder that this process may not use so; `mode` is as for `os.access`.

    Raises:
        DataError: Raised when it may not.
    """
    if not os.access(path, mode):
        raise DataError(f"{path}: cannot be read ({os.strerror(errno.EACCES)}); check its permissions")


def has_name_for_polars(path: Path) -> bool:
    """Whether the name of a file is one that polars can take: UTF-8."""
    return str(path).encode(errors="replace") == os.fsencode(path)


@dataclass(frozen=True)
class TextFile:
    """A text file of a table, as polars and `csv` read it.

    Attributes:
        source: its path; or its content as UTF-8 with line feeds, where it is packed or encoded in another way.
        first: its first line, a header if there is one.
        skipped: how many lines there are before that.
        has_quotes: whether it contains quotes.
    """

    source: Path | bytes = field(repr=False)
    first: str
    skipped: int = 0
    has_quotes: bool = True

    @classmethod
    def of(cls, path: Path, head: bytes, or_latin_1: bool = False) -> Self:
        """The text file at `path`, which begins with `head`; see `open_table`.

        Raises:
            Fault: Raised when it is empty, or not the text of a table.
        """
        source: Path | bytes = path
        if head.startswith(GZIP):
            source = _gunzip(path)
            head = source[:LONGEST_LINE]
        if head.startswith(_BOMS_OF_UTF_16):
            source = _from_utf_16(_content(source))
            head = source[:LONGEST_LINE]
        if or_latin_1:
            source = _from_latin_1(_content(source))
            head = source[:LONGEST_LINE]
        lines = head.strip(b"\r\n")
        if b"\r" in lines and b"\n" not in lines:
            source = _content(source).replace(b"\r", b"\n")
            head = source[:LONGEST_LINE]
        skipped, first = find_first_line(head)
        last, has_quotes = _require_lines(source)
        if b'"' in last:  # polars panics where a quoted field never ends, unless a line end follows
            source = _content(source) + b"\n"
        return cls(source, first, skipped, has_quotes)

    def content(self) -> bytes:
        """The whole content."""
        return _content(self.source)

    def open(self) -> BinaryIO:
        """Open it at its beginning."""
        return _open(self.source)

    def lines(self) -> Iterator[bytes]:
        """Its lines, with their ends.

        Raises:
            Fault: Raised when one is longer than any of a table.
        """
        with self.open() as file:
            number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise _too_long(f"line {number}")
                yield line


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file.

    Attributes:
        path: where it is.
        columns: their names.
    """

    path: Path
    columns: list[str]

    @classmethod
    def of(cls, path: Path) -> Self:
        """The Parquet file at `path`.

        Raises:
            Fault: Raised when it cannot be read.
        """
        import polars as pl

        with _parquet():
            return cls(path, list(pl.read_parquet_schema(path)))

    def read(self, columns: Iterable[str] | None = None) -> "pl.DataFrame":
        """Some of its columns, by default all.

        Raises:
            Fault: Raised when few bytes stand for very many rows, or it cannot be read.
        """
        import polars as pl

        wanted = self.columns if columns is None else list(dict.fromkeys(columns))
        with _parquet():
            rows = pl.scan_parquet(self.path, glob=False).select(pl.len()).collect().item()
            if _VALUE * rows * len(wanted) > max(_RATIO * self.path.stat().st_size, LONGEST_LINE):
                raise Fault(f"unpacked it is more than {_RATIO} times as large; save it as CSV if you trust it")
            return pl.read_parquet(self.path, columns=wanted, glob=False)


def open_table(path: Path, *, or_latin_1: bool = False) -> TextFile | ParquetFile:
    """Open the file of a table.

    Args:
        path: where it is.
        or_latin_1: whether text that is not UTF-8 is read as Latin-1.

    Raises:
        Fault: Raised when it is empty, or neither text nor Parquet.
        DataError: Raised when it cannot be read at all; see `require_file`.
    """
    require_file(path)
    with path.open("rb") as file:
        head = file.read(LONGEST_LINE)
    if not head:
        raise Fault("the file is empty")
    if path.suffix == ".parquet" or head.startswith(PARQUET):
        return ParquetFile.of(path)
    return TextFile.of(path, head, or_latin_1)


def decode_line(number: int, raw: bytes) -> str:
    """A line as text, without its end.

    Raises:
        Fault: Raised when it is not text.
    """
    try:
        if b"\0" not in raw:
            return raw.removeprefix(BOM if number == 1 else b"").decode().rstrip("\r\n")
    except UnicodeDecodeError:
        pass
    raise Fault(NOT_TEXT.format(quote(raw)), f"line {number}")


@contextmanager
def without_panic() -> Iterator[None]:
    """Turn a panic of polars, which is not an `Exception`, into one of its errors.

    Raises:
        PolarsError: Raised when it panics, too.
    """
    import polars as pl

    try:
        yield
    except pl.exceptions.PanicException as error:
        raise pl.exceptions.ComputeError(first_line(error)) from None


def first_line(error: BaseException) -> str:
    """The first line of what an error says."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _gunzip(path: Path) -> bytes:
    most = max(_RATIO * path.stat().st_size, LONGEST_LINE)
    try:
        with gzip.open(path) as file:
            content = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Fault(f"this gzip file cannot be unpacked ({error})") from None
    if len(content) > most:
        raise Fault(f"unpacked it is more than {_RATIO} times as large; unpack it yourself if you trust it")
    return content


def _from_utf_16(content: bytes) -> bytes:
    try:
        return content.decode("utf-16").encode()
    except UnicodeError as error:
        raise Fault(f"this UTF-16 text is broken ({error}); save the file as UTF-8") from None


def _from_latin_1(content: bytes) -> bytes:
    """The content as it is where it is UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1").encode()
    return content


@contextmanager
def _parquet() -> Iterator[None]:
    """Turn errors of polars about a Parquet file into faults."""
    import polars as pl

    try:
        with without_panic():
            yield
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Fault(f"this Parquet file cannot be read ({first_line(error)}); write or fetch it again") from None


def find_first_line(head: bytes) -> tuple[int, str]:
    """Find the first line of a table that begins with `head`, and the number of lines before it: see `_NO_HEADER`.

    Raises:
        Fault: Raised when it is empty, or not the text of a table.
    """
    if not head.removeprefix(BOM).strip():
        raise Fault("the file is empty")
    other = next((what for start, what in _NO_TABLES.items() if head.startswith(start)), None)
    if other or _LIST_OF_JSON.match(head):
        raise Fault(f"this is {other or _JSON}")
    number = 0
    with io.BytesIO(head) as lines:
        while line := lines.readline():
            if not line.endswith(b"\n") and len(head) == LONGEST_LINE:
                raise _too_long(f"line {number + 1}")
            number += 1
            first = decode_line(number, line)
            if not _NO_HEADER.fullmatch(first):
                return number - 1, first
    raise Fault("its first lines are all blank; remove them")


def _require_lines(source: Path | bytes) -> tuple[bytes, bool]:
    """Refuse a file with a line far longer than any of a table, since parsing takes several times its size.

    Returns:
        The text after the last line end; and whether there is any quote.
    """
    has_quotes = False
    with _open(source) as file:
        while part := file.read(LONGEST_LINE):
            has_quotes = has_quotes or b'"' in part
            if len(part) < LONGEST_LINE:
                break
            if b"\n" not in part:
                raise _too_long("")
    return part.rpartition(b"\n")[2], has_quotes


def _content(source: Path | bytes) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()


def _open(source: Path | bytes) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _too_long(where: str) -> Fault:
    return Fault(f"a line is longer than {LONGEST_LINE:,} bytes; this is not a table of ratings or films", where)
