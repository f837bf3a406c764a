"""The command line. Each command reads its options, calls one thing, and shows the outcome."""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from reelwise import __version__
from reelwise.errors import ReelwiseError, UsageError, edge
from reelwise.models.hyperparameters import StarsSettings
from reelwise.settings import Settings

if TYPE_CHECKING:
    from reelwise.data.dataset import Dataset
    from reelwise.data.ratings import RatingScale
    from reelwise.recommender import Recommender
    from reelwise.training import TrainingSettings

STARS = StarsSettings()

# Commands import what they need when they run: `reelwise serve` needs neither numba nor polars, `--help` needs nothing.

app = typer.Typer(
    help="Recommends films: trains on ratings in seconds, serves over HTTP.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data_app = typer.Typer(help="MovieLens data sets: what there is, download one, look into one.", no_args_is_help=True)
app.add_typer(data_app, name="data")

DataOption = Annotated[
    Path, typer.Option("--data", help="Folder with ratings, in any MovieLens layout.", metavar="DIR")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="The model folder. [default: REELWISE_MODEL, or model]", metavar="DIR")
]
ScaleOption = Annotated[
    str | None, typer.Option("--scale", help="Lowest and highest stars, if not MovieLens' own.", metavar="LOW:HIGH")
]
NumberOption = Annotated[int, typer.Option("-n", "--number", min=1, max=100, help="How many films.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
MoviesOption = Annotated[
    str | None, typer.Option("--movies", help="Movie ids, with commas between them.", metavar="ID,ID,…")
]
TitlesOption = Annotated[
    str | None, typer.Option("--titles", help="Titles, with semicolons between them.", metavar="'TITLE; TITLE'")
]
HostOption = Annotated[str | None, typer.Option("--host", help="Address to listen on. [default: 127.0.0.1]")]
PortOption = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port. [default: 8000]")]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads to train with; no effect on the result. [default: all]")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Seed of every random choice.")]


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; ends with exit code 0, 1 (it failed) or 2 (it was asked the wrong thing)."""
    from click.exceptions import Abort

    try:
        app(arguments)
    except ReelwiseError as error:
        typer.echo(f"reelwise: {error}", err=True)
        raise SystemExit(edge(error).exit_code) from None
    except (KeyboardInterrupt, Abort):
        typer.echo("\nreelwise: stopped; nothing was changed", err=True)
        raise SystemExit(1) from None
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


@app.command(epilog="Example: [bold]reelwise quickstart[/bold]")
def quickstart(
    data: Annotated[Path | None, typer.Option("--data", help="Folder with ratings to use.", metavar="DIR")] = None,
    out: Annotated[Path, typer.Option("--out", help="Where the model goes.")] = Path("model"),
    downloads: Annotated[Path, typer.Option("--downloads", help="Where downloads go.")] = Path("data"),
    host: HostOption = None,
    port: PortOption = None,
    threads: ThreadsOption = None,
    seed: SeedOption = 42,
) -> None:
    """Get ratings, train, and serve: everything at once.

    Takes --data if given, else downloads MovieLens latest-small, else uses the built-in sample with simulated viewers.
    """
    from reelwise.quickstart import obtain_dataset
    from reelwise.serving import check_port, serve_model
    from reelwise.terminal import say
    from reelwise.training import TrainingSettings

    settings = _settings(model=str(out), host=host, port=port)
    check_port(settings)
    dataset = obtain_dataset(data, downloads, settings.data_url)
    _train_and_write(dataset, TrainingSettings(seed=seed, threads=_threads(threads)), out)
    say("")
    serve_model(settings)


@data_app.command("list", epilog="Example: [bold]reelwise data list[/bold]")
def data_list() -> None:
    """List the data sets that can be downloaded."""
    from reelwise.data.downloads import PUBLISHED
    from reelwise.terminal import table

    table(
        ("name", "ratings", "films", "viewers", "year", "MB", "what"),
        [
            (it.name, it.ratings, it.movies, it.users, str(it.year), it.megabytes, f"{it.description}; {it.licence}")
            for it in PUBLISHED
        ],
    )


@data_app.command("get", epilog="Example: [bold]reelwise data get ml-latest-small[/bold]")
def data_get(
    name: Annotated[str, typer.Argument(help="A name from `reelwise data list`.")],
    into: Annotated[Path, typer.Option("--into", help="The folder to put it in.")] = Path("data"),
    force: Annotated[bool, typer.Option("--force", help="Download again, in place of what is there.")] = False,
) -> None:
    """Download a data set; a download that broke off goes on where it stopped."""
    from reelwise.data.downloads import download, published
    from reelwise.terminal import download_progress, say

    dataset = published(name)
    with download_progress(name) as on_progress:
        got = download(dataset, into, force=force, base_url=_settings().data_url, on_progress=on_progress)
    if got.already_there:
        say(f"{got.folder} is there already; --force downloads it again.")
    elif not got.md5_checked:
        say("No checksum is published for it; its size and its number of ratings were compared.")
    say(f"Licence: {dataset.licence}.")
    typer.echo(str(got.folder))


@data_app.command("info", epilog="Example: [bold]reelwise data info data/ml-latest-small[/bold]")
def data_info(
    folder: Annotated[Path, typer.Argument(help="Folder with ratings, in any MovieLens layout.", metavar="DIR")],
    scale: ScaleOption = None,
) -> None:
    """Check a data set and show what is in it."""
    from reelwise.data.movielens import read_dataset
    from reelwise.summary import dataset_facts, most_rated, stars_histogram
    from reelwise.terminal import table

    dataset = read_dataset(folder, _scale(scale))
    table(("what", "value"), dataset_facts(dataset))
    table(("stars", "ratings", "share"), stars_histogram(dataset.ratings), title="\nStars")
    table(("ratings", "mean stars", "film"), most_rated(dataset), title="\nMost rated")


@app.command(epilog="Example: [bold]reelwise train --data data/ml-latest-small --out model[/bold]")
def train(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="Where the model goes.", metavar="DIR")] = Path("model"),
    factors: Annotated[int, typer.Option("--factors", min=1, max=1024, help="Length of each vector.")] = STARS.factors,
    epochs: Annotated[
        int, typer.Option("--epochs", min=1, max=1000, help="Passes over the ratings, at most.")
    ] = STARS.epochs,
    learning_rate: Annotated[
        float, typer.Option("--learning-rate", min=1e-6, max=1, help="First step size.")
    ] = STARS.learning_rate,
    regularisation: Annotated[
        float, typer.Option("--regularisation", min=0, max=10, help="Weight of the L2 penalty.")
    ] = STARS.regularisation,
    holdout: Annotated[
        float, typer.Option("--holdout", min=0, max=0.5, help="Share of ratings to measure with; 0: none.")
    ] = 0.1,
    scale: ScaleOption = None,
    seed: SeedOption = 42,
    threads: ThreadsOption = None,
) -> None:
    """Train a model: measure it on held-out ratings, then fit all ratings and write the model folder.

    The same data and seed give the same model, with any number of threads.
    """
    from reelwise.data.movielens import read_dataset
    from reelwise.store.folder import check_target
    from reelwise.training import TrainingSettings

    check_target(out)
    stars = StarsSettings(factors=factors, epochs=epochs, learning_rate=learning_rate, regularisation=regularisation)
    settings = TrainingSettings(stars=stars, holdout=holdout, seed=seed, threads=_threads(threads))
    _train_and_write(read_dataset(data, _scale(scale)), settings, out)


@app.command(epilog="Example: [bold]reelwise preprocess --model model --ratings new/ratings.csv[/bold]")
def preprocess(
    ratings: Annotated[Path, typer.Option("--ratings", help="The ratings, a file or its folder.", metavar="FILE")],
    model: ModelOption = None,
) -> None:
    """Give an existing model new histories, without touching its factors."""
    from reelwise.preprocessing import refresh_histories
    from reelwise.store.folder import read_model, write_model
    from reelwise.terminal import say

    folder = Path(_settings(model=model).model)
    refreshed, left_out = refresh_histories(read_model(folder), ratings)
    write_model(folder, refreshed)
    say(f"{folder} has new histories: {len(refreshed.history):,} ratings.")
    if left_out.ratings:
        say(
            f"Left out {left_out.ratings:,} ratings, because the model does not know {left_out.users:,} users and "
            f"{left_out.movies:,} movies of this file; train again to include them."
        )


@app.command(epilog="Example: [bold]reelwise recommend --titles 'toy story; finding nemo'[/bold]")
def recommend(
    user: Annotated[int | None, typer.Option("--user", help="A user id of the data set.")] = None,
    movies: MoviesOption = None,
    titles: TitlesOption = None,
    number: NumberOption = 10,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recommend films to a known user, or to somebody who likes some films."""
    from reelwise.terminal import say, table

    if (user is None) == (movies is None and titles is None):
        raise UsageError("say either --user, or films with --movies or --titles")
    recommender = _recommender(model)
    if user is not None:
        found = recommender.recommend(user, number)
        if not found:
            say(f"The model does not know user {user}, or has nothing left to recommend.")
    else:
        found = recommender.recommend_from_selection(_selection(recommender, movies, titles), number)
        if not found:
            say("Nobody in the data set rated any of these films.")
    if as_json:
        typer.echo(json.dumps([asdict(it) for it in found], ensure_ascii=False, indent=2))
    elif found:
        table(("stars", "film", "id"), [(f"{it.score:.2f}", it.title, it.movie_id) for it in found])


@app.command(epilog="Example: [bold]reelwise match --movies 1,296,593[/bold]")
def match(
    movies: MoviesOption = None,
    titles: TitlesOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the user of the data set who best matches some films."""
    recommender = _recommender(model)
    found = recommender.match(_selection(recommender, movies, titles))
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2))
    elif found.user_id is None or found.average_rating is None:
        typer.echo("Nobody rated any of these films.")
    else:
        mean = f"{found.average_rating:.2f} stars on average"
        typer.echo(f"User {found.user_id} rated {found.match_count} of these films, {mean}.")


@app.command(epilog="Example: [bold]reelwise serve --model model --port 8000[/bold]")
def serve(model: ModelOption = None, host: HostOption = None, port: PortOption = None) -> None:
    """Serve a model over HTTP. Without one the server starts all the same, and says what to do."""
    from reelwise.serving import check_port, serve_model

    settings = _settings(model=model, host=host, port=port)
    check_port(settings)
    serve_model(settings)


@app.command(epilog="Example: [bold]reelwise info --model model[/bold]")
def info(model: ModelOption = None, as_json: JsonOption = False) -> None:
    """Check a model folder and show what is in it."""
    from reelwise.store.folder import read_model
    from reelwise.summary import model_facts
    from reelwise.terminal import table

    loaded = read_model(Path(_settings(model=model).model))
    if as_json:
        content = {"config": loaded.config.model_dump(), "metrics": loaded.metrics}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
    else:
        table(("what", "value"), model_facts(loaded))


def _settings(**options: str | int | None) -> Settings:
    """The settings, with the options that were given on top."""
    return Settings(**{name: value for name, value in options.items() if value is not None})


def _threads(wanted: int | None) -> int:
    """As many as wanted, else as many as this process may use."""
    if wanted is not None:
        return wanted
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _scale(text: str | None) -> "RatingScale | None":
    from reelwise.data.ratings import RatingScale

    if text is None:
        return None
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        raise UsageError(f"--scale is {text!r}; expected LOW:HIGH, such as 1:10") from None
    if not -1e6 < low < high < 1e6:
        raise UsageError(f"--scale is {text!r}; LOW must be below HIGH")
    return RatingScale(low, high)


def _recommender(model: str | None) -> "Recommender":
    from reelwise.recommender import Recommender

    return Recommender.open(_settings(model=model).model)


def _selection(recommender: "Recommender", movies: str | None, titles: str | None) -> list[int]:
    """The ids named by --movies and --titles, 1 to 20 of them; says which film each title was taken for."""
    from reelwise.terminal import say

    try:
        chosen = [int(part) for part in (movies or "").split(",") if part.strip()]
    except ValueError:
        raise UsageError(f"--movies is {movies!r}; expected ids with commas between them, such as 1,296") from None
    for title in filter(None, (part.strip() for part in (titles or "").split(";"))):
        best = next(iter(recommender.search(title, 1)), None)
        if best is None:
            raise UsageError(f"no film is called anything like {title!r}")
        say(f"{title}: {best.title}")
        chosen.append(best.movie_id)
    if not 1 <= len(chosen) <= 20:
        raise UsageError(f"{len(chosen)} films are chosen; name 1 to 20 with --movies or --titles")
    return chosen


def _train_and_write(dataset: "Dataset", settings: "TrainingSettings", out: Path) -> None:
    from reelwise import training
    from reelwise.store.folder import write_model
    from reelwise.summary import training_lines
    from reelwise.terminal import say, training_progress

    ratings = dataset.ratings
    say(
        f"{dataset.name}: {len(ratings):,} ratings by {len(ratings.user_ids):,} "
        f"{'simulated ' if dataset.simulated else ''}users of {len(ratings.movie_ids):,} movies."
    )
    started = time.perf_counter()
    with training_progress() as on_epoch:
        model = training.train(dataset, settings, on_epoch)
    seconds = time.perf_counter() - started
    write_model(out, model)
    for line in training_lines(model, out, seconds):
        say(line)
