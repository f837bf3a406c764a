"""A server that updates its model by itself."""

import logging
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from reelwise.live.store import Store
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from reelwise.serving.replacing import refresher, watcher
from reelwise.serving.state import server_state
from reelwise.settings import Settings
from reelwise.training.pipeline import TrainingSettings, train
from reelwise.training.refresh import due
from support.models.checkerboard import checkerboard_dataset
from support.models.tiny_recommender import tiny_model

pytestmark = pytest.mark.usefixtures("checked_in_this_process")

LONGEST = 100.0  # seconds that a slow machine may take


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (refresher, watcher):
        monkeypatch.setattr(room, "INTERVAL", 0.1)


@pytest.mark.slow
def test_what_users_tell_is_in_the_next_model_and_no_request_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write_model(folder, train(checkerboard_dataset(), TrainingSettings(threads=1, evaluate=False)))
    before = Model.load(folder).description.revision
    told = [
        {"user_id": "al", "movieId": movie, "type": "rating", "stars": 5 if movie % 2 else 1} for movie in range(1, 31)
    ] + [{"user_id": user, "movieId": 1, "type": "rating", "stars": 4} for user in range(100, 130)]
    settings = Settings(model=str(folder), store=f"sqlite:///{tmp_path}/live.db", update="auto")
    end, answers = time.monotonic() + LONGEST, list[int]()
    with TestClient(create_app(settings)) as client:
        assert client.post("/api/v1/feedback", json={"events": told}).json()["accepted"] == len(told)
        while client.get("/").json()["model"]["revision"] == before and time.monotonic() < end:
            answers.append(client.get("/api/v1/users/al/recommendations").status_code)
            time.sleep(0.05)  # the update goes after all else
        answers.append(client.get("/api/v1/users/al/recommendations").status_code)
    assert {*answers} == {200}
    model = Model.load(folder)
    assert model.config.updated_from == before
    assert "al" in model.users


def last_look(store: Store) -> int:
    """Until when the lease of whoever looked last is."""
    return int(store.ask(lambda connection: connection.exec_driver_sql("SELECT until FROM leases").scalar_one()))


def test_a_failure_is_logged_and_remembered(
    tmp_path: Path, tiny_folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = list[list[str]]()
    start = subprocess.Popen

    def note(command: list[str], **options: Any) -> Any:
        started.append(command)
        return start([command[0], "-c", "print('no room'); raise SystemExit(1)"], **options)

    monkeypatch.setattr(subprocess, "Popen", note)
    address = f"sqlite:///{tmp_path}/live.db"
    store = Store(address)
    settings = Settings(model=str(tiny_folder), store=address, update="auto")
    with caplog.at_level(logging.INFO, "uvicorn.error"), TestClient(create_app(settings)) as client:
        client.put("/api/v1/users/al/ratings/1", json={"stars": 3})
        end = time.monotonic() + LONGEST
        while "no room" not in caplog.text and time.monotonic() < end:
            time.sleep(0.02)
        looked = last_look(store)
        while last_look(store) < looked + 300_000 and time.monotonic() < end:  # until it has looked again
            time.sleep(0.02)
    assert started == [[sys.executable, "-P", "-m", "reelwise", "update", "--model", str(tiny_folder)]]
    assert "Updating the model: 1 ratings are new" in caplog.text
    outcome = store.ask(lambda connection: connection.exec_driver_sql("SELECT outcome, detail FROM updates").one())
    assert tuple(outcome) == ("failed", "no room")
    store.close()


@pytest.mark.parametrize("moment", ["before the start", "while starting"])
def test_an_update_that_is_about_to_start_does_not_outlive_the_server(
    tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    store, started = Store(f"sqlite:///{tmp_path}/live.db"), list["subprocess.Popen[str]"]()
    models = server_state(create_app(Settings(model=str(tiny_folder)))).models
    models.start()
    updating = refresher.Refresher(models, store, "", tiny_folder)
    stopping = threading.Thread(target=updating.stop)

    def stop() -> None:
        stopping.start()
        assert updating._stopped.wait(LONGEST)
        stopping.join(0.1)

    def find_due(*_: object) -> str:
        if moment == "before the start":
            stop()
        return "there is news"

    def start(*_: object, **_more: object) -> "subprocess.Popen[str]":
        if moment == "while starting":
            stop()
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    monkeypatch.setattr(due, "why_due", find_due)
    monkeypatch.setattr(refresher, "start_aside", start)
    updating.start()
    updating._thread.join(LONGEST / 10)
    outlived = updating._thread.is_alive()
    for process in started:
        process.kill()
    stopping.join()
    store.close()
    assert not outlived
    assert len(started) == (moment == "while starting")


@pytest.mark.parametrize("store", ["", "sqlite:///live.db"])
def test_what_it_lacks_is_said(store: str, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(update="auto", store=store)
    with TestClient(create_app(settings, Recommender(tiny_model()))):
        pass
    assert ("a live store" if not store else "in a folder") in caplog.text


@pytest.mark.parametrize("lacking", ["numba", "cannot .Permission denied"])
def test_what_an_update_would_fail_for_is_said_at_the_start(
    lacking: str, tiny_folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    if lacking == "numba":
        monkeypatch.setattr(refresher, "find_spec", lambda _: None)
    else:
        monkeypatch.setattr(refresher, "check_place", refuse)  # root may write everywhere
    with TestClient(create_app(Settings(model=str(tiny_folder), store="sqlite:///live.db", update="auto"))):
        pass
    assert re.search(f"REELWISE_UPDATE=auto does nothing: .*{lacking}", caplog.text)
    assert not [thread for thread in threading.enumerate() if thread.name == "model-refresher"]
