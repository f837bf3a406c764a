"""How long a body may be."""

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from reelwise.serving.problems import ProblemResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MANY_DIGITS = 18  # a longer number is too large, whatever it is, and Python may refuse to read it


class BodyLimit:
    """Refuses a body that is larger than any request can need, before it fills the memory.

    A body that announces its length is refused unread; one that does not, once it is too long. FastAPI's own
    `max_body_size` answers in plain text, past the exception handlers; this is a problem.
    """

    def __init__(self, app: "ASGIApp", max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.detail = f"The body is larger than {max_bytes} bytes."

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, and count what is read of it."""
        for name, value in scope["headers"]:
            if name == b"content-length" and self._is_too_long(value):
                await ProblemResponse(413, self.detail)(scope, receive, send)
                return
        received = 0

        async def receive_limited() -> "Message":
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                raise HTTPException(413, self.detail)
            return message

        await self.app(scope, receive_limited, send)

    def _is_too_long(self, length: bytes) -> bool:
        return length.isdigit() and (len(length) > _MANY_DIGITS or int(length) > self.max_bytes)
