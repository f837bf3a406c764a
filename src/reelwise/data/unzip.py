"""Unpacking an untrusted zip into a folder or into memory, whole or not at all.

A zip can name files outside the folder it is unpacked into, plant links, hide a disk full of zeros in a few bytes, or
simply be damaged. So all that would be unpacked is judged before the first byte is written.
"""

import errno
import io
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from reelwise.errors import DownloadError, describe_error

# What zipfile raises on damaged bytes; ValueError covers names that are not UTF-8 and offsets before the file.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE_CODES = (errno.EINVAL, errno.ENAMETOOLONG)  # a seek to before the file, or a name that no disk takes

_MOST_RATIO = 100  # bytes that may come out for each byte of an archive; ratings pack about 5 to 1
_MOST_ENTRIES = 1000  # of an archive, folders included

_Files = Sequence[tuple[str, zipfile.ZipInfo]]  # each with the path that it gets


class ArchiveError(DownloadError):
    """An archive that is damaged, or would do harm if unpacked; only another copy helps, not trying again."""


def unzip(
    archive: Path,
    into: Path,
    *,
    marks: Collection[str],
    wanted: Collection[str] | None = None,
    max_bytes: int = 8 << 30,
) -> None:
    """Unpack one folder of the zip `archive` as the new folder `into`; after any failure `into` does not exist.

    The folder is the root of the archive or one of its top folders: the one with a file in it that `marks` names. What
    lies beside it is left alone.

    Args:
        archive: The zip file; stored and deflated entries are read, other methods are not.
        into: The folder to make; if it exists, it must be empty.
        marks: Names of files by which the folder is recognised; one is enough.
        wanted: The files to unpack, by their paths in the folder; all of them by default. Others are not looked at.
        max_bytes: The most bytes that all files may have together, unpacked.

    Raises:
        ArchiveError: Raised when the zip is damaged, harmful or beyond a limit. The message calls the zip "it".
        DownloadError: Raised when the disk is too small.
        OSError: Raised when `archive` cannot be read, or `into` holds something or cannot be written.
    """
    with _explain_damage(), zipfile.ZipFile(archive) as source:
        _check_count(source.infolist())
        files = _choose(source.infolist(), marks, wanted)
        _check(files, min(max_bytes, _MOST_RATIO * archive.stat().st_size))
        require_space(into.parent, sum(entry.file_size for _, entry in files), f"unpacking {archive.name}")
        into.mkdir(exist_ok=True)
        if any(into.iterdir()):
            raise FileExistsError(errno.EEXIST, "the folder is not empty", str(into))
        try:
            for path, entry in files:
                _write(source, entry, into / path)
        except BaseException:  # an interrupt too must not leave half a folder
            shutil.rmtree(into, ignore_errors=True)
            raise


def read_zip(
    content: bytes,
    *,
    is_wanted: Callable[[str], bool],
    max_bytes: int,
) -> dict[str, bytes]:
    """The files of a zip in memory, by their paths; nothing is written anywhere.

    Args:
        content: The zip.
        is_wanted: Which files are read, by their paths; all the others are judged, too.
        max_bytes: The most bytes that all files may have together, unpacked.

    Raises:
        ArchiveError: Raised as by `unzip`.
    """
    with _explain_damage(), zipfile.ZipFile(io.BytesIO(content)) as source:
        _check_count(source.infolist())
        files = [(entry.orig_filename, entry) for entry in source.infolist()]
        _check(files, min(max_bytes, _MOST_RATIO * len(content)))
        wanted = [(path, entry) for path, entry in files if is_wanted(path) and not _is_folder(entry)]
        return {path: _read(source, entry) for path, entry in wanted}


@contextmanager
def _explain_damage() -> Iterator[None]:
    """Raise an ArchiveError for what zipfile finds wrong."""
    try:
        yield
    except _DAMAGE as error:
        raise ArchiveError(f"it is not a zip, or is damaged ({describe_error(error)})") from error
    except OSError as error:
        if error.errno in _DAMAGE_CODES:
            raise ArchiveError(f"it cannot be unpacked ({error.strerror})") from error
        raise


def require_space(folder: Path, needed: int, purpose: str) -> None:
    """Refuse a disk of `folder` with fewer than `needed` bytes free; `purpose` says what for.

    Raises:
        DownloadError: Raised when it has fewer.
    """
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DownloadError(
            f"{purpose} needs {needed / 1e6:,.1f} MB, but only {free / 1e6:,.1f} MB are free at {folder}; "
            "make room or choose another folder"
        )


def _check_count(entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_ENTRIES:
        raise ArchiveError(f"it holds {len(entries):,} entries; more than {_MOST_ENTRIES:,} are refused")


def _choose(entries: Sequence[zipfile.ZipInfo], marks: Collection[str], wanted: Collection[str] | None) -> _Files:
    """The entries to unpack, by `orig_filename`: `filename` is already cut at NUL and has its slashes turned."""
    places = [entry.orig_filename.rpartition("/") for entry in entries]
    folders = {folder + slash for folder, slash, name in places if name in marks and "/" not in folder}
    if "" not in folders and len(folders) != 1:
        raise ArchiveError(f"it does not hold exactly one folder with {' or '.join(sorted(marks))}")
    top = min(folders)  # the root, where it is one of them
    named = [(entry.orig_filename.removeprefix(top), entry) for entry in entries if entry.orig_filename.startswith(top)]
    return [(path, entry) for path, entry in named if (path or not top) and (wanted is None or path in wanted)]


def _check(files: _Files, max_bytes: int) -> None:
    """Refuse files that are harmful, too large, or would overwrite each other, also on disks that ignore case."""
    for _, entry in files:
        if fault := next((words for words, found in _faults(entry).items() if found), None):
            raise _refuse(entry, fault)
    paths = [PurePosixPath(path.casefold()) for path, _ in files]
    plain = {path for path, (_, entry) in zip(paths, files, strict=True) if not _is_folder(entry)}
    total = 0
    for place, (path, (_, entry)) in enumerate(zip(paths, files, strict=True)):
        if path in paths[:place]:
            raise _refuse(entry, "is there twice")
        if not plain.isdisjoint(path.parents):
            raise _refuse(entry, "lies inside another file")
        total += entry.file_size
        if total > max_bytes:
            raise _refuse(entry, f"takes the unpacked size beyond {max_bytes:,} bytes, as in a zip bomb")


def _faults(entry: zipfile.ZipInfo) -> dict[str, bool]:
    """The faults that an entry may have by itself, and whether it has them."""
    name = entry.orig_filename
    parts = name.removesuffix("/").split("/")
    kind = stat.S_IFMT(entry.external_attr >> 16)  # 0 if it was made on a system without file modes
    return {
        "has control characters in its name": not name.isprintable(),
        "has a backslash or a drive letter in its name": "\\" in name or ":" in name,
        "has an absolute path, or one with empty, '.' or '..' parts": not {"", ".", ".."}.isdisjoint(parts),
        "is a link or a special file": kind not in (0, stat.S_IFREG, stat.S_IFDIR),
        "is encrypted": bool(entry.flag_bits & 1),
        "is packed by another method than deflate": entry.compress_type not in _METHODS,
    }


def _refuse(entry: zipfile.ZipInfo, fault: str) -> ArchiveError:
    # repr: a name out of a stranger's archive must not steer the terminal; cut: it may be 64 kB long
    return ArchiveError(f"its entry {entry.orig_filename[:100]!r} {fault}; nothing was unpacked")


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    return entry.orig_filename.endswith("/")


def _write(source: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    if _is_folder(entry):
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open(entry) as packed, target.open("xb") as file:
        shutil.copyfileobj(packed, file, 1 << 20)  # no more than is declared comes out, whatever is in there
        written = file.tell()
    _check_length(entry, written)


def _read(source: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with source.open(entry) as packed:
        content = packed.read()
    _check_length(entry, len(content))
    return content


def _check_length(entry: zipfile.ZipInfo, length: int) -> None:
    if length != entry.file_size:
        raise zipfile.BadZipFile(f"{length:,} bytes came of {entry.orig_filename!r} instead of {entry.file_size:,}")
