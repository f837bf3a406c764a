import logging
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.artifacts.model import Model
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import REVISION


def test_with_a_model_the_server_is_alive_and_ready(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "OK"}
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (200, {"status": "OK", "revision": REVISION})


def test_without_a_model_the_server_is_alive_but_not_ready(client_without_model: TestClient) -> None:
    response = client_without_model.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "OK"})
    assert client_without_model.get("/health/ready").status_code == 503


@pytest.mark.parametrize("way_out", ["reelwise quickstart", "reelwise train --data DIR", "REELWISE_MODEL"])
def test_not_ready_says_what_to_do(client_without_model: TestClient, way_out: str) -> None:
    assert way_out in client_without_model.get("/health/ready").json()["detail"]


def test_a_missing_model_is_one_clear_log_line(caplog: pytest.LogCaptureFixture) -> None:
    with TestClient(create_app(Settings(model="nowhere"))):
        (line,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "nowhere" in line
    assert "reelwise quickstart" in line
    assert "\n" not in line


def test_a_broken_model_does_not_stop_the_server(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("not json")
    with TestClient(create_app(Settings(model=str(tmp_path)))) as client:
        assert client.get("/health/live").status_code == 200
        response = client.get("/health/ready")
        assert response.status_code == 503
        assert "config.json" in response.json()["detail"]


def test_a_model_that_fails_unexpectedly_does_not_stop_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Model, "load", fail)
    with TestClient(create_app(Settings(model=str(tmp_path)))) as client:
        assert client.get("/health/ready").status_code == 503
    assert any(record.exc_info for record in caplog.records)


def test_before_the_model_is_loaded_the_server_is_not_ready() -> None:
    client = TestClient(create_app())  # not entered: the lifespan has not begun
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503


@pytest.mark.parametrize("path", ["/", "/health/ready", "/recommendations/8"])
@pytest.mark.parametrize("is_there", [False, True])
def test_nobody_is_told_where_on_this_machine_the_model_is(path: str, is_there: bool, tmp_path: Path) -> None:
    folder = tmp_path / "secret place" / "of models" / "current"
    if is_there:
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{")
    with TestClient(create_app(Settings(model=str(folder)))) as client:
        detail = client.get(path).json()["detail"]
    assert "secret" not in detail
    assert "of models" not in detail
    assert ("config.json: not a readable JSON file" if is_there else "current: there is no such model folder") in detail
