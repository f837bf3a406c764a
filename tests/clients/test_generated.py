"""Clients that others' tools generate from the OpenAPI document come without a warning, type-check, reach every path.

The tools come from PyPI and npm, with the versions in `requirements.txt` and `package.json`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from reelwise.serving import create_app
from reelwise.serving.application import describe_api
from reelwise.serving.posters import tmdb
from reelwise.serving.state import server_state
from reelwise.settings import Settings
from support.running.served_app import served
from support.servers.tmdb import JPEG, KEY, TMDBServer
from support.systems.patience import long_test

HERE = Path(__file__).parent
ADMIN_KEY, USER_SECRET = "open-sesame-9", "a-secret-that-is-known-to-the-site-1"

pytestmark = [long_test, pytest.mark.slow, pytest.mark.timeout(600)]


def run(folder: Path, *command: str | Path, **variables: str) -> str:
    """What a command prints that must end well."""
    done = subprocess.run(
        [*map(str, command)], cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the document."""
    (tmp_path / "openapi.json").write_text(json.dumps(describe_api()), encoding="utf-8")
    return tmp_path


@pytest.fixture
def app(tiny_folder: Path, tmp_path: Path, no_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    """A server that can all that a server can."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with TMDBServer({862: "/toy.jpg"}, {"/toy.jpg": ("image/jpeg", JPEG)}) as server:
        monkeypatch.setattr(tmdb, "API", f"{server.url}/3")
        monkeypatch.setattr(tmdb, "PICTURES", f"{server.url}/t/p")
        store = f"sqlite:///{tmp_path / 'live.db'}"
        yield create_app(
            Settings(
                model=str(tiny_folder), store=store, admin_key=ADMIN_KEY, user_secret=USER_SECRET, tmdb_api_key=KEY
            )
        )


def visitor() -> str:
    """A token of a user whom the site vouches for."""
    claims = {"sub": "carol", "aud": "reelwise", "exp": int(time.time()) + 600}
    return jwt.encode(claims, USER_SECRET, algorithm="HS256")


def answered(app: FastAPI) -> set[tuple[str, str]]:
    """The method and the path of all requests that were answered as they wished."""
    families = text_string_to_metric_families(server_state(app).metrics.text().decode())
    return {
        (sample.labels["method"], sample.labels["route"])
        for family in families
        for sample in family.samples
        if sample.name == "reelwise_http_requests_total" and sample.labels["status"] in ("200", "204")
    }


def write_guide(path: Path, port: int) -> None:
    """Write the example of the guide to clients as a file, to ask this server."""
    page = (HERE.parents[1] / "docs" / "guide" / "clients.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"^```{path.suffix[1:]}\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    path.write_text(block.replace("127.0.0.1:8000", f"127.0.0.1:{port}"), encoding="utf-8")


def every_path() -> set[tuple[str, str]]:
    paths = describe_api()["paths"].items()
    return {(method.upper(), path) for path, methods in paths if path.startswith("/api/v1") for method in methods}


def test_python(folder: Path, app: FastAPI) -> None:
    run(folder, sys.executable, "-m", "venv", "tools")
    tools = folder / "tools" / ("Scripts" if os.name == "nt" else "bin")
    run(folder, tools / "python", "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt")
    generator = (tools / "openapi-python-client", "generate", "--path", "openapi.json", "--fail-on-warning")
    path = os.pathsep.join([str(tools), os.environ["PATH"]])  # for the formatter that it calls
    assert "Warning" not in run(folder, *generator, PATH=path)
    client = folder / "reelwise-client"
    run(client, tools / "mypy", "-p", "reelwise_client")
    with served(app) as port:
        write_guide(folder / "guide.py", port)
        for script in (HERE / "every_path.py", folder / "guide.py"):
            run(folder, tools / "mypy", "--strict", "--follow-imports=silent", script, MYPYPATH=str(client))
            told = run(
                folder,
                tools / "python",
                script,
                f"http://127.0.0.1:{port}",
                ADMIN_KEY,
                visitor(),
                PYTHONPATH=str(client),
            )
    assert "Toy Story (1995)" in told
    assert every_path() - answered(app) == set()


@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm")
def test_typescript(folder: Path, app: FastAPI) -> None:
    for name in ("package.json", "every_path.ts"):
        shutil.copy(HERE / name, folder)
    run(folder, "npm", "install", "--no-audit", "--no-fund", "--silent")
    generator = ("npx", "openapi-typescript", "openapi.json", "--default-non-nullable", "false", "-o", "reelwise.d.ts")
    assert "warn" not in run(folder, *generator).lower()
    options = (
        "--strict",
        "--noEmitOnError",
        "--module",
        "es2022",
        "--moduleResolution",
        "bundler",
        "--target",
        "es2022",
    )
    with served(app) as port:
        write_guide(folder / "guide.ts", port)
        run(folder, "npx", "tsc", *options, "every_path.ts", "guide.ts")
        for script in ("every_path.js", "guide.js"):
            told = run(folder, "node", script, f"http://127.0.0.1:{port}", ADMIN_KEY, visitor())
    assert "Toy Story (1995)" in told
    assert every_path() - answered(app) == set()
