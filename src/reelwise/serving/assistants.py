"""`/mcp`: assistants ask by the Model Context Protocol, behind the same keys and limits as everybody.

Without sessions: each request stands for itself, so any worker and replica can answer it. The guard knows by which
names the server may be called; here pages of other origins are refused, unless theirs may ask from a browser.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import Route

from reelwise.errors import UsageError
from reelwise.serving.dependencies import service_of_now

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"


class Assistants:
    """The endpoint, which answers while `running`.

    Args:
        origins: those of pages that may ask from a browser; `*` means all.

    Raises:
        UsageError: Raised when the package that speaks the protocol is not installed.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        try:
            import reelwise.mcp.server  # noqa: F401 - takes a second, in which nobody shall wait for an answer
        except ModuleNotFoundError as error:
            raise UsageError(
                f"REELWISE_MCP=true needs the package {error.name}, which is not installed here; "
                'install it with pip install "reelwise[mcp]"'
            ) from None
        self._origins = frozenset(origins)
        self._answering: ASGIApp | None = None

    @property
    def route(self) -> Route:
        """The path. Only POST: without sessions there is nothing to listen to, or to end."""
        return Route(PATH, self, methods=["POST"], include_in_schema=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer, until the block ends."""
        from mcp.server.transport_security import TransportSecuritySettings

        from reelwise.mcp.server import build_server

        server = build_server(service_of_now)
        server.streamable_http_app(
            json_response=True,
            stateless_http=True,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),  # see above
        )
        async with server.session_manager.run():
            self._answering = server.session_manager.handle_request
            yield
            self._answering = None

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        if self._answering is None:
            raise HTTPException(503, "The server is starting up or shutting down.")
        headers = Headers(scope=scope)
        if (origin := headers.get("origin")) and not self._allows(origin, headers.get("host", "")):
            raise HTTPException(403, f"Pages of {origin[:100]} may not ask here; REELWISE_CORS_ORIGINS says whose may.")
        await self._answering(scope, receive, send)

    def _allows(self, origin: str, host: str) -> bool:
        """Whether a page of that origin may ask: one of this server's own, or one that is allowed."""
        return origin.partition("://")[2] == host or not self._origins.isdisjoint({"*", origin.lower()})
