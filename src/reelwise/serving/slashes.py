"""Slashes in ids. The router sees a path decoded, and would part it at the %2F that stands for one of them.

So such a slash goes through the router as another character, which no id has, and comes out of it as a slash again.
"""

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.convertors import Convertor, register_url_convertor

if TYPE_CHECKING:
    from starlette.types import Scope

_SLASH = "\udc2f"  # half of a surrogate pair, which no decoded text has
_ENCODED = re.compile("%2f", re.IGNORECASE)


def keep_slashes(scope: "Scope") -> "Scope":
    """The scope of a request, in whose path encoded slashes part nothing."""
    raw: bytes = scope.get("raw_path") or b""
    if b"%2" not in raw:  # nearly every request
        return scope
    return {**scope, "path": _SLASH.join(map(unquote, _ENCODED.split(raw.decode("latin-1"))))}


class IdConvertor(Convertor[str]):
    """Reads an id from a path, as in `/movies/{movie_id:id}`."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """The id, with its slashes."""
        return value.replace(_SLASH, "/")

    def to_string(self, value: str) -> str:
        """The id as it stands in a path before that is encoded."""
        return value.replace("/", _SLASH)


register_url_convertor("id", IdConvertor())
