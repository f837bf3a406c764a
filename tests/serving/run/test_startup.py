"""The server as a process: it starts without a model, says so, and loads nothing that it does not need."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import httpx2
import pytest

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from support.models.tiny_recommender import tiny_model
from support.running.processes import environment
from support.running.served import served

pytestmark = pytest.mark.slow

get = partial(httpx2.get, verify=False)

# What training, the terminal and logs in JSON need, and serving must not wait for.
HEAVY = {"numba", "polars", "pandas", "typer", "rich", "structlog"}


UVICORN = ["-m", "uvicorn", "reelwise.serving:app", "--port", "0"]
FASTAPI = ["-m", "fastapi", "run", "--entrypoint", "reelwise.serving:app", "--host", "127.0.0.1", "--port", "0"]


def test_a_server_without_a_model_starts_and_says_what_to_do(tmp_path: Path) -> None:
    with served(tmp_path, *UVICORN) as (address, lines):
        assert get(f"{address}/health/live").status_code == 200
        response = get(f"{address}/health/ready")
        assert response.status_code == 503
        assert "reelwise quickstart" in response.json()["detail"]
    (warning,) = [line for line in lines if line.startswith("WARNING")]
    assert "reelwise quickstart" in warning


def test_fastapi_serves_the_model_that_the_setting_names(tmp_path: Path) -> None:
    write_model(tmp_path / "tiny", tiny_model())
    revision = Model.load(tmp_path / "tiny").description.revision
    with served(tmp_path, *FASTAPI, REELWISE_MODEL="tiny") as (address, lines):
        assert get(f"{address}/health/ready").json() == {"status": "OK", "revision": revision}
        assert get(f"{address}/recommendations/8?n=1").json()[0]["movieId"] == 296
    assert any(revision in line for line in lines)


def test_a_wrong_setting_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "uvicorn", "reelwise.serving:app"],
        cwd=tmp_path,
        env=environment(REELWISE_PORT="many"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr.startswith("reelwise: REELWISE_PORT=many: ")
    assert result.stderr.count("\n") == 1


STAGES = """
import asyncio, json, os, sys
stages = {}
def ended(stage):
    stages[stage] = sorted({name.partition('.')[0] for name in sys.modules})

import reelwise.settings
ended("settings")

os.environ["REELWISE_PORT"] = "many"  # which no setting may be
import reelwise.serving
assert "app" in dir(reelwise.serving)
del os.environ["REELWISE_PORT"]

async def start():
    app = reelwise.serving.app
    async with app.router.lifespan_context(app):
        assert app.state.server.models.current.get().history(8)
asyncio.run(start())
ended("application")

import uvicorn
from reelwise.cli import main
def run(server):
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    async def start_and_stop():
        await server.startup()
        await server.shutdown()
    asyncio.run(start_and_stop())
uvicorn.Server.run = run
try:
    main(["serve", "--port", "0"])
except SystemExit as said:
    assert said.code == 0
ended("command")
print("\\n" + json.dumps(stages))
"""


def test_nothing_is_read_or_loaded_before_it_is_needed(tmp_path: Path) -> None:
    write_model(tmp_path / "model", tiny_model())
    outcome = subprocess.run(
        [sys.executable, "-c", STAGES], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    loaded = {stage: {*modules} for stage, modules in json.loads(outcome.stdout.splitlines()[-1]).items()}
    assert not loaded["settings"] & (HEAVY | {"fastapi", "uvicorn", "numpy"})
    assert "fastapi" in loaded["application"]
    assert not loaded["application"] & HEAVY
    assert {"uvicorn", "fastapi", "numpy"} <= loaded["command"]
    assert not loaded["command"] & {"numba", "polars", "pandas", "scipy"}


def test_the_app_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import reelwise.serving

    monkeypatch.setattr("logging.config.dictConfig", lambda config: None)  # pytest's logging stays as it is
    assert reelwise.serving.app is reelwise.serving.app
    with pytest.raises(AttributeError, match="nothing"):
        _ = reelwise.serving.nothing
