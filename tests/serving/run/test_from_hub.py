"""A server as a process, with its model on the Hub: what somebody who deploys it sees."""

import time
from pathlib import Path

import pytest

from reelwise.artifacts.folder import read_model
from support.contents import contents
from support.hub_server import Fault, HubServer
from support.legacy_files import legacy_recommendations, make_legacy_files
from support.serving import LONGEST, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def hub(hub: HubServer, tiny_folder: Path) -> HubServer:
    """With the model on it."""
    hub.add("alice/films", contents(tiny_folder))
    return hub


def test_it_downloads_serves_and_starts_again_without_the_hub(
    hub: HubServer, tiny_folder: Path, tmp_path: Path
) -> None:
    revision = read_model(tiny_folder).description.revision
    hub.fault("/storage/", Fault(delay=0.5), method="GET")
    with serving(tmp_path, "--model", "hf://alice/films") as server:
        assert server.get("/health/live").status_code == 200
        assert server.ready().json()["revision"] == revision
        assert server.get("/recommendations/8?n=1").json()[0]["movieId"] == 296
    assert any("is being fetched: [####################] 100%" in line for line in server.log)
    hub.stop()
    with serving(tmp_path, REELWISE_MODEL="hf://alice/films") as server:
        assert server.ready().json()["revision"] == revision
    assert any("Using the copy of commit" in line for line in server.log)


def test_it_ends_at_once_while_it_downloads(hub: HubServer, tmp_path: Path) -> None:
    hub.fault("/storage/", Fault(pause=0.05), method="GET", times=99)
    with serving(tmp_path, "--model", "hf://alice/films") as server:
        assert server.get("/health/ready").status_code == 503
        started = time.monotonic()
    assert time.monotonic() - started < LONGEST / 2


def test_the_token_is_used_and_never_logged(hub: HubServer, tmp_path: Path) -> None:
    hub.repositories["alice/films"].private = True
    with serving(tmp_path, "--model", "hf://alice/films", HF_TOKEN="hf_wrong") as server:
        assert server.get("/health/ready").status_code == 503
        end = time.monotonic() + LONGEST
        while not any("HF_TOKEN" in line for line in server.log) and time.monotonic() < end:
            time.sleep(0.05)
    assert any("HF_TOKEN" in line for line in server.log)
    assert not any("hf_wrong" in line for line in server.log)
    with serving(tmp_path, "--model", "hf://alice/films", HF_TOKEN=hub.token) as server:
        server.ready()
    assert not any(hub.token in line for line in server.log)


def test_the_early_projects_model_is_served(hub: HubServer, tmp_path: Path) -> None:
    make_legacy_files(tmp_path / "old")
    for name, content in contents(tmp_path / "old").items():
        hub.add(f"aditya-sr-iitj/netflix-challenge-model-{name}", {name: content})
    with serving(tmp_path, "--model", "legacy:") as server:
        server.ready()
        found = server.get("/recommendations/7").json()
    expected = legacy_recommendations(tmp_path / "old", 7)
    assert [film["movieId"] for film in found] == [movie for movie, _ in expected]
