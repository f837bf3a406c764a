"""The innermost layer: what must not reach the application is refused here, and what fails there is answered here."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from reelwise.serving.middleware.hosts import Hosts
from reelwise.serving.middleware.incoming import Incoming, TooLong, with_body
from reelwise.serving.middleware.paths import body_limit, is_health, may_take_long, route_path, takes_place
from reelwise.serving.middleware.places import NoPlace, Places, client_of
from reelwise.serving.problems import ProblemResponse, server_failure
from reelwise.serving.telemetry.observation import current

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MANY_DIGITS = 18  # a longer number is too large, whatever it is, and Python may refuse to read it


class Guard:
    """Limits the length of a body, the time of a request, and how many requests there are at once.

    A request takes a place once its body is there, or is told at once that there is none. One that takes too long is
    ended: 408 when its body does not come, 503 when its work does not end. Once the answer is on its way, the time
    starts anew with each part of it: a slow reader is waited for, one that has stopped reading is not. A thread that is
    computing cannot be stopped: it ends its sum, and nobody waits for it.

    Health, metrics and the files of the page are answered however many requests there are: a page that lacks a single
    file does nothing.
    """

    def __init__(
        self, app: "ASGIApp", max_body_bytes: int, request_seconds: float, max_requests: int, hosts: Hosts
    ) -> None:
        self._app, self._hosts = app, hosts
        self._max_body_bytes, self._seconds = max_body_bytes, request_seconds
        self._incoming, self._places = Incoming(), Places(max_requests)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, if it may."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sending = _Sending(send, self._seconds)
        limit = body_limit(route_path(scope), self._max_body_bytes)
        try:
            refusal = self._check_head(scope, limit) or await self._answer(scope, receive, sending, limit)
            if refusal is not None:
                await refusal(scope, receive, sending)
        except _ClientGone:
            return  # nobody is there to be told

    async def _answer(self, scope: "Scope", receive: "Receive", send: "_Sending", limit: int) -> ProblemResponse | None:
        """Have the application answer; what is to be answered in its place, if anything."""
        path, client = route_path(scope), client_of(scope)
        is_limited, is_reading = takes_place(path), True
        try:
            async with asyncio.timeout(self._seconds) as clock:
                send.clock = clock
                if _may_have_body(scope):
                    if is_limited:
                        self._places.check(client)
                    body = await self._incoming.receive(client, receive, limit, partial(clock.reschedule, 0.0))
                    if body is None:  # the client has left
                        return None
                    receive = with_body(body, receive)
                is_reading = False
                if may_take_long(path):
                    clock.reschedule(None)
                if is_limited:
                    await self._answer_in_place(client, scope, receive, send)
                else:
                    await self._app(scope, receive, send)
        except NoPlace as full:
            return ProblemResponse(503, str(full), {"Retry-After": "1"})
        except TooLong:
            return ProblemResponse(413, _too_long(limit))
        except _ClientGone:
            raise
        except Exception as error:
            if not (isinstance(error, TimeoutError) and clock.expired()):
                if not send.has_begun:
                    await server_failure()(scope, receive, send)
                raise  # for the server, which logs it with its traceback
            if not send.has_begun:  # half an answer cannot be taken back; the server closes the connection
                return self._timeout(is_reading)
        return None

    async def _answer_in_place(self, client: str, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Have the application answer while a place is taken; what it takes is learnt.

        Raises:
            NoPlace: Raised when there is none.
        """
        self._places.take(client)
        try:
            await self._app(scope, receive, send)
        finally:
            self._places.give_back(client)
        self._places.learn(current().processor_seconds)

    def _check_head(self, scope: "Scope", limit: int) -> ProblemResponse | None:
        """Why a request must not pass, judged by its head alone; None if it may."""
        if not scope["query_string"].isascii():  # not every server refuses this, and Starlette stumbles on it
            return ProblemResponse(400, "The query has bytes beyond ASCII; write each of them as % and two digits.")
        hosts = []
        for name, value in scope["headers"]:
            if name == b"host":
                hosts.append(value)
            elif name == b"content-length" and _is_longer(value, limit):
                return ProblemResponse(413, _too_long(limit))
        if len(hosts) > 1:  # proxies and servers may not agree on which one counts (RFC 9112, 3.2)
            return ProblemResponse(400, "The request has more than one Host header; send one.")
        if hosts and not self._hosts.allow(hosts[0], scope) and not is_health(route_path(scope)):
            return ProblemResponse(
                421, "The server does not answer to that host name; add it to REELWISE_ALLOWED_HOSTS if it should."
            )
        return None

    def _timeout(self, is_reading: bool) -> ProblemResponse:
        if is_reading:
            detail = f"The body did not arrive within {self._seconds:g} seconds."
            # What is left of the body is not waited for, so the connection cannot serve another request.
            return ProblemResponse(408, detail, {"Connection": "close"})
        return ProblemResponse(503, f"The answer was not ready within {self._seconds:g} seconds; try again later.")


class _ClientGone(Exception):
    """The connection has been closed, so that nothing can be sent."""


class _Sending:
    """Sends an answer, whose parts may each take as long as it may itself; knows whether it has begun.

    Raises `_ClientGone` where the server finds that its connection is closed. An object, since what closures are made
    of is work for the garbage collector, in each request.
    """

    __slots__ = ("_seconds", "_send", "clock", "has_begun")

    def __init__(self, send: "Send", seconds: float) -> None:
        self._send, self._seconds = send, seconds
        self.clock: asyncio.Timeout | None = None
        self.has_begun = False

    async def __call__(self, message: "Message") -> None:
        self.has_begun = True
        if message.get("more_body") and self.clock is not None and self.clock.when() is not None:
            self.clock.reschedule(asyncio.get_running_loop().time() + self._seconds)
        try:
            await self._send(message)
        except (OSError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and "closed" not in str(error):  # that is how uvloop says it
                raise
            raise _ClientGone from error


def _may_have_body(scope: "Scope") -> bool:
    """Whether anything can follow the head: HTTP/1 says so there (RFC 9112, 6.3), other versions do not."""
    return scope["http_version"] not in {"1.0", "1.1"} or any(
        name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"]
    )


def _is_longer(length: bytes, limit: int) -> bool:
    return length.isdigit() and (len(length) > _MANY_DIGITS or int(length) > limit)


def _too_long(limit: int) -> str:
    return f"The body is larger than {limit} bytes."
