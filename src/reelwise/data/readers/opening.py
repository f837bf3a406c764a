"""Opening text files: unpacked, as UTF-8, and with line ends of today."""

import errno
import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.data.readers.lines import NOT_TEXT, quote
from reelwise.errors import DataError
from reelwise.storage.arrays import is_hole, look_up

if TYPE_CHECKING:
    import polars as pl

_BOM = b"\xef\xbb\xbf"
_BOMS_OF_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_GZIP = b"\x1f\x8b"
_NO_TABLES = {
    b"PK\x03\x04": "a zip archive or a spreadsheet; unpack it, or save it as CSV",
    b"SQLite format 3": "a database; save its table of ratings as CSV",
    b"{": "JSON; save it as CSV or Parquet, or read it as a frame",
    b"[": "JSON; save it as CSV or Parquet, or read it as a frame",
    b"<": "HTML or XML; save it as CSV",
}
_RATIO = 100  # of bytes unpacked to bytes packed, at most; ratings have about 5
_VALUE = 8  # bytes
LONGEST_LINE = 1 << 20
"""Bytes that every line fits into."""


def require_file(path: Path) -> None:
    """Refuse what cannot be read as a file.

    Raises:
        DataError: Raised when it is not there, may not be read, is a pipe, a device, a hole as long as a disk, or of a
            name that polars cannot take.
    """
    status = look_up(path, DataError, "there is no such file")
    require_access(path, os.R_OK)
    if not stat.S_ISREG(status.st_mode):
        raise DataError(f"{path}: not a regular file")
    if path.parts[0] == "~" or not has_name_for_polars(path):  # polars takes ~ for a home
        raise DataError(f"{path}: a file of this name cannot be opened; rename it, or give its absolute path")
    if is_hole(status):
        raise DataError(f"{path}: {status.st_size:,} bytes long, but hardly any of them are there; fetch it again")


def require_access(path: Path, mode: int) -> None:
    """Refuse a file or folder that this process may not use so; `mode` is as for `os.access`.

    Raises:
        DataError: Raised when it may not.
    """
    if not os.access(path, mode):
        raise DataError(f"{path}: cannot be read ({os.strerror(errno.EACCES)}); see who may read it")


def has_name_for_polars(path: Path) -> bool:
    """Whether the name of a file is one that polars can take: UTF-8."""
    return str(path).encode(errors="replace") == os.fsencode(path)


def open_text(path: Path) -> tuple[Path | bytes, str]:
    """A text file as something that polars reads, and its first line.

    That is the path itself, or the content where that is packed by gzip, UTF-16, or has the line ends of old Macs.

    Raises:
        DataError: Raised when it is empty, or no text.
    """
    require_file(path)
    with path.open("rb") as file:
        head = file.read(LONGEST_LINE)
    content: bytes | None = None
    if head.startswith(_GZIP):
        content = _gunzip(path)
        head = content[:LONGEST_LINE]
    if head.startswith(_BOMS_OF_UTF_16):
        try:
            content = (path.read_bytes() if content is None else content).decode("utf-16").encode()
        except UnicodeError as error:
            raise DataError(f"{path}: this UTF-16 text is broken ({error}); save the file as UTF-8") from None
        head = content[:LONGEST_LINE]
    if b"\r" in head and b"\n" not in head:
        content = (path.read_bytes() if content is None else content).replace(b"\r", b"\n")
        head = content[:LONGEST_LINE]
    if not head.removeprefix(_BOM).strip():
        raise DataError(f"{path}: the file is empty")
    other = next((what for start, what in _NO_TABLES.items() if head.startswith(start)), None)
    if other:
        raise DataError(f"{path}: this is {other}")
    first, end, _ = head.partition(b"\n")
    if not end and len(head) == LONGEST_LINE:
        raise _too_long(str(path), 1)
    source = path if content is None else content
    require_lines(str(path), source)
    return source, decode_line(str(path), 1, first)


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> "pl.DataFrame":
    """Some columns of a Parquet file, by default all.

    Raises:
        DataError: Raised when few bytes stand for very many rows, or it is damaged.
        PolarsError, OSError: Raised when it cannot be read.
    """
    import polars as pl

    require_file(path)
    try:
        wanted = list(pl.read_parquet_schema(path) if columns is None else columns)
        rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
        if _VALUE * rows * len(wanted) > max(_RATIO * path.stat().st_size, LONGEST_LINE):
            raise DataError(f"{path}: unpacked it is more than {_RATIO} times as large; write it anew if you trust it")
        return pl.read_parquet(path, columns=wanted, glob=False)
    except pl.exceptions.PanicException as error:  # what polars does not foresee of a damaged file
        raise DataError(f"{path}: this Parquet file is damaged ({first_line(error)}); write or fetch it anew") from None


def _gunzip(path: Path) -> bytes:
    most = max(_RATIO * path.stat().st_size, LONGEST_LINE)
    try:
        with gzip.open(path) as file:
            content = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: this gzip file cannot be unpacked ({error})") from None
    if len(content) > most:
        raise DataError(f"{path}: unpacked it is more than {_RATIO} times as large; unpack it yourself if you trust it")
    return content


def open_lines(place: str, source: Path | bytes) -> Iterator[bytes]:
    """The lines of what `open_text` gave, with their ends.

    Raises:
        DataError: Raised when one is longer than any of a table.
    """
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise _too_long(place, number)
            yield line


def require_lines(place: str, source: Path | bytes) -> None:
    """Refuse what has a line that is far longer than any of a table; whoever reads it may take several times as much.

    Raises:
        DataError: Raised when it has.
    """
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        while len(part := file.read(LONGEST_LINE)) == LONGEST_LINE:
            if b"\n" not in part:
                raise DataError(f"{place}: a line is longer than {LONGEST_LINE:,} bytes; this is no such table")


def _too_long(place: str, number: int) -> DataError:
    return DataError(f"{place} line {number}: the line is longer than {LONGEST_LINE:,} bytes; this is no such table")


def decode_line(place: str, number: int, raw: bytes) -> str:
    """A line as text, without its end.

    Raises:
        DataError: Raised when it is no text.
    """
    try:
        if b"\0" not in raw:
            return raw.removeprefix(_BOM if number == 1 else b"").decode().rstrip("\r\n")
    except UnicodeDecodeError:
        pass
    raise DataError(f"{place} line {number}: {NOT_TEXT.format(quote(raw))}")


def first_line(error: BaseException) -> str:
    """The first line of what an error says."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
