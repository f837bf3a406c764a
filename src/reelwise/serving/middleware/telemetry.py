"""The outermost layer of the application: names every request, takes its time, counts it and logs it."""

from time import perf_counter
from typing import TYPE_CHECKING

from reelwise.serving.dependencies import take_slot
from reelwise.serving.telemetry.logs import log_request
from reelwise.serving.telemetry.metrics import metrics_of
from reelwise.serving.telemetry.observation import begin
from reelwise.serving.telemetry.request_ids import HEADER, request_id
from reelwise.serving.telemetry.routes import route_of
from reelwise.serving.telemetry.timing import server_timing

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLIENT_GONE = 499
"""Stands for the status of a request whose client left before the response began."""

_REQUEST_ID = HEADER.lower().encode()


class Observing:
    """Observes requests. Around everything else, so that it sees responses to failures, too."""

    def __init__(self, app: "ASGIApp", access_log: bool) -> None:
        self.app = app
        self.access_log = access_log

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, mark the response, and count and log it at the end."""
        started = perf_counter()
        root_path = scope.get("root_path", "")
        observation = begin(request_id(scope["headers"]))
        status = CLIENT_GONE

        async def send_marked(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                timing = server_timing(perf_counter() - started, observation.recommend_seconds)
                message["headers"] = [
                    *message.get("headers", ()),
                    (_REQUEST_ID, observation.request_id.encode("ascii")),
                    (b"server-timing", timing.encode("ascii")),
                ]
            await send(message)

        metrics = metrics_of(scope["app"])
        metrics.begin()
        try:
            await self.app(scope, receive, send_marked)
        finally:
            seconds = perf_counter() - started
            route = route_of(scope, root_path)
            metrics.count(scope["method"], route, status, seconds, observation)
            if self.access_log:
                model = take_slot(scope).headers.get("X-Model-Revision")
                log_request(scope, route, status, seconds, model, observation)
