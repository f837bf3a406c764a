"""Copies of models in a cache: each is compared with its sha256 once, and again only if its files changed since."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reelwise.artifacts.config import read_config
from reelwise.artifacts.fingerprint import fingerprint
from reelwise.artifacts.integrity import check_integrity
from reelwise.errors import ModelError


def note_whole(note: Path, folder: Path) -> None:
    """Note in a file that the model in `folder` was just compared with its sha256.

    Raises:
        OSError: Raised when the file cannot be written.
    """
    note.parent.mkdir(parents=True, exist_ok=True)
    draft = note.with_name(f"{note.name}.new")
    draft.write_text(_describe(folder), encoding="ascii")
    draft.replace(note)


def read_note(note: Path) -> str | None:
    """The name of the folder that was noted last; None if there is no note."""
    with suppress(OSError, UnicodeDecodeError, IndexError):
        return note.read_text(encoding="ascii").split()[0]
    return None


def is_whole(note: Path, folder: Path) -> bool:
    """Whether the model in `folder` is as it was written; its bytes are read only if it changed since it was noted."""
    with suppress(OSError, UnicodeDecodeError):
        if note.read_text(encoding="ascii") == _describe(folder):
            return True
    try:
        check_integrity(folder, read_config(folder / "config.json").sha256)
    except ModelError:
        return False
    with suppress(OSError):  # in a cache that cannot be written to, it is compared anew each time
        note_whole(note, folder)
    return True


@contextmanager
def naming(address: str, folder: Path) -> Iterator[None]:
    """Have a ModelError within the block name the address instead of the folder in the cache."""
    try:
        yield
    except ModelError as error:
        raise ModelError(str(error).replace(str(folder), address)) from None


def _describe(folder: Path) -> str:
    """The folder's name, and a digest of the sizes and times of its files, in whole seconds, as images keep them."""
    files = sorted((name, size, time // 1_000_000_000) for name, _, size, time in fingerprint(folder))
    return f"{folder.name} {hashlib.sha256(repr(files).encode()).hexdigest()}"
