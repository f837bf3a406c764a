"""The command that measures: evaluate."""

import enum
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reelwise.cli.models import open_model
from reelwise.cli.options import (
    SEED,
    ColumnsOption,
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
    refuse,
)
from reelwise.cli.reading import open_dataset
from reelwise.cli.spark import evaluate_on_spark
from reelwise.errors import UsageError
from reelwise.progress import reporting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reelwise.data.dataset import Dataset
    from reelwise.data.interactions import RatingScale
    from reelwise.data.readers.columns import ColumnNames
    from reelwise.evaluation.compare import ComparisonSettings
    from reelwise.evaluation.report import Comparison, ReportTable, TimeComparison

commands = typer.Typer()


class Split(enum.StrEnum):
    """How ratings are held out."""

    RANDOM = "random"
    TIME = "time"


@commands.command(epilog="Example: [bold]reelwise evaluate --data data/ml-latest-small --plot picks.svg[/bold]")
def evaluate(
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            help="Ratings: a folder in any MovieLens layout, or a file; with Spark, its address.",
            metavar="PATH",
        ),
    ] = None,
    columns: ColumnsOption = None,
    split: Annotated[
        Split, typer.Option("--split", help="Hold out at random, or all that is later than one moment.")
    ] = Split.RANDOM,
    model: ModelOption = None,
    as_json: JsonOption = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw NDCG@10 by number of picks: .svg or .png.", metavar="FILE")
    ] = None,
    scale: ScaleOption = None,
    seed: SeedOption = SEED,
    threads: ThreadsOption = None,
    engine: EngineOption = Engine.LOCAL,
    master: MasterOption = None,
    conf: ConfOption = None,
) -> None:
    """Compare our recommenders with popularity, biases, user-kNN, EASE and linear-for-n, on ratings and users held out.

    With --data, everything is fitted to the rest of these ratings; --model then says by which hyper-parameters. Without
    --data, shows the figures that a model was trained with.

    With --split time, only the ratings before one moment are known, the same for all users. Measured are predicted
    stars, known users, and newcomers without ratings, also against what was popular lately.

    With --engine spark, RMSE and known users are measured on a sample of users, with the models that Spark trains.
    """
    from reelwise.evaluation.report import stored_tables, tables, to_json

    check_engine(
        engine,
        {"--model": model is not None, "--plot": plot is not None, "--threads": threads is not None,
         "--split time": split is Split.TIME, "no --data": data is None},
        {"--master": master is not None, "--conf": bool(conf)},
    )  # fmt: skip
    if plot is not None and split is Split.TIME:
        raise UsageError("--plot draws selections, which --split time does not measure; leave one of them out")
    if data is None:
        refuse(
            {"--split time": split is Split.TIME, "--plot": plot is not None, "--columns": columns is not None,
             "--scale": scale is not None, "--seed": seed != SEED, "--threads": threads is not None},
            "cannot be used without ratings to measure; add --data DIR",
        )  # fmt: skip
        metrics = open_model(model).metrics
        if metrics is None:
            raise UsageError("this model was not measured when it was made; add --data DIR to measure it now")
        _show(metrics.model_dump(mode="json"), stored_tables(metrics), as_json)
    elif engine is Engine.SPARK:
        comparison = evaluate_on_spark(data, columns or {}, scale, seed, master, conf or [])
        _show(to_json(comparison) if as_json else {}, tables(comparison), as_json)
    else:
        found, about = _compare(Path(data), columns, split, model, plot, scale, seed, threads)
        _show({**about, **to_json(found)} if as_json else {}, tables(found), as_json)


def _show(content: dict[str, object], tables: "Iterable[ReportTable]", as_json: bool) -> None:
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


def _compare(
    data: Path,
    columns: "ColumnNames | None",
    split: Split,
    model: str | None,
    plot: Path | None,
    scale: "RatingScale | None",
    seed: int,
    threads: int | None,
) -> "tuple[Comparison | TimeComparison, dict[str, object]]":
    """The comparison, and a description of its data and settings."""
    from reelwise.cli.terminal import say
    from reelwise.evaluation.compare import compare
    from reelwise.evaluation.compare_by_time import compare_by_time
    from reelwise.evaluation.plot import check_plot, plot_selections

    if plot is not None:
        check_plot(plot)
    settings = _settings(model, seed, threads)
    dataset = open_dataset(data, columns, scale)
    settings = replace(settings, implicit=dataset.implicit)
    with reporting(True) as on_step:
        if split is Split.TIME:
            by_time = compare_by_time(dataset.ratings.interactions(timed=True), settings, on_step)
            return by_time, _describe(dataset, settings)
        comparison = compare(dataset.ratings.interactions(), settings, on_step)
    if plot is not None and comparison.selections.missing:
        say(f"There is nothing to draw in {plot}: {comparison.selections.missing}.")
    elif plot is not None:
        plot_selections(comparison.selections, plot)
        say(f"The plot is in {plot}.")
    return comparison, _describe(dataset, settings)


def _settings(model: str | None, seed: int, threads: int | None) -> "ComparisonSettings":
    """Our own hyper-parameters, or those of a model."""
    from reelwise.data.arguments import count_threads
    from reelwise.evaluation.compare import ComparisonSettings

    settings = ComparisonSettings(seed=seed, threads=count_threads(threads))
    if model is None:
        return settings
    opened = open_model(model)
    settings = replace(settings, rating=opened.rating.config)
    if opened.ranking is None:
        return settings
    return replace(settings, ranking=opened.ranking.config, blend=opened.ranking.blend_config)


def _describe(dataset: "Dataset", settings: "ComparisonSettings") -> dict[str, object]:
    from reelwise._version import __version__

    ratings = dataset.ratings
    return {
        "reelwise": __version__,
        "data": {
            "name": dataset.name,
            "sha256": dataset.sha256,
            "ratings": len(ratings),
            "users": len(ratings.users),
            "movies": len(ratings.movies),
        },
        "settings": asdict(settings),
    }
