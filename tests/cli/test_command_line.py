"""What all commands have in common: help, exit codes, settings, and one line for whatever is wrong."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from huggingface_hub import constants

import reelwise as package
from reelwise import __main__, _memory, cli
from support.running.command_line import CommandLine, all_commands
from support.running.processes import environment


class Panic(BaseException):
    """As libraries in Rust raise it."""


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


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError("Unable to allocate 37.3 GiB"), "not enough memory (Unable to allocate 37.3 GiB); free some"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "there is not enough memory"),
        (RuntimeError("can't start new thread"), "there is not enough memory"),
        (RecursionError("maximum recursion depth exceeded"), "nested too deeply"),
        (OSError(errno.ENOSPC, "No space left on device", "out"), "No space left on device: 'out'; check the disk"),
        (KeyError("a\nb\x1b[2J"), "unexpected error (KeyError: 'a\\nb\\x1b[2J'); please report it"),
        (Panic("index out of bounds"), "unexpected error (Panic: index out of bounds)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_happens_is_one_line_and_no_traceback(
    reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch, error: BaseException, words: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(cli, "app", fail)
    outcome = reelwise("train")
    assert outcome.code == 1
    assert outcome.err.startswith("reelwise: ")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


def test_ctrl_c_is_one_line_also_while_the_command_line_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Loading(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "reelwise.cli", Loading("reelwise.cli"))
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "reelwise: stopped; nothing is left half-written\n"


@pytest.mark.skipif(sys.platform != "linux", reason="sets a limit as Linux knows it")
@pytest.mark.parametrize("limit", [200_000, 800_000])
def test_too_little_memory_is_one_line(tmp_path: Path, limit: int) -> None:
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,1,5\n")
    command = f"ulimit -v {limit} && exec {sys.executable} -m reelwise train --data ratings.csv"
    ended = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert ended.returncode == 1
    assert "raise the limit (ulimit -v)" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.usefixtures("versions_known")
def test_a_terminal_that_is_not_utf_8_shows_films_all_the_same(
    reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding="ascii", write_through=True))
    with pytest.raises(SystemExit):
        cli.main(["doctor"])
    assert b"installation" in shown.getvalue()


@pytest.mark.skipif(sys.platform != "linux", reason="there is such a limit on Linux")
def test_too_little_memory_for_a_table_is_said_before_any_work(
    reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    limit = (_memory.NUMPY + _memory.TRAINING) // 2 + (os.cpu_count() or 1) * (64 << 20)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    outcome = reelwise("recommend", "--all", "--out", "all.csv", "--model", "nowhere")
    assert outcome.code == 1
    assert "raise the limit (ulimit -v)" in outcome.err
