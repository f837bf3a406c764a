"""`Server-Timing` says how long the answer took, and how much of that the recommender."""

import re
import time
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.testclient import TestClient

from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from reelwise.serving.dependencies import ServiceDep
from reelwise.serving.middleware.telemetry import server_timing
from reelwise.serving.telemetry.observation import current


def timings(response: Any) -> dict[str, float]:
    """The header as milliseconds by name."""
    found = dict(re.findall(r"(\w+);dur=(\d+\.\d{3})(?:, |$)", response.headers["Server-Timing"]))
    return {name: float(milliseconds) for name, milliseconds in found.items()}


def test_the_header_is_in_milliseconds() -> None:
    assert server_timing(0.0123456, 0.001) == "app;dur=12.346, recommend;dur=1.000"
    assert server_timing(1.5, None) == "app;dur=1500.000"


def test_a_request_that_does_not_ask_the_recommender_has_one_time(client: TestClient) -> None:
    for path in ["/health/live", "/nowhere", "/recommendations/8?n=0"]:
        assert timings(client.get(path)).keys() == {"app"}


def slow(service: Service, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    recommend = service.recommend

    def slowly(*args: Any, **kwargs: Any) -> Any:
        time.sleep(seconds)
        return recommend(*args, **kwargs)

    monkeypatch.setattr(service, "recommend", slowly)


def test_the_time_in_the_recommender_is_part_of_the_whole(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(service, monkeypatch, 0.05)
    found = timings(client.get("/recommendations/8"))
    assert 50 <= found["recommend"] <= found["app"]


def test_asynchronous_endpoints_and_several_questions_are_timed(
    app: FastAPI, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(service, monkeypatch, 0.02)

    @app.get("/asynchronous")
    async def asynchronous(service: ServiceDep) -> None:
        current().ask(service.recommend, Request(user=8))
        await run_in_threadpool(current().ask, service.recommend, Request(user=8))

    found = timings(TestClient(app).get("/asynchronous"))
    assert 40 <= found["recommend"] <= found["app"]
