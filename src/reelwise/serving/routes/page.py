"""The page at `/app/`: files of the package `web`, kept in memory. Nothing on it comes from a foreign origin."""

import gzip
import hashlib
import json
import re
from html import escape
from importlib import resources
from pathlib import PurePath
from typing import Annotated

from fastapi import Header, HTTPException
from fastapi.responses import RedirectResponse, Response

from reelwise.serving.routes.router import new_router

DOCUMENT = {"Cache-Control": "no-cache"}
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}

# Named here because what the operating system takes for the type of a script may be something else.
MEDIA_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

FILES = {
    file.name: file.read_bytes()
    for file in sorted((resources.files("reelwise") / "web").iterdir(), key=lambda file: file.name)
    if PurePath(file.name).suffix in MEDIA_TYPES
}
FINGERPRINT = hashlib.sha256(b"".join(name.encode() + content for name, content in FILES.items())).hexdigest()[:12]
"""Stands in the addresses of scripts and styles, so that they can be kept forever and are never out of date."""

_WORDS = json.loads(FILES["texts.json"]) | {"fingerprint": FINGERPRINT}


def _fill(name: str) -> str:
    whole = re.sub(r"\{(\w+\.html)\}\n", lambda part: FILES[part[1]].decode(), FILES[name].decode())
    return re.sub(r"\{(\w+)\}", lambda word: escape(_WORDS[word[1]]), whole)


DOCUMENTS = {name: _fill(name) for name in ("index.html", "model.html")}
"""With the words of `texts.json`, and the part that both have, where they stand in braces."""

_SMALL = {name: gzip.compress(content, 6, mtime=0) for name, content in FILES.items()}

IfNoneMatch = Annotated[str, Header()]
AcceptEncoding = Annotated[str, Header()]

router = new_router("/app", include_in_schema=False)


@router.get("")
def with_slash() -> Response:
    """The addresses on the page are relative to `/app/`; this one is relative, too, so that any prefix will do."""
    return RedirectResponse("app/", 308)


@router.get("/")
def page(if_none_match: IfNoneMatch = "") -> Response:
    """Pick films, get films."""
    return _document("index.html", if_none_match)


@router.get("/model")
def model_page(if_none_match: IfNoneMatch = "") -> Response:
    """How good the model is."""
    return _document("model.html", if_none_match)


@router.get("/static/{fingerprint}/{name}")
def static(fingerprint: str, name: str, accept_encoding: AcceptEncoding = "") -> Response:
    """A script, a style or a picture of the page."""
    if fingerprint != FINGERPRINT or name not in FILES:
        raise HTTPException(404)
    media_type = MEDIA_TYPES[PurePath(name).suffix]
    if "gzip" in accept_encoding:
        return Response(_SMALL[name], media_type=media_type, headers=FOREVER | {"Content-Encoding": "gzip"})
    return Response(FILES[name], media_type=media_type, headers=FOREVER)


def _document(name: str, if_none_match: str) -> Response:
    tag = f'"{FINGERPRINT}"'
    if tag in if_none_match:
        return Response(status_code=304, headers=DOCUMENT | {"ETag": tag})
    return Response(DOCUMENTS[name], media_type="text/html", headers=DOCUMENT | {"ETag": tag})
