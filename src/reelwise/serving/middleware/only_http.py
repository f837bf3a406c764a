"""The guards take HTTP requests; the server's start and stop pass beside them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class OnlyHTTP:
    """Sends HTTP requests through the guards, and everything else past them."""

    def __init__(self, guarded: "ASGIApp", beside: "ASGIApp") -> None:
        self.guarded, self.beside = guarded, beside

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass it on."""
        app = self.guarded if scope["type"] == "http" else self.beside
        await app(scope, receive, send)
