"""The command line. Each command reads its options, calls one thing, and shows the outcome.

Commands import what they need when they run: `reelwise serve` needs neither numba nor polars, `--help` needs nothing.
"""

import errno
import io
import re
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, NoReturn

import typer

from reelwise._memory import NUMPY, require_address_space
from reelwise._version import __version__
from reelwise.cli import data, doctor, evaluate, hub, legacy, quickstart, serve, train, tune
from reelwise.cli.asking import history, mcp, predict, recommend
from reelwise.cli.live import update, users
from reelwise.errors import ReelwiseError, UsageError, edge

STOPPED = 130  # what typer ends with after Ctrl-C, as shells do

app = typer.Typer(
    help="Recommends films: trains on ratings in seconds, serves over HTTP.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(quickstart.commands)
app.add_typer(train.commands)
app.add_typer(update.commands)
app.add_typer(evaluate.commands)
app.add_typer(tune.commands)
app.add_typer(data.commands, name="data")
app.add_typer(recommend.commands)
app.add_typer(history.commands)
app.add_typer(predict.commands)
app.add_typer(serve.commands)
app.add_typer(mcp.commands)
app.add_typer(hub.commands)
app.add_typer(legacy.commands)
app.add_typer(users.commands, name="users")
app.add_typer(doctor.commands)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line.

    Ends with exit code 0, 1 (it failed), 2 (invalid usage), or 130 (stopped with Ctrl-C).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that knows less than UTF-8 shows films all the same
            stream.reconfigure(errors="replace")
    try:
        _refuse_empty(sys.argv[1:] if arguments is None else arguments)
        app(arguments)
    except SystemExit as ended:
        if ended.code == STOPPED:
            typer.echo("reelwise: stopped; nothing is left half-written", err=True)
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) or sys.flags.dev_mode:
            raise
        words, code = _explain(error)
        typer.echo(f"reelwise: {words}", err=True)
        raise SystemExit(code) from None
    raise SystemExit(0)


def _refuse_empty(arguments: Sequence[str]) -> None:
    """Refuse empty values, as unset variables of a shell leave them: an empty path would be the current folder."""
    for before, one in pairwise(("reelwise", *arguments)):
        if not one or re.fullmatch("--[a-z0-9-]+=", one):
            place = one.rstrip("=") or before
            raise UsageError(f"there is an empty value after {place}; give it a value, or leave it out")


def _explain(error: BaseException) -> tuple[str, int]:
    """The line that explains an error, and the exit code. Some libraries raise what is not an `Exception`."""
    said, code = str(ReelwiseError(str(error))) or type(error).__name__, edge(ReelwiseError("")).exit_code
    match error:
        case ReelwiseError():
            return said, edge(error).exit_code
        case ModuleNotFoundError():  # where only what serving needs is installed
            words = (
                f"this command needs the package {error.name}, which is not installed here; install Reelwise with all "
            )
            words += "that it requires, or use the image for training"
        case MemoryError() | OSError(errno=errno.ENOMEM) | RuntimeError(args=("can't start new thread",)):
            words = (
                f"there is not enough memory ({said}); free some, take fewer --factors or less data, or train on Spark"
            )
        case RecursionError():
            words = "the input is nested too deeply to be read; look for brackets within brackets"
        case OSError(errno=errno.ENAMETOOLONG | errno.ELOOP):
            code = edge(UsageError("")).exit_code
            words = f"{said}; name another file or folder"
        case OSError():
            words = f"{said}; check the disk, and who may read and write there"
        case _:
            words = f"unexpected error ({type(error).__name__}: {said}); please report it with the output of "
            words += "`python3 -X dev -m reelwise …`"
    return words, code


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reelwise {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    require_address_space(NUMPY)
