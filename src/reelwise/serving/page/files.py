"""The files of the package `web`, kept in memory as they are and packed."""

import gzip
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

# Named here because what the operating system takes for the type of a script may be something else.
MEDIA_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}
LANGUAGES = ("en", "de", "es", "fr")
"""That the page speaks. The words of English, in `texts/en.json`, are the measure of `texts/de.json` and the others."""

_FOLDER = Path(str(resources.files("reelwise"))) / "web"


def _read() -> dict[str, bytes]:
    paths = sorted(path for path in _FOLDER.rglob("*") if path.suffix in MEDIA_TYPES)
    return {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in paths}


def _complete(own: dict[str, Any], english: dict[str, Any]) -> dict[str, Any]:
    """The texts of a language, with the English one where it has none yet."""
    return {
        name: _complete(own.get(name, {}), text) if isinstance(text, dict) else own.get(name, text)
        for name, text in english.items()
    }


FILES = _read()
_ENGLISH = json.loads(FILES["texts/en.json"])
TEXTS: dict[str, dict[str, Any]] = {
    language: _complete(json.loads(FILES.get(f"texts/{language}.json", b"{}")), _ENGLISH) for language in LANGUAGES
}
FILES |= {f"texts/{language}.json": json.dumps(texts, ensure_ascii=False).encode() for language, texts in TEXTS.items()}
FINGERPRINT = hashlib.sha256(b"".join(name.encode() + content for name, content in FILES.items())).hexdigest()[:12]
"""Stands in the addresses of scripts and styles, so that they can be kept forever and are never out of date."""

PACKED = {name: gzip.compress(content, 6, mtime=0) for name, content in FILES.items() if not name.endswith(".woff2")}
