"""Whatever is sent, the answer is never a 500, and every error is a problem.

Thousands of requests, made by hand and at random (the same in every run), go straight into the application, past every
client that would refuse to send them.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import Message, Scope

from reelwise.serving import create_app
from reelwise.settings import Settings
from support.hostile_requests import Sent, made_at_random, made_by_hand
from support.tiny_recommender import tiny_recommender


async def answer(app: FastAPI, sent: Sent) -> tuple[int, dict[bytes, bytes], bytes]:
    parts = [sent.body[: len(sent.body) // 2], sent.body[len(sent.body) // 2 :]]
    incoming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    incoming[-1]["more_body"] = False
    outgoing: list[Message] = []

    async def receive() -> Message:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        outgoing.append(message)

    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "scheme": "http",
        "method": sent.method, "path": sent.path, "raw_path": sent.path.encode(errors="surrogatepass"), "root_path": "",
        "query_string": sent.query.encode("latin-1"), "headers": list(sent.headers), "state": {},
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in outgoing)
    return outgoing[0]["status"], dict(outgoing[0]["headers"]), body


def faults(app: FastAPI, requests: Iterator[Sent]) -> list[str]:
    """What went wrong with which request; nothing, one hopes."""

    async def run() -> list[str]:
        found = []
        for sent in requests:
            try:
                status, headers, body = await answer(app, sent)
            except Exception as error:  # noqa: BLE001 - which one it is, is what is reported
                found.append(f"{sent!r:.300}: {error!r}")
                continue
            if status >= 400 and sent.method != "HEAD" and not is_problem(status, headers, body):
                found.append(f"{sent!r:.300}: {status} {body!r:.300}")
            elif status >= 500:
                found.append(f"{sent!r:.300}: {status}")
            elif headers[b"x-content-type-options"] != b"nosniff":
                found.append(f"{sent!r:.300}: no headers")
        return found

    return asyncio.run(run())


def is_problem(status: int, headers: dict[bytes, bytes], body: bytes) -> bool:
    content: Any = json.loads(body)
    return (
        headers[b"content-type"] == b"application/problem+json"
        and content["status"] == status
        and all(isinstance(content[key], str) and content[key] for key in ("type", "title", "detail"))
    )


@pytest.fixture(scope="module", params=[{}, {"api_keys": "a-key", "cors_origins": "https://films.example"}])
def hostile_app(request: pytest.FixtureRequest) -> FastAPI:
    return create_app(Settings(**request.param, _env_file=None), tiny_recommender())


def test_what_is_made_by_hand(hostile_app: FastAPI) -> None:
    assert faults(hostile_app, made_by_hand()) == []


def test_what_is_made_at_random(hostile_app: FastAPI) -> None:
    assert faults(hostile_app, made_at_random()) == []


def test_there_are_thousands() -> None:
    assert len([*made_by_hand(), *made_at_random()]) > 5000
