"""The log of a server as a process, from its start to its end."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from support.models.tiny_recommender import tiny_model
from support.running.served import served

pytestmark = pytest.mark.slow

get = partial(httpx2.get, verify=False)

FAILING = """
from reelwise.serving import app
@app.get("/fail")
def fail():
    password = "very " + "secret"
    raise ZeroDivisionError("nothing to share")
"""


def served_lines(folder: Path, **settings: str) -> list[str]:
    """What a server logs that starts with the model of its folder, answers, fails, and stops."""
    write_model(folder / "model", tiny_model())
    (folder / "failing.py").write_text(FAILING)
    with served(folder, "-m", "uvicorn", "failing:app", "--port", "0", **settings) as (address, lines):
        get(f"{address}/health/ready").raise_for_status()
        assert get(f"{address}/recommendations/8").json()[0]["movieId"] == 296
        assert get(f"{address}/fail", headers={"X-Request-ID": "mine"}).status_code == 500
    return lines


def test_every_line_of_a_server_is_an_object_traceback_included(tmp_path: Path) -> None:
    lines = served_lines(tmp_path, REELWISE_LOG_FORMAT="json")
    entries: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert all({"timestamp", "level", "logger", "event"} <= entry.keys() for entry in entries)
    requests = [entry for entry in entries if entry["event"] == "request"]
    assert [(entry["route"], entry["status"]) for entry in requests] == [
        ("/recommendations/{user_id}", 200),
        ("/fail", 500),
    ]
    assert any(requests[0]["model"] in entry["event"] for entry in entries if entry["logger"] == "uvicorn.error")
    (failure,) = [entry for entry in entries if entry["level"] == "error"]
    assert failure["request_id"] == "mine"
    (cause,) = failure["exception"]
    assert (cause["exc_type"], cause["exc_value"]) == ("ZeroDivisionError", "nothing to share")
    assert cause["frames"][-1]["name"] == "fail"
    assert not any("very secret" in line for line in lines)


def test_in_text_the_traceback_names_the_request(tmp_path: Path) -> None:
    lines = served_lines(tmp_path)
    revision = Model.load(tmp_path / "model").description.revision
    assert any(revision in line for line in lines)
    assert "ERROR:    Exception in ASGI application [request mine]\n" in lines
    assert "ZeroDivisionError: nothing to share\n" in lines
    assert sum('"GET ' in line for line in lines) == 2  # not uvicorn's lines besides ours
