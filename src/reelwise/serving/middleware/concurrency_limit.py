"""How many requests are worked on at once."""

from typing import TYPE_CHECKING

from reelwise.serving.middleware.paths import watches
from reelwise.serving.problems import ProblemResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class RequestLimit:
    """Refuses a request while the process has as many as it can serve: 503 at once is better than an answer too late.

    Who asks how the server is gets an answer all the same.
    """

    def __init__(self, app: "ASGIApp", max_requests: int) -> None:
        self.app = app
        self.free = max_requests

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, if there is a place for it."""
        if watches(scope):
            await self.app(scope, receive, send)
            return
        if self.free <= 0:
            detail = "The server has as many requests as it can serve; try again in a second."
            await ProblemResponse(503, detail, {"Retry-After": "1"})(scope, receive, send)
            return
        self.free -= 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.free += 1
