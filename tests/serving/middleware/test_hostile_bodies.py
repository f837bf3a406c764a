"""Whatever is sent, the answer is never a 500, and every error is a problem.

Thousands of requests, made by hand and at random (the same in every run), go straight into the application, past every
client that would refuse to send them.
"""

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from reelwise.serving import create_app
from reelwise.settings import Settings
from support.asgi import answer
from support.hostile_requests import Sent, made_at_random, made_by_hand
from support.tiny_recommender import tiny_recommender


def faults(app: FastAPI, requests: Iterator[Sent]) -> list[str]:
    """What went wrong with which request; nothing, one hopes."""

    async def run() -> list[str]:
        found = []
        for sent in requests:
            try:
                answered = await answer(app, sent)
            except Exception as error:  # noqa: BLE001 - which one it is, is what is reported
                found.append(f"{sent!r:.300}: {error!r}")
                continue
            status = answered.status
            if status >= 400 and sent.method != "HEAD" and not answered.is_problem:
                found.append(f"{sent!r:.300}: {status} {answered.body!r:.300}")
            elif status >= 500:
                found.append(f"{sent!r:.300}: {status}")
            elif answered.headers[b"x-content-type-options"] != b"nosniff":
                found.append(f"{sent!r:.300}: no headers")
        return found

    return asyncio.run(run())


@pytest.fixture(scope="module", params=[{}, {"api_keys": "a-key", "cors_origins": "https://films.example"}])
def hostile_app(request: pytest.FixtureRequest) -> FastAPI:
    return create_app(Settings(**request.param, _env_file=None), tiny_recommender())


def test_what_is_made_by_hand(hostile_app: FastAPI) -> None:
    assert faults(hostile_app, made_by_hand()) == []


def test_what_is_made_at_random(hostile_app: FastAPI) -> None:
    assert faults(hostile_app, made_at_random()) == []


def test_there_are_thousands() -> None:
    assert len([*made_by_hand(), *made_at_random()]) > 5000
