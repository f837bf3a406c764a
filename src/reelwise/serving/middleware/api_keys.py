"""Access by one of the server's keys, or by the admin key where a path requires it."""

import hmac
from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from reelwise.serving.middleware.paths import is_for_admin, is_for_visitors, is_open, route_path
from reelwise.serving.problems import ProblemResponse, problems
from reelwise.serving.visitors.tokens import HEADER, WANTED

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from reelwise.serving.visitors.tokens import Visitors

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Reelwise"'}

VOUCHED_FOR = "vouched_for"
"""In a request's state: it has no key, but the token of a visitor."""

_USER = HEADER.lower().encode()

SCHEMES = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}


class ApiKeys:
    """Refuses requests without a key, but for the open paths: health, docs and the page's files.

    The admin key opens what asks for it, and nothing else. Whom a site vouches for may ask what the page asks.

    Only digests are kept and compared, so neither the length of a key nor how much of it was right can be told from
    the time that an answer takes.
    """

    def __init__(
        self, app: "ASGIApp", keys: Collection[str], admin_key: str, visitors: "Visitors | None" = None
    ) -> None:
        self._app, self._visitors = app, visitors
        self._digests = [sha256(key.encode()).digest() for key in keys]
        self._admins = [*self._digests, sha256(admin_key.encode()).digest()] if admin_key else self._digests

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, if it may."""
        if scope["type"] == "http" and not is_open(path := route_path(scope)):
            keys = _keys_in(scope["headers"])
            allowed = self._admins if is_for_admin(scope["method"], path) else self._digests
            if not any(_is_one_of(allowed, key) for key in keys):
                is_for_them = self._visitors is not None and is_for_visitors(scope["method"], path)
                tokens = _tokens_in(scope["headers"]) if is_for_them else []
                if not self._vouches(tokens):
                    refusal = ProblemResponse(401, WANTED, CHALLENGE) if tokens and not keys else _refusal(bool(keys))
                    await refusal(scope, receive, send)
                    return
                scope.setdefault("state", {})[VOUCHED_FOR] = True
        await self._app(scope, receive, send)

    def _vouches(self, tokens: list[str]) -> bool:
        return self._visitors is not None and len(tokens) == 1 and self._visitors.user_of(tokens[0]) is not None


def _is_one_of(digests: list[bytes], key: bytes) -> bool:
    digest = sha256(key).digest()
    # All are compared, whichever it is.
    return sum(hmac.compare_digest(digest, known) for known in digests) > 0


def declare(document: dict[str, Any]) -> None:
    """Say in an OpenAPI document which paths take a key, and how it is sent."""
    document["components"].setdefault("securitySchemes", {}).update(SCHEMES)
    document["security"] = [{name: []} for name in SCHEMES]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if is_open(path):
                operation.setdefault("security", [])  # unless it asks for a key of its own
            else:
                operation["responses"] |= {"401": problems(401)[401]}


def _keys_in(headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    found = []
    for name, value in headers:
        if name == b"x-api-key":
            found.append(value.strip())
        elif name == b"authorization" and value[:7].lower() == b"bearer ":
            found.append(value[7:].strip())
    return found


def _tokens_in(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    return [value.decode("latin-1") for name, value in headers if name == _USER]


def _refusal(wrong: bool) -> ProblemResponse:
    what = "The key is not valid here" if wrong else "This server requires a key"
    return ProblemResponse(401, f"{what}; send one as `X-API-Key: KEY` or `Authorization: Bearer KEY`.", CHALLENGE)
