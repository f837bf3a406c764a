"""Whatever is sent, the answer is never a 500, and every error is a problem, or a page for people.

Thousands of requests, made by hand and at random (the same in every run), go straight into the application, past every
client that would refuse to send them.
"""

import asyncio
from collections.abc import Iterator

from fastapi import FastAPI

from reelwise.serving import create_app
from reelwise.settings import Settings
from support.hostile.requests import Sent, headers_and_methods, made_at_random, made_by_hand
from support.models.tiny_recommender import tiny_recommender
from support.running.asgi import answer


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
            if status == 404 and sent.method == "GET" and sent.path.startswith("/app/") and answered.is_page:
                continue
            if status >= 400 and sent.method != "HEAD" and not answered.is_problem:
                found.append(f"{sent!r:.300}: {status} {answered.body!r:.300}")
            elif status >= 500:
                found.append(f"{sent!r:.300}: {status}")
            elif answered.headers[b"x-content-type-options"] != b"nosniff":
                found.append(f"{sent!r:.300}: no headers")
        return found

    return asyncio.run(run())


def test_none_does_harm() -> None:
    app = create_app(Settings(_env_file=None), tiny_recommender())
    sent = [*made_by_hand(), *made_at_random()]
    assert len(sent) > 5000
    assert faults(app, iter(sent)) == []


def test_none_does_harm_where_keys_and_other_origins_are_looked_at() -> None:
    settings = Settings(api_keys="a-key", cors_origins="https://films.example", _env_file=None)
    assert faults(create_app(settings, tiny_recommender()), headers_and_methods()) == []
