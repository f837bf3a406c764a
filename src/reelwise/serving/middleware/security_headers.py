"""What every answer tells a browser to be wary of."""

from typing import TYPE_CHECKING

from reelwise.serving.middleware.paths import is_file

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

# An answer is data, and may be about one person: nothing in it is ever run, and no cache keeps it.
ANSWER = [
    *_ALWAYS,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]

# The page is made of files from here alone. A poster that took a key to fetch is a blob of the page's own.
_PAGE_POLICY = (
    b"default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'"
)

FILE = [*_ALWAYS, (b"content-security-policy", _PAGE_POLICY)]


class SecurityHeaders:
    """Adds them to every answer; an answer that has one of its own keeps that."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, and mark the answer."""
        ours = FILE if is_file(scope) else ANSWER

        async def send_marked(message: "Message") -> None:
            if message["type"] == "http.response.start":
                theirs = message["headers"]
                names = {name for name, _ in theirs}
                message["headers"] = [*theirs, *(header for header in ours if header[0] not in names)]
            await send(message)

        await self.app(scope, receive, send_marked)
