"""What all commands have in common: help, exit codes, settings, and one line for whatever is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

import reelwise as package
from support.command_line import CommandLine, all_commands
from support.processes import environment


@pytest.mark.parametrize("command", all_commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(reelwise: CommandLine, command: tuple[str, ...]) -> None:
    outcome = reelwise(*command, "--help")
    assert outcome.code == 0
    assert f"Example: reelwise {' '.join(command)}" in outcome.out


def test_the_version(reelwise: CommandLine) -> None:
    assert reelwise("--version").out == f"reelwise {package.__version__}\n"


def test_what_cannot_be_meant_ends_with_2(reelwise: CommandLine) -> None:
    for wrong in (["nonsense"], ["train"], ["train", "--data", "x", "--epochs", "none"], ["recommend"]):
        assert reelwise(*wrong).code == 2


def test_the_model_of_the_environment_is_used(
    reelwise: CommandLine, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELWISE_MODEL", str(tiny_folder))
    assert reelwise("info").code == 0


def test_a_bad_setting_is_one_line(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWISE_PORT", "many")
    refusal = reelwise.refusal("serve")
    assert refusal.startswith("reelwise: REELWISE_PORT=many: ")
    assert refusal.count("\n") == 1


def test_a_package_that_is_not_installed_is_one_line(
    reelwise: CommandLine, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    outcome = reelwise("recommend", "--all", "--out", "x.parquet", "--model", tiny_folder)
    assert outcome.code == 1
    assert "needs the package polars" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.slow
def test_a_terminal_that_is_not_utf_8_shows_films_all_the_same(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "reelwise", "doctor"],
        cwd=tmp_path,
        env=environment(PYTHONIOENCODING="ascii", HF_HUB_OFFLINE="1"),
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in result.stderr
    assert b"installation" in result.stdout
