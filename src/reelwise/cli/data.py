"""`reelwise data`: MovieLens data sets."""

from pathlib import Path
from typing import Annotated

import typer

from reelwise.cli.options import ColumnsOption, ScaleOption, settings_with
from reelwise.cli.reading import open_dataset

commands = typer.Typer(help="MovieLens data sets: what there is, download one, look into one.", no_args_is_help=True)


@commands.command("list", epilog="Example: [bold]reelwise data list[/bold]")
def data_list() -> None:
    """List the data sets that can be downloaded."""
    from reelwise.cli.terminal import table
    from reelwise.data.published import PUBLISHED

    table(
        ("name", "ratings", "films", "viewers", "year", "MB", "what"),
        [
            (
                one.name,
                one.ratings,
                one.movies,
                one.users,
                str(one.year),
                one.megabytes,
                f"{one.description}; {one.licence}",
            )
            for one in PUBLISHED
        ],
    )


@commands.command("get", epilog="Example: [bold]reelwise data get ml-latest-small[/bold]")
def data_get(
    name: Annotated[str, typer.Argument(help="A name from `reelwise data list`.")],
    into: Annotated[Path, typer.Option("--into", help="The folder to put it in.")] = Path("data"),
    force: Annotated[bool, typer.Option("--force", help="Download again, in place of what is there.")] = False,
) -> None:
    """Download a data set; a download that broke off goes on where it stopped."""
    from reelwise.cli.terminal import download_progress, say
    from reelwise.data.downloads import download
    from reelwise.data.published import published

    dataset = published(name)
    with download_progress(name) as on_progress:
        got = download(dataset, into, force=force, base_url=settings_with().data_url, on_progress=on_progress)
    if got.already_there:
        say(f"{got.folder} is there already; --force downloads it again.")
    elif not got.md5_checked:
        say("No checksum is published for it; its size and its number of ratings were compared.")
    say(f"Licence: {dataset.licence}.")
    typer.echo(str(got.folder))


@commands.command("info", epilog="Example: [bold]reelwise data info data/ml-latest-small[/bold]")
def data_info(
    data: Annotated[Path, typer.Argument(help="Ratings: a folder in any MovieLens layout, or a file.", metavar="PATH")],
    columns: ColumnsOption = None,
    scale: ScaleOption = None,
) -> None:
    """Check a data set and show what is in it."""
    from reelwise.cli.summary import dataset_facts, most_rated, stars_histogram
    from reelwise.cli.terminal import table

    dataset = open_dataset(data, columns, scale)
    table(("what", "value"), dataset_facts(dataset))
    if not dataset.implicit:
        table(("stars", "ratings", "share"), stars_histogram(dataset.ratings), title="\nStars")
    table(("ratings", "mean stars", "film"), most_rated(dataset), title="\nMost rated")
