"""Whether the files of a model folder are still those that were written."""

from collections.abc import Mapping
from pathlib import Path

from reelwise.artifacts.files import FILES
from reelwise.data.digest import sha256_of
from reelwise.errors import ModelError
from reelwise.storage.arrays import require_regular

CHECKED = (".npy", ".sqlite", "metrics.json", "movies.json")
"""Ends of the names of files whose sha256 stands in `config.json`: all but that file itself and the model card."""


def checksums(folder: Path) -> dict[str, str]:
    """The sha256 of each checked file in `folder`, by name."""
    return {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.name.endswith(CHECKED)}


def changed_files(folder: Path, expected: Mapping[str, str]) -> list[str]:
    """The names of the model's files in `folder` that are missing or are not what `expected` says of them.

    Nothing but these is opened, whatever else is named or lies there.
    """
    return [name for name, digest in expected.items() if name in FILES and _digest(folder / name) != digest]


def _digest(path: Path) -> str | None:
    if not path.exists():
        return None
    require_regular(path)
    return sha256_of(path)


def check_integrity(folder: Path, expected: Mapping[str, str]) -> None:
    """Compare every file of the model in `folder` with its sha256; all of their bytes are read.

    Raises:
        ModelError: Raised when files differ, which it names, or something is no file.
    """
    changed = changed_files(folder, expected)
    if changed:
        raise ModelError(
            f"{folder}: {', '.join(changed)} changed since the model was written (sha256 differs from config.json); "
            "fetch or train the model again"
        )
