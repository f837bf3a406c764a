"""What happens to every request and response, as plain ASGI."""

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from reelwise.serving.dependencies import take_slot

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
        take_slot(scope)

        async def send_marked(message: "Message") -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(take_slot(scope).headers)
            await send(message)

        await self.app(scope, receive, send_marked)
