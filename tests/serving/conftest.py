"""The application with the tiny recommender, and the application without a model."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from reelwise.recommend.service import Service
from reelwise.serving import create_app
from reelwise.serving.state import server_state
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender
from support.running.serving import LONGEST


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env, no ./model
    for variable in Settings.variables():
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(autouse=True)
def _nothing_is_fetched_afterwards() -> Iterator[None]:
    """What a server has begun to fetch comes to its end, or it would be logged beside later tests."""
    yield
    for thread in threading.enumerate():
        if thread.name == "model-loading":
            thread.join(LONGEST)


@pytest.fixture
def app() -> FastAPI:
    return create_app(recommender=tiny_recommender())


@pytest.fixture
def service(app: FastAPI) -> Service:
    """What `app` answers from."""
    return server_state(app).models.current.get()


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def client_without_model() -> Iterator[TestClient]:
    with TestClient(create_app()) as client:
        yield client
