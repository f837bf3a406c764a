"""`/mcp`: assistants ask by the Model Context Protocol, behind the same keys and limits as everybody.

Without sessions: each request stands for itself, so any worker and replica can answer it. The name by which the server
was asked must be one of those that are allowed, so that no web page reaches it by a name of its own making.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import Route

from reelwise.errors import UsageError
from reelwise.serving.dependencies import current_service

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"
_OWN_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class Assistants:
    """The endpoint, which answers while `running`.

    Args:
        hosts: the names by which the server may be asked, beside those of this machine.

    Raises:
        UsageError: Raised when the package that speaks the protocol is not installed.
    """

    def __init__(self, hosts: Iterable[str]) -> None:
        try:
            import reelwise.mcp.server  # noqa: F401 - takes a second, in which nobody shall wait for an answer
        except ModuleNotFoundError as error:
            raise UsageError(
                f"REELWISE_MCP=true needs the package {error.name}, which is not installed here; "
                'install it with pip install "reelwise[mcp]"'
            ) from None
        self._hosts = [*_OWN_HOSTS, *hosts]
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

        server = build_server(current_service)
        server.streamable_http_app(
            json_response=True,
            stateless_http=True,
            transport_security=TransportSecuritySettings(
                allowed_hosts=[form for host in self._hosts for form in (host, f"{host}:*")],
                allowed_origins=[
                    f"{scheme}://{form}"
                    for scheme in ("http", "https")
                    for host in self._hosts
                    for form in (host, f"{host}:*")
                ],
            ),
        )
        async with server.session_manager.run():
            self._answering = server.session_manager.handle_request
            yield
            self._answering = None

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        if self._answering is None:
            raise HTTPException(503, "The server is about to start, or to end.")
        await self._answering(scope, receive, send)
