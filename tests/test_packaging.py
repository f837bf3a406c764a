"""What is published: a small wheel with all that is needed and nothing else, and few packages that it brings along."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hatchling import build
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import reelwise
from support.running.processes import environment
from support.systems.patience import long_test

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "src" / "reelwise"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LICENCES = {"LICENSE", "src/reelwise/web/fonts/instrument.OFL.txt", "src/reelwise/web/fonts/newsreader.OFL.txt"}

WHEEL_BYTES, UNPACKED_BYTES = 1_000_000, 2_500_000
"""What docs/guide/deploying.md says of the size."""
BROUGHT_ALONG = """
    alembic anyio fastapi fastapi-cli fastapi-offline filelock fsspec httpx2 huggingface-hub numba numpy packaging
    polars prometheus-client pydantic pydantic-settings pyjwt python-dotenv python-multipart pyyaml rapidfuzz rich
    sqlalchemy starlette structlog threadpoolctl tqdm typer typing-extensions uvicorn
"""
"""A further package makes each install larger: it is worth its own line in the page about deploying."""


def make(kind: Callable[[str], str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(ROOT)
    return folder / kind(str(folder))


def files_of_the_house() -> set[str]:
    files = (file for file in HOUSE.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(ROOT / "src").as_posix() for file in files}


def test_the_wheel_has_every_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(build.build_wheel, tmp_path, monkeypatch)
    about = f"reelwise-{reelwise.__version__}.dist-info"
    with zipfile.ZipFile(made) as wheel:
        names, unpacked = {*wheel.namelist()}, sum(entry.file_size for entry in wheel.infolist())
        said = wheel.read(f"{about}/METADATA").decode()
    own = {name for name in names if not name.startswith(about)}
    assert own == files_of_the_house()
    assert names - own == {f"{about}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")} | {
        f"{about}/licenses/{name}" for name in LICENCES
    }
    assert made.stat().st_size < WHEEL_BYTES
    assert unpacked < UNPACKED_BYTES
    assert f"Version: {reelwise.__version__}\n" in said
    assert "License-Expression: MIT AND OFL-1.1\n" in said
    assert "Requires-Python: >=3.11\n" in said


def test_the_source_can_be_built_and_tested_by_whoever_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(build.build_sdist, tmp_path, monkeypatch)
    with tarfile.open(made) as source:
        members = {member.name.partition("/")[2]: member for member in source.getmembers()}
    kinds = {Path(name).suffix for name in members}
    assert {f"src/{name}" for name in files_of_the_house()} <= members.keys()
    assert LICENCES | {"README.md", "CHANGELOG.md", "pyproject.toml", "PKG-INFO", "requirements.txt"} <= members.keys()
    assert {"tests/conftest.py", "benchmarks/fuzz.py", "docs/index.md", ".env.example"} <= members.keys()
    assert not kinds & {".pyc", ".db", ".npy", ".zip", ".log", ".so", ".sqlite"}
    assert not [name for name, member in members.items() if not member.isfile() or member.size > 1_000_000]


def test_few_packages_are_brought_along_and_each_is_declared() -> None:
    assert {Requirement(line).name for line in PROJECT["dependencies"]} == {*BROUGHT_ALONG.split()}
    extras = PROJECT["optional-dependencies"]
    for line in {*chain(PROJECT["dependencies"], *extras.values())}.difference(extras["docs"]):  # the site is pinned
        assert ">=" in line, f"{line}: from which version on?"


def test_the_changelog_begins_with_this_version() -> None:
    versions = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert next(version for version in versions if version != "Unreleased") == reelwise.__version__


def test_every_python_that_is_named_may_install_this() -> None:
    named = [kind.rpartition(" ")[2] for kind in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", kind)]
    assert named == ["3.11", "3.12", "3.13", "3.14"]
    assert all(version in SpecifierSet(PROJECT["requires-python"]) for version in named)


TRAINING = {"numba", "polars", "pandas", "scipy"}
HEAVY = TRAINING | {"numpy", "fastapi", "sqlalchemy", "uvicorn", "huggingface_hub"}
LIGHT = {  # some code, and what has not been imported after it
    "import reelwise": HEAVY | {"pydantic", "typer", "rich"},
    "import reelwise.cli": HEAVY,
    "import reelwise.serving; reelwise.serving.create_app()": TRAINING | {"sqlalchemy", "mcp"},
}


def test_what_is_imported_is_light(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys\n" + "\n".join(f"{code}; print(*sys.modules)" for code in LIGHT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment())
    imported = [line.split() for line in done.stdout.splitlines()]
    for heavy, names in zip(LIGHT.values(), imported, strict=True):
        assert not heavy & {*names}
    assert [name for name in imported[0] if name.startswith("reelwise.")] == ["reelwise._version"]


SMOKE = """
import re
import reelwise as rw
from pathlib import Path
from fastapi.testclient import TestClient
from reelwise.serving import create_app
from reelwise.settings import Settings
assert "site-packages" in rw.__file__, rw.__file__
rw.train(rw.read_sample(), seed=1, evaluate=False).save("model")
assert len(rw.Recommender.load("model").recommend(movies=["Alien"], n=3)) == 3
with TestClient(create_app(Settings(model="model", store="sqlite:///live.db"))) as client:
    font = re.search(r'href="([^"]+\\.woff2)"', client.get("/app/").text)
    assert font and client.get("/app/" + font[1]).status_code == 200
    assert client.put("/api/v1/users/ann/ratings/1214", json={"stars": 5}).status_code == 200
"""


@long_test
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_source_installs_and_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(build.build_sdist, tmp_path, monkeypatch)
    variables = {name: value for name, value in environment().items() if name != "PYTHONPATH"}

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            [*map(str, command)], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(sys.executable, "-m", "venv", "fresh")
    python = tmp_path / "fresh" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(python, "-m", "pip", "install", "--quiet", made)
    assert run(python, "-m", "reelwise", "--version") == f"reelwise {reelwise.__version__}\n"
    run(python, "-c", SMOKE)
