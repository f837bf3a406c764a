"""The files in a person's file, zip or folder, all in memory: nothing is written."""

import gzip
import io
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from reelwise.data.unzip import ArchiveError, read_zip
from reelwise.errors import ExportError
from reelwise.exports.limits import MAX_BYTES, MAX_UNPACKED, MAX_UNPACKED_FILE

_ZIP, _GZIP = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b"  # the second begins a zip of nothing
_KINDS = (".csv", ".json", ".tsv", ".txt")
_PASSED_OVER = ("deleted", "orphaned", "__macosx")  # folders: what the person took back, and what systems add
_NOT_FILMS = ("likes/lists.csv", "likes/reviews.csv")  # of Letterboxd: what other people wrote

PackedFiles = dict[str, bytes]
"""Files by their paths in an archive or folder."""


def read_path(path: Path) -> bytes | PackedFiles:
    """The content of a file, or the files of a folder.

    Raises:
        ExportError: Raised when it is missing, is not a regular file, cannot be read, or is too large.
    """
    try:
        return _read_folder(path) if path.is_dir() else _read_file(path)
    except (OSError, UnicodeError) as error:
        raise ExportError(f"{path}: it cannot be read ({getattr(error, 'strerror', None) or error})") from None


def unpack(content: bytes, place: str) -> bytes | PackedFiles:
    """The files of a zip; the content of a gzip file; anything else as it is.

    Raises:
        ExportError: Raised when it is too large, damaged or harmful.
    """
    check_size(len(content), place)
    if content.startswith(_GZIP):
        return _gunzip(content, place)
    if not content.startswith(_ZIP):
        return content
    try:
        files = read_zip(content, is_wanted=_is_wanted, max_bytes=MAX_UNPACKED)
    except ArchiveError as error:
        raise ExportError(f"{place}: this zip is refused: {error}; export it again") from None
    if "xl/workbook.xml" in files:
        raise ExportError(f"{place}: this is a spreadsheet; save it as CSV")
    for name, file in files.items():
        if len(file) > MAX_UNPACKED_FILE:
            raise ExportError(f"{place}: {name!r} in it is larger than {MAX_UNPACKED_FILE >> 20} MB")
    return files


def check_size(size: int, place: str) -> None:
    """Refuse a size that is too large.

    Raises:
        ExportError: Raised when it is.
    """
    if size > MAX_BYTES:
        raise ExportError(
            f"{place}: it has {size / (1 << 20):.1f} MB; at most {MAX_BYTES >> 20} MB are read, so give the files in "
            "it one by one"
        )


def _gunzip(content: bytes, place: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(MAX_UNPACKED_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ExportError(f"{place}: this gzip file cannot be unpacked ({error}); export it again") from None
    if len(unpacked) > MAX_UNPACKED_FILE:
        raise ExportError(f"{place}: unpacked it is larger than {MAX_UNPACKED_FILE >> 20} MB")
    return unpacked


def _read_file(path: Path) -> bytes:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ExportError(f"{path}: this is not a regular file")
    check_size(status.st_size, str(path))
    with path.open("rb") as file:
        return file.read(MAX_BYTES)


def _read_folder(folder: Path) -> PackedFiles:
    files: PackedFiles = {}
    for path in _list_files(folder):
        files[path.relative_to(folder).as_posix()] = _read_file(path)
        check_size(sum(map(len, files.values())), str(folder))
    return files


def _list_files(folder: Path) -> Iterator[Path]:
    """The files that may have rows; no links, which may lead anywhere."""
    for pattern in ("*", "*/*", "*/*/*"):
        for path in sorted(folder.glob(pattern)):
            inside = path.relative_to(folder)
            is_linked = any(part.is_symlink() for part in (path, *path.parents[: len(inside.parts) - 1]))
            if not is_linked and path.is_file() and _is_wanted(inside.as_posix()):
                yield path


def _is_wanted(name: str) -> bool:
    path = PurePosixPath(name.casefold())
    if path.as_posix() == "xl/workbook.xml":
        return True
    if path.name.startswith(".") or not set(_PASSED_OVER).isdisjoint(path.parts[:-1]):
        return False
    return path.suffix in _KINDS and not path.as_posix().endswith(_NOT_FILMS)
