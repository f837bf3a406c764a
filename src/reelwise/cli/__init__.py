"""The command line. Each command reads its options, calls one thing, and shows the outcome.

Commands import what they need when they run: `reelwise serve` needs neither numba nor polars, `--help` needs nothing.
"""

import io
import sys
from typing import Annotated, NoReturn

import typer

from reelwise._version import __version__
from reelwise.cli import data, doctor, evaluate, hub, legacy, quickstart, serve, train, tune
from reelwise.cli.asking import history, mcp, predict, recommend
from reelwise.cli.live import update, users
from reelwise.errors import ReelwiseError, edge

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

    Ends with exit code 0, 1 (it failed), 2 (it was asked for what cannot be), or 130 (stopped with Ctrl-C).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that knows less than UTF-8 shows films all the same
            stream.reconfigure(errors="replace")
    try:
        app(arguments)
    except ReelwiseError as error:
        typer.echo(f"reelwise: {error}", err=True)
        raise SystemExit(edge(error).exit_code) from None
    except ModuleNotFoundError as error:  # where only what serving needs is installed
        typer.echo(
            f"reelwise: this command needs the package {error.name}, which is not installed here; "
            "install Reelwise with all that it requires, or use the image for training",
            err=True,
        )
        raise SystemExit(1) from None
    except SystemExit as ended:
        if ended.code == STOPPED:
            typer.echo("reelwise: stopped; nothing is left half-written", err=True)
        raise
    raise SystemExit(0)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reelwise {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None: ...
