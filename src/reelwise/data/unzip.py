"""From a zip that nobody vouches for to a folder, whole or not at all.

A zip can name files outside the folder it is unpacked into, plant links, hide a disk full of zeros in a few bytes, or
simply be damaged. `unpack` judges every entry before the first byte is written, takes only plain files and folders
within limits, and leaves nothing behind otherwise. `install` puts what was unpacked in its final place in one step.
"""

import errno
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import TypeVar

from reelwise.errors import DownloadError

_CHUNK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_KINDS = (0, stat.S_IFREG, stat.S_IFDIR)  # 0: made on a system without file modes
# What zipfile lets out on damaged bytes; ValueError covers names that are no UTF-8 and offsets before the file.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError)

_DAMAGE_CODES = (errno.EINVAL, errno.ENAMETOOLONG)  # a seek to before the file, or a name that no disk takes
_STRAY = "__MACOSX"  # the folder that macOS adds to the zips it makes

T = TypeVar("T")


class ArchiveError(DownloadError):
    """An archive that is damaged, or would do harm if unpacked: another copy is needed, trying again is no use."""


def unpack(
    archive: Path, into: Path, *, max_bytes: int = 8 << 30, max_ratio: float = 100.0, max_files: int = 1000
) -> None:
    """Unpacks the zip `archive` into the new folder `into`; on any failure `into` does not exist afterwards.

    Args:
        archive: The zip file; stored and deflated entries are read, other methods are not.
        into: The folder to make; it must not exist yet.
        max_bytes: The most bytes that all files may have together, unpacked.
        max_ratio: The most bytes that may come out for each byte of `archive` (ratings pack about 5 to 1).
        max_files: The most entries, folders included.

    Raises:
        ArchiveError: The zip is damaged, harmful or beyond a limit; the message names the archive and the entry.
        DownloadError: `archive` cannot be read, `into` exists or cannot be written, or the disk is too small.
    """
    try:
        with _opened(archive) as source:
            entries = source.infolist()
            most = min(max_bytes, int(max_ratio * archive.stat().st_size))
            _check(archive, entries, max_bytes=most, max_files=max_files)
            into.mkdir(parents=True)
            try:
                require_space(into, sum(entry.file_size for entry in entries), f"unpacking {archive.name}")
                for entry in entries:
                    _write(archive, source, entry, into)
            except BaseException:  # an interrupt too must not leave half a folder
                shutil.rmtree(into, ignore_errors=True)
                raise
    except OSError as fault:
        kind = ArchiveError if fault.errno in _DAMAGE_CODES else DownloadError
        raise kind(f"could not unpack {archive} into {into}: {(fault.strerror or str(fault)).lower()}") from fault


def install(archive: Path, target: Path, check: Callable[[Path], T]) -> T:
    """Puts the one folder inside the zip `archive` at `target`, whatever its own name, and returns what `check` says.

    All happens in a temporary folder beside `target`; `check` looks at the unpacked folder there and raises if it will
    not do. Only then is the folder renamed to `target`, in place of what was there. On a failure `target` is unchanged.

    Raises:
        ArchiveError: As `unpack`, or the archive holds anything but one folder.
        DownloadError: As `unpack`.
    """
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
        unpacked = Path(scratch, "unpacked")
        unpack(archive, unpacked)
        inside = [path for path in unpacked.iterdir() if path.name != _STRAY]
        if len(inside) != 1 or not inside[0].is_dir():
            raise ArchiveError(f"{archive.name} does not hold exactly one folder")
        checked = check(inside[0])
        _replace(target, inside[0], aside=Path(scratch, "replaced"))
    return checked


def _replace(target: Path, folder: Path, *, aside: Path) -> None:
    """Renames `folder` to `target`; what was there goes to `aside`, and comes back if the renaming fails."""
    try:
        target.rename(aside)
    except FileNotFoundError:
        folder.rename(target)
        return
    try:
        folder.rename(target)
    except BaseException:
        aside.rename(target)
        raise


def require_space(folder: Path, needed: int, purpose: str) -> None:
    """Raises DownloadError if the disk of `folder` has fewer than `needed` bytes free; `purpose` says what for."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DownloadError(
            f"{purpose} needs {needed / 1e6:,.1f} MB, but only {free / 1e6:,.1f} MB are free at {folder}; "
            "make room or choose another folder"
        )


def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except _DAMAGE as fault:
        raise ArchiveError(f"{archive.name} is not a zip, or is damaged ({fault})") from fault


def _check(archive: Path, entries: Sequence[zipfile.ZipInfo], *, max_bytes: int, max_files: int) -> None:
    if len(entries) > max_files:
        raise ArchiveError(f"{archive.name} holds {len(entries):,} entries; more than {max_files:,} are refused")
    for entry in entries:
        if fault := _fault(entry):
            raise _refused(archive, entry, fault)
    _check_names_apart(archive, entries)
    total = 0
    for entry in entries:
        total += entry.file_size
        if total > max_bytes:
            raise _refused(archive, entry, f"takes the unpacked size beyond {max_bytes:,} bytes, as in a zip bomb")


def _fault(entry: zipfile.ZipInfo) -> str | None:
    """Why this entry must not be unpacked, or None."""
    name = entry.orig_filename  # what the archive says; `filename` is already cut at NUL and has its slashes turned
    parts = name.removesuffix("/").split("/")
    faults = (
        (not name.isprintable(), "has control characters in its name"),
        ("\\" in name or ":" in name, "has a backslash or a drive letter in its name"),
        (not {"", ".", ".."}.isdisjoint(parts), "has an absolute path, or one with empty, '.' or '..' parts"),
        (stat.S_IFMT(entry.external_attr >> 16) not in _KINDS, "is a link or a special file"),
        (bool(entry.flag_bits & 0x1), "is encrypted"),
        (entry.compress_type not in _METHODS, "is packed by another method than deflate"),
    )
    return next((why for bad, why in faults if bad), None)


def _check_names_apart(archive: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuses entries that would overwrite each other, also on disks that ignore case, or lie inside a file."""
    seen: set[PurePosixPath] = set()
    files: set[PurePosixPath] = set()
    for entry in entries:
        path = _comparable(entry)
        if path in seen:
            raise _refused(archive, entry, "is there twice")
        seen.add(path)
        if not entry.is_dir():
            files.add(path)
    for entry in entries:
        if not files.isdisjoint(_comparable(entry).parents):
            raise _refused(archive, entry, "lies inside another file")


def _comparable(entry: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(entry.orig_filename.casefold())


def _write(archive: Path, source: zipfile.ZipFile, entry: zipfile.ZipInfo, into: Path) -> None:
    target = into / entry.orig_filename
    if entry.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _copy(source, entry, target)
    except _DAMAGE as fault:
        raise _refused(archive, entry, f"is damaged ({fault})") from fault


def _copy(source: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    written = 0
    with source.open(entry) as packed, target.open("xb") as file:
        # The limits were checked against the declared size, so what really comes is held to it while writing.
        while chunk := packed.read(_CHUNK):
            written += len(chunk)
            if written > entry.file_size:
                break
            file.write(chunk)
    if written != entry.file_size:
        raise zipfile.BadZipFile(f"{entry.file_size:,} bytes are declared, but others came")


def _refused(archive: Path, entry: zipfile.ZipInfo, why: str) -> ArchiveError:
    # repr: a name out of a stranger's archive must not steer the terminal; cut: it may be 64 kB long
    return ArchiveError(f"{archive.name}: entry {entry.orig_filename[:100]!r} {why}; nothing was unpacked")
