"""Windows and macOS: what Python has on Linux alone is used only where there is another way, and that way works."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import reelwise
from support.running.processes import environment
from support.systems.other_systems import WATCHED, is_missing, missing
from support.systems.patience import long_test

HERE = Path(__file__).parent
(HOUSE,) = map(Path, reelwise.__path__)

each_system = pytest.mark.parametrize("system", ["win32", pytest.param("darwin", marks=long_test)])

WITH_ANOTHER_WAY = {  # each stands behind hasattr, a failing import, or a question for the system
    "_memory.py": {"resource"},
    "data/arguments.py": {"os.sched_getaffinity"},
    "serving/replacing/aside.py": {
        *("os.PRIO_PROCESS", "os.setpriority"),
        *("os.SCHED_IDLE", "os.sched_param", "os.sched_setscheduler"),
    },
    "serving/routes/reload.py": {"signal.SIGHUP"},
    "serving/run/queues.py": {"socket.SO_REUSEPORT"},
    "serving/run/sighup.py": {"os.O_NOCTTY", "signal.SIGHUP"},
    "serving/run/workers.py": {"signal.SIGHUP"},
    "storage/working_folders.py": {"fcntl", "os.O_DIRECTORY", "os.getuid"},
}

IMPORTS = re.compile(rf"^\s*(?:import|from)\b.*\b(?:{'|'.join(WATCHED)})\b", re.MULTILINE)


def only_on_linux(file: Path) -> set[str]:
    """The modules and the names of modules that a file uses and that some other system lacks."""
    text, used = file.read_text(encoding="utf-8"), set()
    for node in ast.walk(ast.parse(text)) if IMPORTS.search(text) else ():
        match node:
            case ast.Import():
                used |= {(alias.name, "") for alias in node.names}
            case ast.ImportFrom(module=str(module)):
                used |= {(module, alias.name) for alias in node.names} | {(module, "")}
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                used.add((module, name))
    systems = ("win32", "darwin")
    gone = {module for module, _ in used if module in WATCHED and any(is_missing(module, one) for one in systems)}
    return gone | {
        f"{module}.{name}"
        for module, name in used
        if module in WATCHED and module not in gone and any(name in missing(module, one) for one in systems)
    }


def test_what_only_linux_has_is_known() -> None:
    assert {"fork", "sched_getaffinity", "setpriority", "O_DIRECTORY", "getuid"} <= missing("os", "win32")
    assert {"sched_getaffinity"} <= missing("os", "darwin")
    assert "getpid" not in missing("os", "win32")
    assert {"SIGHUP", "SIGKILL"} <= missing("signal", "win32")
    assert is_missing("fcntl", "win32")
    assert not is_missing("fcntl", "darwin")


def test_nothing_else_is_used_that_only_linux_has() -> None:
    found = {file.relative_to(HOUSE).as_posix(): only_on_linux(file) for file in HOUSE.rglob("*.py")}
    assert {name: used for name, used in found.items() if used} == {
        name: used for name, used in WITH_ANOTHER_WAY.items() if used
    }


@long_test
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the other tests are the proof")
@each_system
def test_from_ratings_to_served_answers(system: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "support.systems.elsewhere", system, str(tmp_path)]
    variables = environment()
    variables["PYTHONPATH"] += f":{HERE}"
    done = subprocess.run(command, capture_output=True, text=True, env=variables, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    opened, last = done.stdout.splitlines()
    assert last == "done"
    assert (opened == "open: 0") == (system == "win32")  # where a model could not be replaced under its readers


@long_test
@each_system
def test_types_hold_there(system: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--platform", system, "--cache-dir", str(tmp_path), "src"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent, check=False)
    assert done.returncode == 0, done.stdout
