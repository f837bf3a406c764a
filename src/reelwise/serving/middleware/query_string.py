"""Which addresses can be read at all."""

from typing import TYPE_CHECKING

from reelwise.serving.problems import ProblemResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class ReadableAddress:
    """Refuses a query with raw bytes beyond ASCII, which not every server refuses, and on which Starlette stumbles."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, if its query is made of ASCII, as it must be (RFC 3986)."""
        if not scope["query_string"].isascii():
            refusal = ProblemResponse(400, "The query has bytes beyond ASCII; write each of them as % and two digits.")
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)
