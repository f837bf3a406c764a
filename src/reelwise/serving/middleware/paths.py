"""Which paths the guards treat differently from the rest."""

from typing import TYPE_CHECKING

from starlette._utils import get_route_path  # the router's own, so that a guard and the router never see two paths

if TYPE_CHECKING:
    from starlette.types import Scope

# Files that are the same for everybody: the page, and what the pages of docs load.
_FILES = ("/app/", "/docs/assets/")

# What tells no more than whether the server is well and how to use it, and what asks for a key of its own.
_OPEN = frozenset(
    {"/", "/api/v1/model/reload", "/app", "/docs", "/health/live", "/health/ready", "/openapi.json", "/redoc"}
)

# What takes as long as loading a model does. Only who has the admin key gets so far; its body is not read.
_PATIENT = frozenset({"/api/v1/model/reload"})

# What is asked just when the server is busy, to learn that it is.
_WATCHES = frozenset({"/health/live", "/health/ready", "/metrics"})


def is_file(scope: "Scope") -> bool:
    """Whether a request is for a file that is the same for everybody."""
    return get_route_path(scope).startswith(_FILES)


def is_open(path: str) -> bool:
    """Whether `path`, without the root path, is answered without a key."""
    return path in _OPEN or path.startswith(_FILES)


def needs_key(scope: "Scope") -> bool:
    """Whether a request is refused without a key, where there are keys."""
    return not is_open(get_route_path(scope))


def watches(scope: "Scope") -> bool:
    """Whether a request asks how the server is."""
    return get_route_path(scope) in _WATCHES


def may_take_long(scope: "Scope") -> bool:
    """Whether a request may take longer than others."""
    return get_route_path(scope) in _PATIENT
