"""Replacing a folder or a file as a whole, so that a crash leaves the old one or the new one, never half of one."""

import ctypes
import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from reelwise.errors import UsageError
from reelwise.storage.working_folders import locked, remove_leftovers, working_folder


def follow(folder: Path) -> Path:
    """Follow all links to a folder; a link to itself stays as it is."""
    return Path(os.path.realpath(folder))


def check_place(path: Path) -> None:
    """Check before any work that something can be written there; missing folders can be made.

    Raises:
        OSError: Raised when it cannot.
    """
    target = follow(path)
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    above = next((place for place in target.parents if os.path.lexists(place)), target)
    if not above.is_dir():
        raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if follow(Path()).is_relative_to(target):  # a process would stay in the folder that is replaced
        raise OSError(errno.EBUSY, "it is or holds the current folder; run this in another one")
    if not os.access(above, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))


def check_file(path: Path) -> None:
    """Check before any work that a file can be written there.

    Raises:
        UsageError: Raised when it cannot.
    """
    try:
        if not path.absolute().parent.is_dir():
            raise OSError(errno.ENOENT, f"there is no folder {path.parent}")
        if path.exists() and not path.is_file():  # a device would be gone
            raise OSError(errno.EINVAL, "this is a folder, a pipe or a device")
        check_place(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); name another file") from None


def remove_halves(folder: Path) -> None:
    """Remove what killed processes left that were about to replace a folder; `replacing` does that, too."""
    target = follow(folder)
    remove_leftovers(_prefix(target), target.parent)


@contextmanager
def replacing(folder: Path, keep: Path | None = None) -> Iterator[Path]:
    """Give a new, empty folder to fill; when the block ends it takes the place of `folder`.

    If the block raises, the new folder is removed and `folder` stays as it was. What a killed process left half-written
    of it is removed, too.

    Args:
        folder: what is replaced.
        keep: beside it, where the old folder goes, in place of what is there; by default it is removed.
    """
    target = follow(folder)  # a link stays a link; what it points to is replaced
    target.parent.mkdir(parents=True, exist_ok=True)
    if keep is not None:
        _take_back(keep)
    _take_back(target, keep)
    with working_folder(_prefix(target), target.parent) as fresh:  # after a swap this is the old folder
        fresh.chmod(_mode_of_new_folders(fresh))
        yield fresh
        with ThreadPoolExecutor() as pool:  # a disk writes many files at once faster than one by one
            list(pool.map(_flush, [*fresh.iterdir()]))
        _flush(fresh)
        # The old folder takes the place of the fresh one, where it must not be taken for a leftover.
        with locked(target):
            _swap_in(fresh, target)
            if keep is not None and fresh.exists():
                _swap_in(fresh, keep)
        _flush(target.parent)


def exchange(one: Path, other: Path) -> None:
    """Have two folders that lie side by side change places.

    Raises:
        OSError: Raised when that is not possible; both are then where they were.
    """
    one, other = follow(one), follow(other)
    _take_back(one, other)
    _swap_in(other, one)
    _flush(one.parent)


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Give the name of a file to write; when the block ends it takes the place of `path`, unless the block raises.

    Raises:
        UsageError: Raised when it cannot be written there.
    """
    check_file(path)
    try:
        with working_folder(_prefix(path), path.parent) as folder:
            unfinished = folder / path.name
            yield unfinished
            _flush(unfinished)
            unfinished.replace(path)
            _flush(path.parent)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror or error})") from None


def _swap_in(fresh: Path, target: Path) -> None:
    if not target.exists():
        fresh.rename(target)
    elif not _exchange(fresh, target):
        old = _old(target)
        done = list[tuple[Path, Path]]()
        try:
            for here, there in ((target, old), (fresh, target), (old, fresh)):
                here.rename(there)
                done.append((here, there))
        except OSError:
            for here, there in reversed(done):
                there.rename(here)
            raise


def _old(target: Path) -> Path:
    """The name of a folder between two renames, where the file system cannot exchange two folders in one step."""
    return target.with_name(f".{target.name}.old")


def _prefix(target: Path) -> str:
    """The beginning of the names of working folders that are to replace this one."""
    return f".{target.name}.new-"


def _take_back(target: Path, keep: Path | None = None) -> None:
    """Undo what a process that was killed between two renames did, or finish it.

    Args:
        target: the folder that was being replaced.
        keep: where the old one was to go, if it was to be kept.
    """
    old = _old(target)
    for place in filter(None, (target, keep)):
        if old.is_dir() and not place.exists():
            old.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step of the file system; False where it has no such step."""
    if sys.platform != "linux":
        return False
    at_current_folder, swap = -100, 2
    try:
        rename = ctypes.CDLL(None).renameat2
    except AttributeError:
        return False
    return bool(rename(at_current_folder, os.fsencode(one), at_current_folder, os.fsencode(other), swap) == 0)


def _flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk; Windows does the latter by itself."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)  # as each system wants it
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mode_of_new_folders(folder: Path) -> int:
    """The mode that new folders get in this one; reading the umask would change it for all threads."""
    probe = folder / "probe"
    probe.mkdir()
    mode = stat.S_IMODE(probe.stat().st_mode)
    probe.rmdir()
    return mode
