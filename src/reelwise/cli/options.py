"""Options that more than one command has, and what they mean."""

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reelwise.errors import UsageError
from reelwise.settings import PREFIX, Settings

if TYPE_CHECKING:
    from reelwise.data.interactions import RatingScale


class Engine(enum.StrEnum):
    """Where the work is done."""

    LOCAL = "local"
    SPARK = "spark"


DataOption = Annotated[
    Path, typer.Option("--data", help="Ratings: a folder in any MovieLens layout, or a file.", metavar="PATH")
]
AddressOption = Annotated[
    str,
    typer.Option(
        "--data", help="Ratings: a folder in any MovieLens layout, or a file; with Spark, its address.", metavar="PATH"
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="The model: a folder, hf://owner/repo, or legacy:. \\[default: REELWISE_MODEL, or model]",
        metavar="ADDRESS",
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="The live store: sqlite:///FILE. \\[default: REELWISE_STORE]", metavar="ADDRESS"),
]
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        "--columns",
        help="Which columns hold what, where their names do not tell; rating= says that there are no stars.",
        metavar="user=NAME,movie=NAME,rating=NAME,time=NAME",
    ),
]
ScaleOption = Annotated[
    str | None,
    typer.Option("--scale", help="Lowest and highest stars, if not what they look like.", metavar="LOW:HIGH"),
]
NumberOption = Annotated[int, typer.Option("-n", "--number", help="How many films, up to 100.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
MoviesOption = Annotated[
    str | None,
    typer.Option("--movies", help="Movie ids, or imdb:tt0114709 and tmdb:862, separated by commas.", metavar="ID,ID,…"),
]
TitlesOption = Annotated[
    str | None, typer.Option("--titles", help="Titles, separated by semicolons.", metavar="'TITLE; TITLE'")
]
HostOption = Annotated[str | None, typer.Option("--host", help="Address to listen on. \\[default: 127.0.0.1]")]
PortOption = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port. \\[default: 8000]")]
InsecureOption = Annotated[
    bool | None, typer.Option("--insecure", help="Let other machines ask without a key. \\[default: REELWISE_INSECURE]")
]
ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", min=1, help="Threads to train with; no effect on the result. \\[default: all]"),
]
EngineOption = Annotated[Engine, typer.Option("--engine", help="Where the work is done: here, or on Apache Spark.")]
MasterOption = Annotated[
    str | None, typer.Option("--master", help="Spark: local[*], spark://HOST:PORT, yarn, k8s://HOST:PORT.")
]
ConfOption = Annotated[
    list[str] | None, typer.Option("--conf", help="One of Spark's settings; any number of times.", metavar="KEY=VALUE")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Seed of every random choice.")]


def check_engine(engine: Engine, only_local: dict[str, bool], only_spark: dict[str, bool]) -> None:
    """Refuse options that the engine does not know, by name, with whether each was given."""
    refused = only_spark if engine is Engine.LOCAL else only_local
    given = [name for name, is_given in refused.items() if is_given]
    if given:
        other = Engine.SPARK if engine is Engine.LOCAL else Engine.LOCAL
        raise UsageError(f"{', '.join(given)} goes with --engine {other.value} only; leave it out, or name that engine")


def settings_with(**options: str | int | None) -> Settings:
    """The settings, with the options that were given on top.

    Raises:
        UsageError: Raised when an option or a setting is invalid; it names the option, or else the variable.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except UsageError as error:
        message = str(error)
        for name in given:
            message = message.replace(f"{PREFIX}{name.upper()}=", f"--{name}=")
        raise UsageError(message) from None


def threads_or_all(wanted: int | None) -> int:
    """As many as wanted, else as many as this process may use."""
    from reelwise.data.arguments import count_threads

    return count_threads(wanted)


def parsed_scale(text: str | None) -> "RatingScale | None":
    """The scale that `--scale LOW:HIGH` means; None if it was not given."""
    from reelwise.data.readers.scales import check_scale

    if text is None:
        return None
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        raise UsageError(f"--scale is {text!r}; expected LOW:HIGH, such as 1:10") from None
    try:
        return check_scale((low, high))
    except UsageError as error:
        raise UsageError(f"--scale is {text!r}: {error}") from None


def parsed_columns(text: str | None) -> dict[str, str]:
    """The columns by role that `--columns user=NAME,…` means."""
    from reelwise.data.readers.columns import check_roles

    columns: dict[str, str] = {}
    for part in (text or "").split(","):
        role, is_named, name = part.partition("=")
        if not is_named and part.strip():
            raise UsageError(f"--columns is {text!r}; expected user=NAME,movie=NAME and the like, without spaces")
        if is_named and columns.setdefault(role.strip(), name.strip()) != name.strip():
            raise UsageError(f"--columns is {text!r}, which says {role.strip()} twice; say it once")
    check_roles(columns)
    return columns
