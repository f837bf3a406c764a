"""The main job as a process, in an empty folder, without a network: the server answers from simulated viewers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DEADLINE = 60  # seconds


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("empty")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "REELWISE_DATA_URL": "http://127.0.0.1:9"}  # nobody listens there
    process = subprocess.Popen(
        [sys.executable, "-m", "reelwise", "quickstart", "--port", str(port)],
        cwd=folder, env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_until_ready(process, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert "built-in sample" in errors
    assert f"http://127.0.0.1:{port}/app/" in errors
    assert process.returncode == 0
    assert sorted(path.name for path in Path(folder).iterdir()) == ["data", "model"]


def wait_until_ready(process: "subprocess.Popen[str]", address: str) -> None:
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()[1]
        try:
            get(f"{address}/health/ready")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"not ready within {DEADLINE} s")


def get(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.headers["X-Model-Revision"]
        assert response.headers["X-Model-Simulated"] == "true"
        content = response.read()
        return json.loads(content) if response.headers["Content-Type"] == "application/json" else content


def test_the_example_selection_gets_ten_films(address: str) -> None:
    picks = [1, 296, 593, 1196, 2571]
    found = get(f"{address}/recommendations_from_selection", {"movie_ids": picks})
    assert len({film["movieId"] for film in found} - set(picks)) == 10
    assert [film["score"] for film in found] == sorted((film["score"] for film in found), reverse=True)


def test_the_other_paths_answer(address: str) -> None:
    assert get(f"{address}/")["status"] == "OK"
    assert len(get(f"{address}/recommendations/1")) == 10
    match = get(f"{address}/find_matching_user", {"movie_ids": [1, 296]})
    assert match["match_count"] == 2


def test_the_page_opens(address: str) -> None:
    assert b"film-search" in get(f"{address}/app/")


def test_the_page_of_docs_opens(address: str) -> None:
    assert b"swagger-ui" in get(f"{address}/docs")
