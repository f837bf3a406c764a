"""Paths as callers give them."""

import os
from pathlib import Path

from reelwise.errors import UsageError

_LONGEST_NAME = 255  # bytes, on nearly every file system


def to_path(path: str | Path) -> Path:
    """Check that a path is one that files can have.

    Raises:
        UsageError: Raised when it is invalid.
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise UsageError(f"{path!r} is not a path; expected one such as 'model'")
    found = Path(text)
    longest = max(found.parts, key=len, default="")
    if len(longest.encode(errors="replace")) > _LONGEST_NAME:
        raise UsageError(f"a path has a name of {len(longest)} characters; name at most {_LONGEST_NAME} bytes")
    return found
