"""Another process checks a new model, once for all workers, and its verdict is this one's."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reelwise.artifacts.fingerprint import fingerprint
from reelwise.errors import ModelError
from reelwise.serving.replacing import trial
from reelwise.serving.replacing.aside import start_aside
from reelwise.serving.telemetry.workers import share_metrics


def damage(folder: Path) -> None:
    """A number that is none, and so other bytes than were written."""
    P = np.load(folder / "model_P.npy")
    P[0, 0] = np.nan
    np.save(folder / "model_P.npy", P)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that are started: the niceness asked for, their scheduling class, and their priority."""
    started: list[Any] = []

    def note(command: Any, niceness: int | None) -> Any:
        process = start_aside(command, niceness)
        policy = os.sched_getscheduler(process.pid) if sys.platform == "linux" else 0
        priority = os.getpriority(os.PRIO_PROCESS, process.pid) if sys.platform != "win32" else 0
        started.append((niceness, policy, priority))
        return process

    monkeypatch.setattr(trial, "start_aside", note)
    return started


def checks(commands: list[Any]) -> int:
    """How many there were; one that had to wait too long was started anew."""
    return sum(niceness is None for niceness, _, _ in commands)


def test_a_good_model_passes_and_a_damaged_one_is_refused_by_name(tiny_folder: Path) -> None:
    trial.have_checked(tiny_folder, fingerprint(tiny_folder))
    damage(tiny_folder)
    with pytest.raises(ModelError, match=r"model_P\.npy: holds a value that is not a finite number$"):
        trial.have_checked(tiny_folder, fingerprint(tiny_folder))


def test_bytes_that_changed_are_refused(tiny_folder: Path) -> None:
    means = np.load(tiny_folder / "movie_means.npy")
    np.save(tiny_folder / "movie_means.npy", means / 2)
    with pytest.raises(ModelError, match=r"movie_means\.npy changed since the model was written"):
        trial.have_checked(tiny_folder, fingerprint(tiny_folder))


def test_workers_have_a_good_model_checked_once_until_it_is_another(tiny_folder: Path, commands: list[Any]) -> None:
    with share_metrics():
        for _ in range(3):
            trial.have_checked(tiny_folder, fingerprint(tiny_folder))
        assert checks(commands) == 1
        damage(tiny_folder)
        for _ in range(2):
            with pytest.raises(ModelError, match="finite"):
                trial.have_checked(tiny_folder, fingerprint(tiny_folder))
    assert checks(commands) == 3


def test_a_process_alone_has_each_model_checked(tiny_folder: Path, commands: list[Any]) -> None:
    for _ in range(2):
        trial.have_checked(tiny_folder, fingerprint(tiny_folder))
    assert checks(commands) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="takes Linux's classes of scheduling")
def test_it_waits_for_a_processor_that_nobody_wants_but_not_for_long(
    tiny_folder: Path, commands: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "_PATIENCE", 0.0)
    damage(tiny_folder)
    with pytest.raises(ModelError, match="finite"):
        trial.have_checked(tiny_folder, fingerprint(tiny_folder))
    assert commands == [
        (None, os.SCHED_IDLE, 19),
        (trial._NICENESS, os.SCHED_OTHER, trial._NICENESS),
    ]


def test_a_check_that_was_killed_is_no_verdict_of_good(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(command: Any, niceness: int | None) -> Any:
        process = start_aside(command, niceness)
        process.kill()
        return process

    monkeypatch.setattr(trial, "start_aside", killed)
    with pytest.raises(ModelError, match="was killed; the machine may be short of memory"):
        trial.have_checked(tiny_folder, fingerprint(tiny_folder))


def test_what_nobody_foresaw_is_told_whole(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ["reelwise.artifacts.check"]  # it is not told which folder
    monkeypatch.setattr(trial, "start_aside", lambda _command, niceness: start_aside(broken, niceness))
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*IndexError"):
        trial.have_checked(tiny_folder, fingerprint(tiny_folder))


def test_what_lies_where_the_server_was_started_is_not_run(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('somebody else')")
    monkeypatch.chdir(tmp_path)
    trial.have_checked(tiny_folder, fingerprint(tiny_folder))
