"""Noticing that a model folder changed, without reading it."""

from pathlib import Path

from reelwise.artifacts.files import FILES

Fingerprint = frozenset[tuple[str, int, int, int]]
"""Name, inode, size and time of change of each file of a model; empty where there is no model."""


def fingerprint(folder: Path) -> Fingerprint:
    """A value that differs once another model took this folder's place, or a file in it was written anew."""
    found = []
    for name in FILES:
        try:
            file = (folder / name).stat()
        except OSError:
            continue
        found.append((name, file.st_ino, file.st_size, file.st_mtime_ns))
    return frozenset(found)
