"""Running the command line inside the test's process."""

from functools import cache
from typing import NamedTuple

import pytest
import typer.main

from reelwise.cli import app, main

get_command = cache(typer.main.get_command)
"""The commands of an application, made once: each call of the command line would make all of them anew."""


class Outcome(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


class CommandLine:
    """Calls `reelwise` with arguments and captures what it prints."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Outcome:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        return Outcome(int(ended.value.code or 0), captured.out, captured.err)

    def refusal(self, *arguments: object) -> str:
        """What it says when it ends with 2 and without a result, as it must."""
        outcome = self(*arguments)
        assert (outcome.code, outcome.out) == (2, "")
        return outcome.err


def all_commands() -> list[tuple[str, ...]]:
    """Every command, as the words that call it."""
    commands: dict[str, object] = get_command(app).commands  # type: ignore[attr-defined]
    names: list[tuple[str, ...]] = []
    for name, command in commands.items():
        below = getattr(command, "commands", None)
        names.extend([(name, sub) for sub in below] if below else [(name,)])
    return names
