"""The paths that the middleware treats differently from the rest. All are paths below the root path."""

import re
from typing import TYPE_CHECKING

from reelwise.exports.limits import MAX_BYTES

if TYPE_CHECKING:
    from starlette.types import Scope

# Files that are the same for everybody: the page, and what the pages of docs load.
_FILES = ("/app/", "/docs/assets/")

# Paths that tell only whether the server is well and how to use it, or that ask for a key of their own.
_OPEN = frozenset(
    {"/", "/api/v1/model/reload", "/app", "/docs", "/health/live", "/health/ready", "/openapi.json", "/redoc"}
)

# Requests that need the admin key, beside the above: films that come and go, and erasure.
_FOR_ADMIN = re.compile(r"(PUT|DELETE) /api/v1/movies/[^/]+|DELETE /api/v1/users/[^/]+")

# Requests of the page, open to visitors whom a site vouches for. None of them tells of other users.
_FOR_VISITORS = re.compile(
    r"GET /api/v1/(model|movies(/.+)?|me/films)|"
    r"POST /api/v1/(me/films|movies/resolve|recommendations(/likely_seen)?|groups/recommendations|histories)"
)

# Takes as long as loading a model does. Only the admin key gets this far; the body is not read.
_SLOW = frozenset({"/api/v1/model/reload"})

# Paths that take longer bodies than others, in bytes.
_BODIES = {"/api/v1/histories": MAX_BYTES, "/api/v1/feedback": 1 << 20, "/mcp": 1 << 20}

# Asked just when the server is busy, to learn that it is; health under any host name.
_HEALTH = frozenset({"/health/live", "/health/ready"})
_MONITORING = _HEALTH | {"/metrics"}


def route_path(scope: "Scope") -> str:
    """The path that the router sees: that of the request without the root path."""
    path: str = scope["path"]
    rest = path.removeprefix(scope.get("root_path", ""))
    return rest if rest[:1] in {"", "/"} else path


def is_file(path: str) -> bool:
    """Whether this is a file that is the same for everybody."""
    return path.startswith(_FILES)


def is_open(path: str) -> bool:
    """Whether this is answered without a key, where there are keys."""
    return path in _OPEN or is_file(path)


def is_health(path: str) -> bool:
    """Whether this asks whether the server is well."""
    return path in _HEALTH


def is_for_admin(method: str, path: str) -> bool:
    """Whether this asks for the admin key; its route refuses other keys."""
    return _FOR_ADMIN.fullmatch(f"{method} {path}") is not None


def is_for_visitors(method: str, path: str) -> bool:
    """Whether a visitor whom a site vouches for may ask this without a key."""
    return _FOR_VISITORS.fullmatch(f"{method} {path}") is not None


def takes_place(path: str) -> bool:
    """Whether this counts as work: all but the page's files, and questions how the server is."""
    return path not in _MONITORING and not is_file(path)


def body_limit(path: str, usual: int) -> int:
    """The most bytes that a body may have here; elsewhere it is the usual number."""
    return _BODIES.get(path, usual)


def may_take_long(path: str) -> bool:
    """Whether this may take longer than other requests."""
    return path in _SLOW
