"""Every option of every command with values that nobody means: one line that says so, and never a fault of ours."""

import os
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reelwise.cli import app
from support.running.command_line import CommandLine, all_commands, get_command
from support.systems.patience import long_test
from support.systems.platforms import posix_only

GOOD: dict[str, tuple[str, ...]] = {
    "train": ("--data", "ratings.csv", "--out", "new", "--no-evaluate", "--factors", "2", "--epochs", "1"),
    "preprocess": ("--ratings", "ratings.csv", "--model", "tiny"),
    "rollback": ("--model", "tiny"),
    "update": ("--model", "tiny", "--store", "sqlite:///live.db"),
    "evaluate": ("--model", "tiny"),
    "tune": ("--data", "ratings.csv", "--out", "tuned.json", "--attempts", "1"),
    "data get": ("ml-1m", "--into", "data"),
    "data info": ("ratings.csv",),
    "recommend": ("--user", "8", "--model", "tiny"),
    "match": ("--movies", "1", "--model", "tiny"),
    "history": ("watched.csv", "--model", "tiny"),
    "predict": ("--user", "8", "--movies", "1", "--model", "tiny"),
    "info": ("--model", "tiny"),
    "openapi": ("--out", "openapi.json"),
    "pull": ("me/films", "--out", "new"),
    "push": ("me/films", "--model", "tiny"),
    "import-legacy": ("--from", "nothing", "--out", "new"),
    "export-legacy": ("--model", "tiny", "--out", "old"),
    "users show": ("8", "--model", "tiny", "--store", "sqlite:///live.db"),
    "users export": ("8", "--model", "tiny", "--store", "sqlite:///live.db"),
    "users erase": ("8", "--yes", "--model", "tiny", "--store", "sqlite:///live.db"),
}
"""Of commands that end by themselves, what they are called with in good faith."""

LONG = {"openapi", "recommend", "train", "tune"}

NO_FILES = ("pipe", "loop", "x" * 300)
NO_NUMBERS = ("nan", "9" * 30)
NO_WORDS = ("\x1b[2J\udcff",)


def options(command: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a command takes after an option, with values that nobody means."""
    found: Any = get_command(app)
    for word in command.split():
        found = found.commands[word]
    for option in found.params:
        if option.opts[0].startswith("--") and not getattr(option, "is_flag", False):
            kinds = set(typing.get_args(option.type_descriptor.annotation)) or {option.type_descriptor.annotation}
            is_path = Path in kinds or option.name in ("model", "store", "start", "out", "films")
            yield option.opts[0], NO_FILES if is_path else NO_NUMBERS if {int, float} & kinds else NO_WORDS


@pytest.fixture
def place(reelwise: CommandLine, ratings_folder: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder, with what commands are called with, and what is no file."""
    monkeypatch.setenv("REELWISE_DATA_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    Path("ratings.csv").write_bytes((ratings_folder / "ratings.csv").read_bytes())
    Path("watched.csv").write_text("Date,Name,Year,Letterboxd URI\n2026-01-01,Film 3,1953,\n")
    Path("loop").symlink_to("loop")
    Path("tiny").symlink_to(tiny_folder)
    os.mkfifo("pipe")


def test_every_command_that_ends_by_itself_is_here() -> None:
    servers = {"serve", "quickstart", "mcp", "doctor", "data list"}  # the last two end well, whatever is wrong
    assert {" ".join(words) for words in all_commands()} == servers | GOOD.keys()


@posix_only
@pytest.mark.slow
@pytest.mark.parametrize("command", [pytest.param(one, marks=long_test if one in LONG else ()) for one in GOOD])
def test_whatever_stands_after_an_option(reelwise: CommandLine, place: None, command: str) -> None:
    for option, values in options(command):
        others = without(GOOD[command], option)
        assert f"an empty value after {option}" in reelwise.refusal(*command.split(), *others, option, "")
        for value in values:
            outcome = reelwise(*command.split(), *others, f"{option}={value}")
            said = f"{command} {option}={value[:50]!r} ended with {outcome.code}: {outcome.err[-1000:]}"
            assert outcome.code in (0, 1, 2), said
            assert "Traceback" not in outcome.err, said
            assert "unexpected error" not in outcome.err, said
            assert not {"\x1b", "\udcff"} & set(outcome.err + outcome.out), said
            if outcome.code:
                refused = [line for line in outcome.err.splitlines() if line.startswith("reelwise: ")]
                assert len(refused) == 1 or "Usage: " in outcome.err, said


def without(arguments: tuple[str, ...], option: str) -> tuple[str, ...]:
    """The arguments but for an option and its value."""
    if option not in arguments:
        return arguments
    at = arguments.index(option)
    return arguments[:at] + arguments[at + 2 :]


@posix_only
@pytest.mark.parametrize("out", ["pipe", "loop", "/dev/null", "ratings.csv", "ratings.csv/x", "x" * 300, "/"])
def test_where_nothing_can_be_written_is_said_before_any_work(reelwise: CommandLine, place: None, out: str) -> None:
    asked = {
        "train": ("--data", "no ratings", "--out", out),
        "tune": ("--data", "no ratings", "--out", f"{out}/tuned.json"),
        "evaluate": ("--data", "no ratings", "--plot", f"{out}/plot.svg"),
        "recommend": ("--all", "--out", f"{out}/all.csv", "--model", "no model"),
    }
    for command, arguments in asked.items():
        if out == "/" and command != "train":
            continue  # there is room
        refused = reelwise.refusal(command, *arguments)
        assert "no ratings" not in refused, command
        assert "no model:" not in refused, command
