"""How long a request may take."""

import asyncio
from typing import TYPE_CHECKING

from reelwise.serving.middleware.paths import may_take_long
from reelwise.serving.problems import ProblemResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class TimeLimit:
    """Ends a request that takes too long: 408 when its body does not come, 503 when its work does not end.

    Once the answer is on its way, the time starts anew with each part of it: a slow reader is waited for, one that has
    stopped reading is not. A thread that is computing cannot be stopped: it ends its sum, and nobody waits for it.
    """

    def __init__(self, app: "ASGIApp", seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, with an eye on the clock."""
        if may_take_long(scope):
            await self.app(scope, receive, send)
            return
        now = asyncio.get_running_loop().time
        reading = answering = False

        async def receive_timed() -> "Message":
            nonlocal reading
            reading = True
            message = await receive()
            reading = False
            return message

        async def send_timed(message: "Message") -> None:
            nonlocal answering
            if answering:
                clock.reschedule(now() + self.seconds)
            answering = True
            await send(message)

        try:
            async with asyncio.timeout(self.seconds) as clock:
                await self.app(scope, receive_timed, send_timed)
        except TimeoutError:
            if not clock.expired():
                raise  # the application's own
            if answering:
                return  # half an answer cannot be taken back; the server closes the connection
            await self._refusal(reading)(scope, receive, send)

    def _refusal(self, reading: bool) -> ProblemResponse:
        if reading:
            detail = f"The body did not arrive within {self.seconds:g} seconds."
            # What is left of the body is not waited for, so the connection cannot serve another request.
            return ProblemResponse(408, detail, {"Connection": "close"})
        return ProblemResponse(503, f"The answer was not ready within {self.seconds:g} seconds; try again later.")
