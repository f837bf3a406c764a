"""The server as a process: it starts without a model, says so, and loads nothing that it does not need."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from reelwise.artifacts.folder import read_model, write_model
from support.processes import environment
from support.served import served
from support.tiny_recommender import tiny_model

pytestmark = pytest.mark.slow

# What training, the terminal and logs in JSON need, and serving must not wait for.
HEAVY = {"numba", "polars", "pandas", "typer", "rich", "structlog"}


UVICORN = ["-m", "uvicorn", "reelwise.serving:app", "--port", "0"]
FASTAPI = ["-m", "fastapi", "run", "--entrypoint", "reelwise.serving:app", "--host", "127.0.0.1", "--port", "0"]


def test_a_server_without_a_model_starts_and_says_what_to_do(tmp_path: Path) -> None:
    with served(tmp_path, *UVICORN) as (address, lines):
        assert httpx2.get(f"{address}/health/live").status_code == 200
        response = httpx2.get(f"{address}/health/ready")
        assert response.status_code == 503
        assert "reelwise quickstart" in response.json()["detail"]
    (warning,) = [line for line in lines if line.startswith("WARNING")]
    assert "reelwise quickstart" in warning


@pytest.mark.parametrize("command", [UVICORN, FASTAPI])
def test_both_servers_serve_the_model_that_the_setting_names(tmp_path: Path, command: list[str]) -> None:
    write_model(tmp_path / "tiny", tiny_model())
    revision = read_model(tmp_path / "tiny").description.revision
    with served(tmp_path, *command, REELWISE_MODEL="tiny") as (address, lines):
        assert httpx2.get(f"{address}/health/ready").json() == {"status": "OK", "revision": revision}
        assert httpx2.get(f"{address}/recommendations/8?n=1").json()[0]["movieId"] == 296
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


def modules_after(code: str, folder: Path) -> set[str]:
    """The top-level modules that are loaded once `code` has run in a fresh process."""
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stdout.split())


def test_starting_the_server_loads_nothing_heavy(tmp_path: Path) -> None:
    write_model(tmp_path / "model", tiny_model())
    start = """
import asyncio, reelwise.serving
async def start():
    app = reelwise.serving.app
    async with app.router.lifespan_context(app):
        assert app.state.server.models.current.get().history(8)
asyncio.run(start())
"""
    loaded = modules_after(start, tmp_path)
    assert "fastapi" in loaded
    assert not loaded & HEAVY


def test_the_serve_command_loads_neither_numba_nor_data_frames(tmp_path: Path) -> None:
    write_model(tmp_path / "model", tiny_model())
    serve = """
import asyncio, uvicorn
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
except SystemExit as ended:
    assert ended.code == 0
"""
    loaded = modules_after(serve, tmp_path)
    assert {"uvicorn", "fastapi", "numpy"} <= loaded
    assert not loaded & {"numba", "polars", "pandas", "scipy"}


def test_importing_the_settings_loads_no_server_and_no_arrays(tmp_path: Path) -> None:
    assert not modules_after("import reelwise.settings", tmp_path) & (HEAVY | {"fastapi", "uvicorn", "numpy"})


def test_importing_the_package_reads_no_setting_and_builds_no_app(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import os; os.environ['REELWISE_PORT'] = 'many'; import reelwise.serving as s; assert 'app' in dir(s)"
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True)


def test_the_app_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import reelwise.serving

    monkeypatch.setattr("logging.config.dictConfig", lambda config: None)  # pytest's logging stays as it is
    assert reelwise.serving.app is reelwise.serving.app
    with pytest.raises(AttributeError, match="nothing"):
        _ = reelwise.serving.nothing
