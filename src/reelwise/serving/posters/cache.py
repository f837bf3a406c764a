"""TMDB's answers, on disk: files named by numbers of our own making, written whole, forgotten after a while."""

import os
import re
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 256 * 1024 * 1024
MAX_AGE = 30 * 24 * 3600.0  # seconds; TMDB allows half a year
MAX_AGE_OF_NONE = 24 * 3600.0  # somebody may add what is missing any day
_LONGEST_WRITE = 3600.0  # seconds; what is still unfinished then was left by a process that was killed
_CHECK_EVERY = 64  # writes between two looks at the size of it all

_BEGINNINGS = {
    re.compile(rb"\xff\xd8\xff"): "image/jpeg",
    re.compile(rb"\x89PNG\r\n\x1a\n"): "image/png",
    re.compile(rb"RIFF.{4}WEBP", re.DOTALL): "image/webp",
}


@dataclass(frozen=True)
class Poster:
    """A picture; empty where it is known that there is none."""

    content: bytes

    @property
    def media_type(self) -> str | None:
        """Its media type, by its first bytes; None if it is not a picture that browsers may be given."""
        kinds = (kind for beginning, kind in _BEGINNINGS.items() if beginning.match(self.content))
        return next(kinds, None)


NONE = Poster(b"")


class FilmCache:
    """What is known of films, in a folder that processes may share; empty where it is known that there is nothing.

    A folder that cannot be written is as good as an empty one.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES, max_age: float = MAX_AGE) -> None:
        self._folder = folder
        self._max_bytes, self._max_age = max_bytes, max_age
        self._writes = 0

    def get(self, tmdb_id: int, kind: str) -> bytes | None:
        """What is known of a film, of one kind, such as a poster of a width; None if nothing is, or no longer."""
        path = self._path(tmdb_id, kind)
        try:
            age = time.time() - path.stat().st_mtime
            content = path.read_bytes()
        except OSError:
            return None
        return content if age < (self._max_age if content else MAX_AGE_OF_NONE) else None

    def put(self, tmdb_id: int, kind: str, content: bytes) -> None:
        """Keep it. If all together is too large then, the oldest goes, and so does what killed processes left."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, unfinished = tempfile.mkstemp(prefix=".", dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(unfinished).replace(self._path(tmdb_id, kind))
            finally:
                Path(unfinished).unlink(missing_ok=True)
            if self._writes % _CHECK_EVERY == 0:
                self._shrink()
            self._writes += 1

    def _path(self, tmdb_id: int, kind: str) -> Path:
        return self._folder / f"{tmdb_id}-{kind}"

    def _shrink(self) -> None:
        with os.scandir(self._folder) as entries:
            files = sorted((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in entries)
        total = sum(size for _, size, _ in files)
        for written, size, path in files:
            is_left = Path(path).name.startswith(".") and written < time.time() - _LONGEST_WRITE
            if total > self._max_bytes or is_left:
                Path(path).unlink(missing_ok=True)
                total -= size
