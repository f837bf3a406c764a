"""Folders to work in, which are gone afterwards, also when their maker was killed: the next one removes what is left.

The process that makes one locks it for as long as it runs; the system releases the lock of a process that ends, however
it ends. Where folders cannot be locked, those that have not changed for a day count as left.
"""

import errno
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_DAY = 24 * 3600.0
_RANDOM = 8  # characters that `mkdtemp` adds to a name


@contextmanager
def working_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A new, empty folder that is removed when the block ends; what killed processes left of such ones goes first.

    Args:
        prefix: how its name begins; all folders with such a name, and eight more characters, are of this kind.
        parent: where it is; by default where temporary files are.
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    remove_leftovers(prefix, parent)
    folder, lock = _make(prefix, parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # Windows keeps what is open
        if lock is not None:
            os.close(lock)


@contextmanager
def locked(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock of a folder while the block runs, so that it does not count as left, whatever its name is by then.

    Where there is no such folder, or it cannot be locked, or another process has the lock, nothing is held.

    Args:
        folder: to be locked.
        wait: whether to wait for another process that has the lock, instead of going on without it.
    """
    lock = None
    with suppress(OSError):
        lock = _lock(folder, wait=wait)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _make(prefix: str, parent: Path) -> tuple[Path, int | None]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        try:
            lock = _lock(folder, wait=True)
        except FileNotFoundError:
            continue
        except OSError:
            return folder, None
        if folder.exists():
            return folder, lock
        if lock is not None:  # another process removed it before it was locked
            os.close(lock)


def remove_leftovers(prefix: str, parent: Path) -> None:
    """Remove what killed processes left of such working folders."""
    with os.scandir(parent) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(prefix)]
    for folder in (parent / name for name in names if len(name) == len(prefix) + _RANDOM):
        with suppress(OSError):
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == _user():
                _remove_if_left(folder, time.time() - status.st_mtime)


def _remove_if_left(folder: Path, age: float) -> None:
    try:
        lock = _lock(folder, wait=False)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES) or age < _DAY:
            return
        lock = None
    else:
        if lock is None and age < _DAY:
            return
    try:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        if lock is not None:
            os.close(lock)


def _lock(folder: Path, wait: bool) -> int | None:
    """A handle that holds the lock of a folder; None where there are no locks.

    Raises:
        OSError: Raised when another process has it, or folders there cannot be locked.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BaseException:
        os.close(handle)
        raise
    return handle


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0
