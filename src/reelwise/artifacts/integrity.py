"""Check that the files of a model folder are still those that were written."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from reelwise.artifacts.files import CARD, FILES
from reelwise.data.digest import sha256_of
from reelwise.errors import ModelError
from reelwise.storage.arrays import require_regular

CHECKED = (".npy", ".sqlite", "metrics.json", "movies.json")
"""How the names of files end whose sha256 stands in `config.json`: all but that file itself and the model card."""

_AGAIN = "fetch or train the model again"
_MOST_NAMED = 3  # files in a message


def checksums(folder: Path) -> dict[str, str]:
    """The sha256 of each checked file in `folder`, by name."""
    return {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.name.endswith(CHECKED)}


def names_of(listed: Collection[str]) -> list[str]:
    """The names of the files that belong to a model: `config.json`, those that it lists, and the card.

    Where nothing is listed, all files that a model folder may hold belong to it.
    """
    return [name for name in FILES if not listed or name in listed or name in ("config.json", CARD)]


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


def require_listed(folder: Path, listed: Collection[str]) -> None:
    """Check that all files which `config.json` lists are there; none is opened.

    Raises:
        ModelError: Raised when some are missing, which it names.
    """
    missing = [name for name in FILES if name in listed and not (folder / name).exists()]
    if len(missing) == 1:
        raise ModelError(f"{folder / missing[0]}: this file is missing; {_AGAIN}")
    if missing:
        raise ModelError(f"{folder}: {_name_some(missing)} are missing; {_AGAIN}")


def check_integrity(folder: Path, expected: Mapping[str, str]) -> None:
    """Compare every file of the model in `folder` with its sha256; all of their bytes are read.

    Raises:
        ModelError: Raised when files are missing or differ, which it names, or one is not a regular file.
    """
    require_listed(folder, expected)
    changed = changed_files(folder, expected)
    if changed:
        raise ModelError(
            f"{folder}: {_name_some(changed)} changed since the model was written (sha256 differs from config.json); "
            f"{_AGAIN}"
        )


def _name_some(names: Sequence[str]) -> str:
    """The first three of these names, and how many more there are."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
