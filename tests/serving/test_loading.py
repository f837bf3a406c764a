"""A server whose model is elsewhere answers at once, says how far it is, and does not give up."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from reelwise.artifacts.model import Model
from reelwise.errors import DownloadError
from reelwise.serving import create_app, model_manager
from reelwise.serving.model_manager import format_progress
from reelwise.settings import Settings
from support.files.contents import contents
from support.files.legacy import legacy_recommendations, make_legacy_files
from support.hub.client import LogIn
from support.hub.server import Fault, HubServer

ADDRESS = "hf://alice/films"


@pytest.fixture
def revision(tiny_folder: Path) -> str:
    return Model.load(tiny_folder).description.revision


@pytest.fixture
def hub(hub: HubServer, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """With the model on it, and asked again at once."""
    monkeypatch.setattr(model_manager, "_waits", lambda: iter([0.05] * 1000))
    hub.add("alice/films", contents(tiny_folder))
    return hub


def client() -> TestClient:
    return TestClient(create_app(Settings(model=ADDRESS)))


def ready(client: TestClient, until: Callable[[Response], bool] = lambda answer: answer.status_code == 200) -> Response:
    """What the server says once it says what is waited for."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        answer = client.get("/health/ready")
        if until(answer):
            return answer
        time.sleep(0.01)
    pytest.fail(f"waited in vain; at last: {answer.text}")


def test_the_model_is_fetched_and_served(hub: HubServer, revision: str) -> None:
    with client() as browser:
        assert ready(browser).json() == {"status": "OK", "revision": revision}
        assert browser.get("/recommendations/8?n=1").json()[0]["movieId"] == 296
        assert browser.get("/").headers["X-Model-Revision"] == revision


def test_until_then_it_says_how_far_it_is(hub: HubServer) -> None:
    hub.fault("/storage/", Fault(delay=0.5), method="GET", times=1)
    with client() as browser:
        assert browser.get("/health/live").status_code == 200
        answer = ready(browser, until=lambda answer: "%" in answer.text)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert "The model hf://alice/films is being fetched: [" in answer.json()["detail"]
        assert "try again in a moment" in answer.json()["detail"]
        assert browser.get("/recommendations/8").status_code == 503
        ready(browser)


def test_it_tries_again_until_the_hub_is_back(hub: HubServer, revision: str) -> None:
    hub.stop()
    with client() as browser:
        answer = ready(browser, until=lambda answer: "tries again" in answer.text)
        assert answer.status_code == 503
        assert "cannot be reached" in answer.json()["detail"]
        hub.restart()
        assert ready(browser).json()["revision"] == revision


def test_where_a_store_is_nobody_is_told_but_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "uvicorn.error")
    address = "https://films.inside/secret/model.zip"

    def fail(_: str, on_progress: Callable[[int, int], None], *__: object) -> Path:
        on_progress(1, 2)
        raise DownloadError(f"{address}: no such place (films.inside, 9)")

    monkeypatch.setattr(model_manager, "obtain_folder", fail)
    with TestClient(create_app(Settings(model=address))) as browser:
        seen = [browser.get("/health/ready").text]
        seen.append(ready(browser, until=lambda answer: "tries again" in answer.text).text)
    assert "the server's log says why" in seen[-1]
    assert not [text for text in seen if "inside" in text or "secret" in text]
    assert f"No model is loaded. {address}: no such place" in caplog.text
    assert f"The model {address} is being fetched: [##########" in caplog.text


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(status=401), Fault(status=404), Fault(drop=True)])
def test_it_tries_again_whatever_went_wrong(hub: HubServer, revision: str, fault: Fault) -> None:
    hub.fault("/api/models/", fault, times=3)
    with client() as browser:
        assert ready(browser).json()["revision"] == revision
    assert len(hub.requests("/api/models/")) >= 4


def test_what_is_no_model_is_told_and_tried_again(hub: HubServer, revision: str) -> None:
    good = hub.files("alice/films")["config.json"]
    hub.add("alice/films", {"config.json": b'{"format_version": 99}'})
    with client() as browser:
        answer = ready(browser, until=lambda answer: "format_version" in answer.text)
        assert "format_version is 99" in answer.json()["detail"]
        hub.add("alice/films", {"config.json": good})
        assert ready(browser).json()["revision"] == revision


def test_it_waits_as_long_as_the_hub_asks(hub: HubServer) -> None:
    hub.fault("/api/models/", Fault(status=429, headers={"Retry-After": "9"}), times=1)
    with client() as browser:
        ready(browser, until=lambda answer: "The server tries again in 9 s." in answer.text)


def test_it_ends_while_a_download_goes_on(hub: HubServer) -> None:
    hub.fault("/storage/", Fault(delay=0.3), method="GET", times=99)
    started = time.monotonic()
    with client() as browser:
        ready(browser, until=lambda answer: "being fetched" in answer.text)
    assert time.monotonic() - started < 10


def test_after_a_restart_without_the_hub_the_cache_serves(
    hub: HubServer, revision: str, caplog: pytest.LogCaptureFixture
) -> None:
    with client() as browser:
        ready(browser)
    hub.stop()
    with client() as browser:
        assert ready(browser).json()["revision"] == revision
    assert "Using the copy of commit" in caplog.text


def test_a_token_that_is_refused_is_told_and_not_shown(
    hub: HubServer, log_in: LogIn, caplog: pytest.LogCaptureFixture
) -> None:
    hub.repositories["alice/films"].private = True
    log_in("hf_wrong")
    with client() as browser:
        answer = ready(browser, until=lambda answer: "HF_TOKEN" in answer.text)
        assert answer.status_code == 503
    assert "HF_TOKEN" in caplog.text
    assert "hf_wrong" not in answer.text + caplog.text


def test_the_early_projects_model_is_served(hub: HubServer, tmp_path: Path) -> None:
    make_legacy_files(tmp_path / "old")
    for name, content in contents(tmp_path / "old").items():
        hub.add(f"aditya-sr-iitj/netflix-challenge-model-{name}", {name: content})
    with TestClient(create_app(Settings(model="legacy:"))) as browser:
        ready(browser)
        found = browser.get("/recommendations/7").json()
    expected = legacy_recommendations(tmp_path / "old", 7)
    assert [film["movieId"] for film in found] == [movie for movie, _ in expected]


def test_waits_grow_to_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = model_manager._waits()
    assert [next(waits) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize(
    ("done", "total", "line"),
    [
        (0, 4_000_000, "[....................]   0%, 0.0 of 4.0 MB"),
        (1_000_000, 4_000_000, "[#####...............]  25%, 1.0 of 4.0 MB"),
        (4_000_000, 4_000_000, "[####################] 100%, 4.0 of 4.0 MB"),
        (1_500_000, None, "1.5 MB"),
    ],
)
def test_progress_reads_as_a_bar(done: int, total: int | None, line: str) -> None:
    assert format_progress(done, total) == line
