"""A server as a process, with its model on the Hub: what somebody who deploys it sees."""

import time
from pathlib import Path

import pytest

from reelwise.artifacts.model import Model
from support.files.contents import contents
from support.hub.server import Fault, HubServer
from support.running.serving import LONGEST, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def hub(hub: HubServer, tiny_folder: Path) -> HubServer:
    """With the model on it."""
    hub.add("alice/films", contents(tiny_folder))
    return hub


def test_it_downloads_with_the_token_which_is_never_logged_and_serves(
    hub: HubServer, tiny_folder: Path, tmp_path: Path
) -> None:
    hub.repositories["alice/films"].private = True
    hub.fault("/storage/", Fault(delay=0.5), method="GET")
    with serving(tmp_path, "--model", "hf://alice/films", HF_TOKEN=hub.token) as server:
        assert server.get("/health/live").status_code == 200
        assert server.ready().json()["revision"] == Model.load(tiny_folder).description.revision
        assert server.get("/recommendations/8?n=1").json()[0]["movieId"] == 296
    assert any("is being fetched: [####################] 100%" in line for line in server.log)
    assert not any(hub.token in line for line in server.log)


def test_it_ends_at_once_while_it_downloads(hub: HubServer, tmp_path: Path) -> None:
    hub.fault("/storage/", Fault(pause=0.05), method="GET", times=99)
    with serving(tmp_path, "--model", "hf://alice/films") as server:
        assert server.get("/health/ready").status_code == 503
        started = time.monotonic()
    assert time.monotonic() - started < LONGEST / 2
