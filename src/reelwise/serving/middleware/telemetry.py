"""The outermost layer: names every request, takes its time, completes its response, counts it and logs it."""

from time import perf_counter
from typing import TYPE_CHECKING

from reelwise.serving.middleware.paths import is_file, route_path
from reelwise.serving.middleware.response_headers import complete
from reelwise.serving.slashes import keep_slashes
from reelwise.serving.telemetry.logs import log_request
from reelwise.serving.telemetry.observation import Observation, begin
from reelwise.serving.telemetry.request_ids import RAW_HEADER, request_id
from reelwise.serving.telemetry.routes import route_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from reelwise.serving.state import ServerState


class Telemetry:
    """Observes requests. Around everything else, so that it sees refusals and failures, too."""

    def __init__(self, app: "ASGIApp", server: "ServerState") -> None:
        self._app, self._models, self._metrics = app, server.models, server.metrics
        self._access_log = server.settings.access_log

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, complete its response, and count and log it at the end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        root_path = scope.get("root_path", "")
        observation = Observation(request_id(scope["headers"]), self._models.current)
        begin(observation)
        file = is_file(route_path(scope))
        # What answers GET answers HEAD; the server leaves the body out.
        inner = keep_slashes({**scope, "method": "GET"} if scope["method"] == "HEAD" else scope)
        completing = _Completing(send, observation, file, started)

        self._metrics.begin()
        try:
            await self._app(inner, receive, completing)
        finally:
            seconds = perf_counter() - started
            route = route_of(inner, root_path)
            self._metrics.count(scope["method"], route, seconds, observation)
            if self._access_log:
                log_request(scope, route, seconds, observation)


class _Completing:
    """Sends a response, completed by what each has; an object, since closures are many for the garbage collector."""

    __slots__ = ("_is_file", "_observation", "_send", "_started")

    def __init__(self, send: "Send", observation: Observation, is_file: bool, started: float) -> None:
        self._send, self._observation, self._is_file, self._started = send, observation, is_file, started

    async def __call__(self, message: "Message") -> None:
        if message["type"] == "http.response.start":
            observation = self._observation
            observation.status = message["status"]
            headers = complete(message.get("headers", ()), self._is_file, observation.model.description)
            headers.append((RAW_HEADER, observation.request_id.encode("ascii")))
            timing = server_timing(perf_counter() - self._started, observation.recommend_seconds)
            headers.append((b"server-timing", timing.encode("ascii")))
            message["headers"] = headers
        await self._send(message)


def server_timing(app_seconds: float, recommend_seconds: float | None) -> str:
    """The header `Server-Timing`: milliseconds until the response began, and in the recommender, if it was asked."""
    app = f"app;dur={1000 * app_seconds:.3f}"
    return app if recommend_seconds is None else f"{app}, recommend;dur={1000 * recommend_seconds:.3f}"
