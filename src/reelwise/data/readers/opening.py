"""Opening text files: unpacked, as UTF-8, and with line ends of today."""

import gzip
import io
import zlib
from pathlib import Path
from typing import TextIO

from reelwise.data.readers.lines import NOT_TEXT, quote
from reelwise.errors import DataError

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
_HEAD = 1 << 20  # bytes that the first line fits into


def open_text(path: Path) -> tuple[Path | bytes, str]:
    """A text file as something that polars reads, and its first line.

    That is the path itself, or the content where that is packed by gzip, UTF-16, or has the line ends of old Macs.

    Raises:
        DataError: Raised when it is empty, or no text.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    content: bytes | None = None
    if head.startswith(_GZIP):
        content = _gunzip(path)
        head = content[:_HEAD]
    if head.startswith(_BOMS_OF_UTF_16):
        try:
            content = (path.read_bytes() if content is None else content).decode("utf-16").encode()
        except UnicodeError as error:
            raise DataError(f"{path}: this UTF-16 text is broken ({error}); save the file as UTF-8") from None
        head = content[:_HEAD]
    if b"\r" in head and b"\n" not in head:
        content = (path.read_bytes() if content is None else content).replace(b"\r", b"\n")
        head = content[:_HEAD]
    if not head.removeprefix(_BOM).strip():
        raise DataError(f"{path}: the file is empty")
    other = next((what for start, what in _NO_TABLES.items() if head.startswith(start)), None)
    if other:
        raise DataError(f"{path}: this is {other}")
    first, end, _ = head.partition(b"\n")
    if not end and len(head) == _HEAD:
        raise DataError(f"{path} line 1: the line is longer than {_HEAD:,} bytes; this is not a ratings file")
    return path if content is None else content, decode_line(str(path), 1, first)


def _gunzip(path: Path) -> bytes:
    most = max(_RATIO * path.stat().st_size, _HEAD)
    try:
        with gzip.open(path) as file:
            content = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: this gzip file cannot be unpacked ({error})") from None
    if len(content) > most:
        raise DataError(f"{path}: unpacked it is more than {_RATIO} times as large; unpack it yourself if you trust it")
    return content


def open_stream(source: Path | bytes) -> TextIO:
    """The text that `open_text` gave, for `csv`."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    return io.TextIOWrapper(file, encoding="utf-8-sig", newline="")


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


def first_line(error: Exception) -> str:
    """The first line of what an error says."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
