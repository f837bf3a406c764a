"""Microseconds that our middleware adds to a request.

    python benchmarks/middleware.py

It stands around a bare ASGI application that answers two bytes, and is called in a loop, without a network and without
FastAPI. Both are measured in turn; the medians of 15 rounds of 3,000 requests are compared. The limit is 40 µs.
"""

import asyncio
import platform
import time
from statistics import median
from typing import TYPE_CHECKING

from reelwise.serving import create_app
from reelwise.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROUNDS, REQUESTS = 15, 3000
LIMIT = 40.0
KEYS = "key-number-one-0000000000,key-number-two-0000000000"
ORIGIN = "https://films.example"
HEADERS = {"host": "127.0.0.1:8000", "user-agent": "curl/8", "accept": "*/*", "accept-encoding": "gzip",
           "content-type": "application/json", "origin": ORIGIN, "x-api-key": KEYS.partition(",")[2]}  # fmt: skip


async def bare(_scope: "Scope", receive: "Receive", send: "Send") -> None:
    """Reads the body and answers two bytes."""
    await receive()
    headers = [(b"content-length", b"2"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


async def receive() -> "Message":
    """A body of nothing."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: "Message") -> None:
    """Nowhere."""


async def microseconds(app: "ASGIApp") -> float:
    """What one request takes."""
    headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    start = time.perf_counter_ns()
    for _ in range(REQUESTS):
        scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/api/v1/model", "query_string": b"",
                 "headers": headers, "root_path": ""}  # fmt: skip
        await app(scope, receive, send)
    return (time.perf_counter_ns() - start) / REQUESTS / 1000


async def added(settings: Settings) -> float:
    """What the middleware adds."""
    wrapped: ASGIApp = bare
    for layer, arguments, options in reversed(create_app(settings).user_middleware):
        wrapped = layer(wrapped, *arguments, **options)
    rounds = [(await microseconds(bare), await microseconds(wrapped)) for _ in range(ROUNDS)]
    without, with_middleware = (median(column) for column in zip(*rounds, strict=True))
    return float(with_middleware - without)


def main() -> None:
    """Measure and print."""
    print(f"Python {platform.python_version()}, asyncio, one thread; limit {LIMIT:g} µs")
    cases = {
        "by default": Settings(access_log=False),
        "with two keys": Settings(access_log=False, api_keys=KEYS),
        "with two keys and CORS": Settings(access_log=False, api_keys=KEYS, cors_origins=ORIGIN),
    }
    for name, settings in cases.items():
        figure = asyncio.run(added(settings))
        print(f"{name:24}{figure:6.1f} µs  {figure / LIMIT:5.2f} of the limit")


if __name__ == "__main__":
    main()
