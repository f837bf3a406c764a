"""The main job: from nothing to a model that is served, with or without a network."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reelwise.cli.options import (
    SEED,
    ColumnsOption,
    HostOption,
    InsecureOption,
    PortOption,
    SeedOption,
    ThreadsOption,
    refuse,
    settings_with,
)
from reelwise.cli.reading import leave_out_erased, open_dataset
from reelwise.cli.train import make_model
from reelwise.errors import DownloadError

if TYPE_CHECKING:
    from reelwise.data.dataset import Dataset
    from reelwise.data.readers.columns import ColumnNames

DATASET = "ml-latest-small"
STORE = "sqlite:///reelwise.db"

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise quickstart[/bold]")
def quickstart(
    data: Annotated[
        Path | None, typer.Option("--data", help="Ratings to use: a folder, or a file.", metavar="PATH")
    ] = None,
    columns: ColumnsOption = None,
    out: Annotated[Path, typer.Option("--out", help="Where the model goes.")] = Path("model"),
    downloads: Annotated[Path, typer.Option("--downloads", help="Where downloads go.")] = Path("data"),
    host: HostOption = None,
    port: PortOption = None,
    insecure: InsecureOption = None,
    threads: ThreadsOption = None,
    seed: SeedOption = SEED,
) -> None:
    """Get ratings, train, and serve: everything at once.

    Takes --data if given, else downloads MovieLens latest-small, else uses the built-in sample with simulated viewers.
    A model that is there already is served as it is, unless --data is given.
    What the server learns from users is kept in reelwise.db, or where REELWISE_STORE says.
    """
    from reelwise.artifacts.folder import check_target
    from reelwise.cli.terminal import say
    from reelwise.live.store import Store
    from reelwise.serving.run.server import check_port, serve_model
    from reelwise.training.pipeline import TrainingSettings

    refuse({"--columns": columns is not None and data is None}, "needs --data, whose columns it names")
    store = settings_with().store.get_secret_value() or STORE
    settings = settings_with(model=str(out), host=host, port=port, insecure=insecure, store=store)
    check_port(settings)
    if data is None and (out / "config.json").is_file():
        say(
            f"There is a model in {out} already: serving it. With --data DIR, quickstart trains a new one in its place."
        )
    else:
        check_target(out)
        with closing(Store(store)) as opened:  # which is made if need be, as serving does
            erased = opened.erased_marks()
        dataset = leave_out_erased(obtain_dataset(data, columns, downloads, settings.data_url), erased)
        make_model(dataset, TrainingSettings(seed=seed, threads=threads), out)
    say("")
    serve_model(settings)


def obtain_dataset(data: Path | None, columns: "ColumnNames | None", into: Path, base_url: str) -> "Dataset":
    """The data set to start with: `data` if given, else MovieLens latest-small, else the built-in sample.

    Args:
        data: a folder or file with ratings.
        columns: its columns by role; the others are recognised by their names.
        into: where downloads are kept; a data set that is there already is used without a network.
        base_url: where MovieLens data sets are published.

    Raises:
        DataError: Raised when `data` is given and cannot be read.
    """
    from reelwise.cli.terminal import download_progress, say
    from reelwise.data.downloads import download
    from reelwise.data.published import published
    from reelwise.data.readers.movielens import read_dataset
    from reelwise.data.sample.dataset import read_sample

    if data is not None:
        return open_dataset(data, columns)
    try:
        with download_progress(DATASET) as on_progress:
            got = download(published(DATASET), into, base_url=base_url, on_progress=on_progress, retries=1, timeout=5)
    except DownloadError as error:
        say(f"{error}")
        say("Using the built-in sample instead: real films, simulated viewers. It shows how things work, not what")
        say("people like. With a network, or with --data DIR, quickstart uses real ratings.")
        return read_sample()
    return read_dataset(got.folder)
