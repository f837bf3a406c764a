"""The log: one line for each request; in `json` each line is an object, whoever logs it."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO
from typing import get_args

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from reelwise.serving import create_app
from reelwise.serving.run.workers import uvicorn_config
from reelwise.serving.telemetry.logs import TextFormatter, access, json_formatter, log_config
from reelwise.settings import LogLevel, Settings
from support.models.tiny_recommender import REVISION, tiny_recommender


@pytest.fixture
def log() -> Iterator[Callable[[logging.Formatter], StringIO]]:
    """What the access log says, in a given format."""
    handlers: list[logging.Handler] = []

    def formatted(formatter: logging.Formatter) -> StringIO:
        stream = StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        access.addHandler(handler)
        access.setLevel(logging.INFO)
        handlers.append(handler)
        return stream

    yield formatted
    for handler in handlers:
        access.removeHandler(handler)
    access.setLevel(logging.NOTSET)


def test_a_request_is_one_object(client: TestClient, log: Callable[[logging.Formatter], StringIO]) -> None:
    stream = log(json_formatter())
    secrets = {"Authorization": "Bearer secret", "X-API-Key": "secret", "Cookie": "secret"}
    client.get("/recommendations/8?n=1&key=secret", headers=secrets | {"X-Request-ID": "mine"})
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert datetime.fromisoformat(found.pop("timestamp")).utcoffset() is not None
    assert 0 < found.pop("milliseconds") < 10_000
    assert found == {
        "event": "request",
        "level": "info",
        "logger": "reelwise.access",
        "client": "testclient",
        "method": "GET",
        "path": "/recommendations/8",
        "route": "/recommendations/{user_id}",
        "status": 200,
        "model": REVISION,
        "request_id": "mine",
    }
    assert "secret" not in line


def test_in_text_a_request_is_one_line(client: TestClient, log: Callable[[logging.Formatter], StringIO]) -> None:
    stream = log(TextFormatter())
    client.get("/nowhere/%0AINFO: forged?q=secret", headers={"X-Request-ID": "mine"})
    (line,) = stream.getvalue().splitlines()
    assert line.startswith('INFO:     testclient - "GET /nowhere/%0AINFO%3A%20forged" 404 in ')
    assert line.endswith(f" ms [route unmatched, model {REVISION}, request mine]")


def test_probes_and_scrapes_are_no_noise(client: TestClient, log: Callable[[logging.Formatter], StringIO]) -> None:
    stream = log(json_formatter())
    for path in ["/metrics", "/health/live", "/health/ready"]:
        client.get(path)
    assert not stream.getvalue()
    access.setLevel(logging.DEBUG)
    client.get("/metrics")
    assert json.loads(stream.getvalue())["route"] == "/metrics"


def test_the_access_log_can_be_turned_off(log: Callable[[logging.Formatter], StringIO]) -> None:
    stream = log(json_formatter())
    TestClient(create_app(Settings(access_log=False), tiny_recommender())).get("/")
    assert not stream.getvalue()


@pytest.mark.parametrize("level", get_args(LogLevel))
def test_every_level_of_the_settings_is_one_of_loggings(level: LogLevel) -> None:
    own_level = log_config("text", level)["loggers"]["reelwise"]["level"]
    assert logging.getLevelNamesMapping()[own_level] >= logging.DEBUG


def test_building_an_application_leaves_logging_alone(app: FastAPI) -> None:
    before = list(logging.getLogger().handlers)
    create_app()
    assert logging.getLogger().handlers == before


def test_an_address_that_a_proxy_was_told_begins_no_line(log: Callable[[logging.Formatter], StringIO]) -> None:
    client = TestClient(create_app(recommender=tiny_recommender()), client=("1.2.3.4\nINFO: forged", 1))
    stream = log(TextFormatter())
    client.get("/recommendations/8")
    (line,) = stream.getvalue().splitlines()
    assert line.startswith("INFO:     1.2.3.4%0AINFO:%20forged - ")


def test_the_level_trace_shows_no_query() -> None:
    assert uvicorn_config(FastAPI(), Settings(log_level="trace", _env_file=None)).log_level == "debug"
