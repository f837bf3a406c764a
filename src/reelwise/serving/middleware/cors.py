"""Which pages of other origins may ask from a browser."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware

from reelwise.serving.problems import ProblemResponse

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.responses import Response
    from starlette.types import ASGIApp

METHODS = ("GET", "POST", "PUT", "DELETE")
REQUEST_HEADERS = ("Authorization", "If-None-Match", "X-API-Key", "X-Reelwise-User", "X-Request-ID")
RESPONSE_HEADERS = ("ETag", "Retry-After", "Server-Timing", "X-Model-Revision", "X-Model-Simulated", "X-Request-ID")


class CORS(CORSMiddleware):
    """Starlette's own, that refuses with a problem. Never with cookies: a key is sent by the page's script, or not."""

    def __init__(self, app: "ASGIApp", origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=REQUEST_HEADERS,
            expose_headers=RESPONSE_HEADERS,
        )

    def preflight_response(self, request_headers: "Headers") -> "Response":
        """The answer to a browser that asks whether it may ask."""
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return response
        return ProblemResponse(response.status_code, f"{bytes(response.body).decode()}.", self.preflight_headers)
