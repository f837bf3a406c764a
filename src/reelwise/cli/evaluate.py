"""The command that says how good it all is: evaluate."""

import json
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reelwise.cli.models import open_model
from reelwise.cli.options import (
    ConfOption,
    Engine,
    EngineOption,
    JsonOption,
    MasterOption,
    ModelOption,
    ScaleOption,
    SeedOption,
    ThreadsOption,
    check_engine,
    parsed_scale,
    threads_or_all,
)
from reelwise.cli.spark import evaluate_on_spark
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reelwise.evaluation.compare import ComparisonSettings
    from reelwise.evaluation.report import Comparison, Table

commands = typer.Typer()


@commands.command(epilog="Example: [bold]reelwise evaluate --data data/ml-latest-small --plot picks.svg[/bold]")
def evaluate(
    data: Annotated[
        str | None,
        typer.Option(
            "--data", help="Folder with ratings, in any MovieLens layout; with Spark, its address.", metavar="DIR"
        ),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw NDCG@10 by number of picks: .svg or .png.", metavar="FILE")
    ] = None,
    scale: ScaleOption = None,
    seed: SeedOption = 42,
    threads: ThreadsOption = None,
    engine: EngineOption = Engine.LOCAL,
    master: MasterOption = None,
    conf: ConfOption = None,
) -> None:
    """Compare our recommenders with popularity, bias-only, user-kNN and EASE, on ratings and users held out.

    With --data, everything is fitted to the rest of these ratings; --model then says by which hyper-parameters. Without
    --data, shows the figures that a model was trained with.

    With --engine spark, RMSE and known users are measured on a sample of users, with the models that Spark trains.
    """
    from reelwise.evaluation.report import as_json as content
    from reelwise.evaluation.report import stored_tables, tables

    check_engine(
        engine,
        {"--model": model is not None, "--plot": plot is not None, "--threads": threads is not None,
         "no --data": data is None},
        {"--master": master is not None, "--conf": bool(conf)},
    )  # fmt: skip
    if engine is Engine.SPARK and data is not None:
        evaluate_on_spark(data, parsed_scale(scale), seed, master, conf or [], as_json)
        return
    if data is None:
        if plot is not None:
            raise UsageError("--plot needs ratings to measure; say --data DIR, too")
        metrics = _stored(model)
        _show(metrics, stored_tables(metrics), as_json)
        return
    comparison, about = _compared(Path(data), model, plot, scale, seed, threads)
    _show({**about, **content(comparison)} if as_json else {}, tables(comparison), as_json)


def _show(content: dict[str, object], tables: "Iterable[Table]", as_json: bool) -> None:
    from reelwise.cli.terminal import table

    if as_json:
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False))
        return
    for title, headings, rows, notes in tables:
        if rows:
            table(headings, rows, title=title)
        else:
            typer.echo(title)
        for note in notes:
            typer.echo(note)
        typer.echo("")


def _compared(
    data: Path, model: str | None, plot: Path | None, scale: str | None, seed: int, threads: int | None
) -> "tuple[Comparison, dict[str, object]]":
    """The comparison, and what it is of."""
    from reelwise._version import __version__
    from reelwise.cli.terminal import say, training_progress
    from reelwise.data.readers.movielens import read_dataset
    from reelwise.evaluation.compare import Step, compare
    from reelwise.evaluation.plot import check_plot, plot_selections
    from reelwise.training.pipeline import Progress

    if plot is not None:
        check_plot(plot)
    settings = _settings(model, seed, threads_or_all(threads))
    dataset = read_dataset(data, parsed_scale(scale))
    ratings = dataset.ratings
    with training_progress() as on_progress:

        def on_step(step: Step) -> None:
            on_progress(Progress(step.protocol, step.done, step.of, step.doing))

        comparison = compare(ratings, settings, on_step)
    if plot is not None and comparison.selections.missing:
        say(f"There is nothing to draw in {plot}: {comparison.selections.missing}.")
    elif plot is not None:
        plot_selections(comparison.selections, plot)
        say(f"The plot is in {plot}.")
    return comparison, {
        "reelwise": __version__,
        "data": {
            "name": dataset.name,
            "sha256": dataset.sha256,
            "ratings": len(ratings),
            "users": len(ratings.user_ids),
            "movies": len(ratings.movie_ids),
        },
        "settings": asdict(settings),
    }


def _settings(model: str | None, seed: int, threads: int) -> "ComparisonSettings":
    """Our own hyper-parameters, or those of a model."""
    from reelwise.evaluation.compare import ComparisonSettings
    from reelwise.models.config import MatrixFactorizationConfig

    settings = ComparisonSettings(seed=seed, threads=threads)
    if model is None:
        return settings
    config = open_model(model).config
    known = {it.name for it in fields(MatrixFactorizationConfig)}
    stars = MatrixFactorizationConfig(**{name: value for name, value in config.stars_model.items() if name in known})
    taste = config.taste_model
    if taste is None:
        return replace(settings, stars=stars)
    return replace(settings, stars=stars, taste=taste.model, blend=taste.blend)


def _stored(model: str | None) -> dict[str, object]:
    metrics = open_model(model).metrics
    if not metrics:
        raise UsageError("this model was not measured when it was made; say --data DIR to measure now")
    return metrics
