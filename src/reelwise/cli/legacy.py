"""Commands for the files of the early project: import-legacy, export-legacy, and what `preprocess` does with them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reelwise.cli.models import open_model
from reelwise.cli.options import ModelOption, ScaleOption
from reelwise.cli.reading import say_what_was_read
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Set

    from reelwise.data.readers.columns import ColumnNames
    from reelwise.legacy.files import LegacyFiles
    from reelwise.training.histories import LeftOut

commands = typer.Typer()


@commands.command("import-legacy", epilog="Example: [bold]reelwise import-legacy --from old/model --out model[/bold]")
def import_legacy(
    source: Annotated[
        str,
        typer.Option(
            "--from",
            help="A folder with the three files; or legacy: for those on the Hub, legacy:owner/prefix for those of "
            "another owner.",
            metavar="ADDRESS",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Where the model goes.", metavar="DIR")] = Path("model"),
    films: Annotated[
        Path | None, typer.Option("--films", help="Folder with movies.csv. \\[default: DIR, or data]", metavar="DIR")
    ] = None,
    scale: ScaleOption = None,
) -> None:
    """Make a model folder of the early project's files: model_P.npy, model_Q.npy and model_mappings.pkl.

    The pickle is read without executing anything: it may hold dicts, lists, strings and numbers, and nothing else.
    """
    from reelwise.artifacts.folder import check_target, write_model
    from reelwise.cli.terminal import say, step_progress
    from reelwise.data.interactions import MOVIELENS_SCALE
    from reelwise.data.readers.films import read_movies
    from reelwise.legacy.address import name_data
    from reelwise.legacy.files import LegacyFiles, read_legacy_model

    check_target(out)
    is_on_hub = source.startswith("legacy:")
    files = _download_files(source) if is_on_hub else LegacyFiles.in_folder(Path(source))
    places = [films] if films else [files.mappings.parent, Path("data")]
    catalogue = next((found for place in places if len(found := read_movies(place))), None)
    if catalogue is None:
        if films:
            raise UsageError(f"{films}: there is no movies.csv; --films names the folder that has it")
        say("There is no movies.csv, so films have no titles; --films DIR names the folder that has it.")
    with step_progress() as on_step:
        model = read_legacy_model(
            files, catalogue, on_step, name=name_data(source) if is_on_hub else None,
            scale=scale or MOVIELENS_SCALE,
        )  # fmt: skip
    write_model(out, model)
    counts = model.config.counts
    say(
        f"{counts.users:,} users, {counts.rated_movies:,} movies, {counts.ratings:,} ratings. "
        f"Next: reelwise serve --model {out}"
    )
    typer.echo(str(out))


@commands.command("export-legacy", epilog="Example: [bold]reelwise export-legacy --model model --out old/model[/bold]")
def export_legacy(
    out: Annotated[Path, typer.Option("--out", help="Where the files go.", metavar="DIR")],
    model: ModelOption = None,
) -> None:
    """Write a model as the early project's files, so that its code runs on it."""
    from reelwise.cli.terminal import say, step_progress
    from reelwise.legacy.files import write_legacy_files

    opened = open_model(model)
    with step_progress() as on_step:
        write_legacy_files(opened, out, on_step)
    say(f"model_P.npy, model_Q.npy, model_mappings.pkl and movies.csv are in {out}.")
    typer.echo(str(out))


def holds_legacy_files(folder: Path) -> bool:
    """Whether a folder holds a legacy model, and no model folder."""
    from reelwise.legacy.files import MAPPINGS_FILE

    return (folder / MAPPINGS_FILE).is_file() and not (folder / "config.json").is_file()


def preprocess_legacy(folder: Path, ratings: Path, columns: "ColumnNames | None", erased: "Set[str]") -> "LeftOut":
    """Give a legacy model new histories."""
    from reelwise.cli.terminal import say, step_progress
    from reelwise.legacy.files import MAPPINGS_FILE, refresh_legacy_files

    with step_progress() as on_step:
        left_out = refresh_legacy_files(folder, ratings, on_step, columns=columns, erased=erased)
    say_what_was_read(ratings, left_out.understood)
    say(f"{folder / MAPPINGS_FILE} has new histories.")
    return left_out


def _download_files(address: str) -> "LegacyFiles":
    from reelwise.cli.terminal import download_progress
    from reelwise.legacy.address import download_files

    with download_progress(address) as on_progress:
        return download_files(address, on_progress)
