"""The innermost layer: what must not reach the application is refused here, and what fails there is answered here."""

import asyncio
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from reelwise.serving.middleware.paths import body_limit, is_monitoring, may_take_long, route_path
from reelwise.serving.problems import ProblemResponse, server_failure

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MANY_DIGITS = 18  # a longer number is too large, whatever it is, and Python may refuse to read it


class Guard:
    """Limits the length of a body, the time of a request, and how many requests there are at once.

    A request that takes too long is ended: 408 when its body does not come, 503 when its work does not end. Once the
    answer is on its way, the time starts anew with each part of it: a slow reader is waited for, one that has stopped
    reading is not. A thread that is computing cannot be stopped: it ends its sum, and nobody waits for it.

    Who asks how the server is gets an answer however many requests there are.
    """

    def __init__(self, app: "ASGIApp", max_body_bytes: int, request_seconds: float, max_requests: int) -> None:
        self._app = app
        self._max_body_bytes, self._seconds, self._free = max_body_bytes, request_seconds, max_requests

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, if it may."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = route_path(scope)
        limit = body_limit(path, self._max_body_bytes)
        refusal = self._check_head(scope, limit)
        is_limited = not is_monitoring(path)
        if refusal is None and is_limited and self._free <= 0:
            detail = "The server has as many requests as it can serve; try again in a second."
            refusal = ProblemResponse(503, detail, {"Retry-After": "1"})
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        self._free -= is_limited
        try:
            await self._answer(scope, receive, send, limit, None if may_take_long(path) else self._seconds)
        finally:
            self._free += is_limited

    async def _answer(
        self, scope: "Scope", receive: "Receive", send: "Send", limit: int, seconds: float | None
    ) -> None:
        """Have the application answer, or answer in its place."""
        received, is_reading, is_answering = 0, False, False

        async def receive_limited() -> "Message":
            nonlocal received, is_reading
            is_reading = True
            message = await receive()
            is_reading = False
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, _too_long(limit))
            return message

        async def send_timed(message: "Message") -> None:
            nonlocal is_answering
            is_answering = True
            if seconds is not None and message.get("more_body"):
                clock.reschedule(now() + seconds)
            await send(message)

        now = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(seconds) as clock:
                await self._app(scope, receive_limited, send_timed)
        except Exception as error:
            if not (isinstance(error, TimeoutError) and clock.expired()):
                if not is_answering:
                    await server_failure()(scope, receive, send)
                raise  # for the server, which logs it with its traceback
            if not is_answering:  # half an answer cannot be taken back; the server closes the connection
                await self._timeout(is_reading)(scope, receive, send)

    def _check_head(self, scope: "Scope", limit: int) -> ProblemResponse | None:
        """Why a request must not pass, judged by its head alone; None if it may."""
        if not scope["query_string"].isascii():  # not every server refuses this, and Starlette stumbles on it
            return ProblemResponse(400, "The query has bytes beyond ASCII; write each of them as % and two digits.")
        hosts = 0
        for name, value in scope["headers"]:
            if name == b"host":
                hosts += 1
            elif name == b"content-length" and _is_longer(value, limit):
                return ProblemResponse(413, _too_long(limit))
        if hosts > 1:  # proxies and servers may not agree on which one counts (RFC 9112, 3.2)
            return ProblemResponse(400, "The request has more than one Host header; send one.")
        return None

    def _timeout(self, is_reading: bool) -> ProblemResponse:
        if is_reading:
            detail = f"The body did not arrive within {self._seconds:g} seconds."
            # What is left of the body is not waited for, so the connection cannot serve another request.
            return ProblemResponse(408, detail, {"Connection": "close"})
        return ProblemResponse(503, f"The answer was not ready within {self._seconds:g} seconds; try again later.")


def _is_longer(length: bytes, limit: int) -> bool:
    return length.isdigit() and (len(length) > _MANY_DIGITS or int(length) > limit)


def _too_long(limit: int) -> str:
    return f"The body is larger than {limit} bytes."
