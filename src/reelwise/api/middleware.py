"""What happens to every request and response, as plain ASGI."""

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException

from reelwise.api.model import take_slot

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ModelHeaders:
    """Names the model on every response: `X-Model-Revision`, and `X-Model-Simulated` where that is so.

    The model is taken here, once, so that what answers and what the header names are the same model.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, and mark the response."""
        if scope["type"] == "http":
            take_slot(scope)

        async def send_marked(message: "Message") -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(take_slot(scope).headers)
            await send(message)

        await self.app(scope, receive, send_marked)


class BodyLimit:
    """Stops reading a body that is larger than any request can need, before it fills the memory.

    FastAPI's own `max_body_size` answers in plain text, past the exception handlers; this becomes a problem.
    """

    def __init__(self, app: "ASGIApp", max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, and count what is read of it."""
        received = 0

        async def receive_limited() -> "Message":
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                raise HTTPException(413, f"The body is larger than {self.max_bytes} bytes.")
            return message

        await self.app(scope, receive_limited, send)
