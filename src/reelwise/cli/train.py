"""Commands that make a model, or give it new histories: train, preprocess."""

import enum
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reelwise.cli.models import open_model, own_folder
from reelwise.cli.options import (
    SEED,
    AddressOption,
    ColumnsOption,
    ConfOption,
    Engine,
    EngineOption,
    MasterOption,
    ModelOption,
    ScaleOption,
    SeedOption,
    ThreadsOption,
    check_engine,
    refuse,
)
from reelwise.cli.reading import leave_out_erased, open_dataset, say_what_was_read
from reelwise.cli.spark import train_on_spark
from reelwise.cli.store import erased_marks
from reelwise.models.config import LARGEST, MatrixFactorizationConfig, WeightedALSConfig
from reelwise.spark.settings import SparkRatingConfig, SparkTrainingSettings

if TYPE_CHECKING:
    from reelwise.artifacts.model import Model
    from reelwise.data.dataset import Dataset
    from reelwise.training.pipeline import TrainingSettings

commands = typer.Typer()

_HOLDOUT = 0.1
_ON_SPARK = {"epochs": "iterations"}  # names of hyper-parameters that differ there


class Users(enum.StrEnum):
    """Which users are in a model."""

    ALL = "all"
    NONE = "none"


def _default(setting: str) -> str:
    """The default of a setting, for --help."""
    return f"\\[default: {getattr(MatrixFactorizationConfig(), setting):g}]"


@commands.command(epilog="Example: [bold]reelwise train --data data/ml-latest-small --out model[/bold]")
def train(
    data: AddressOption,
    out: Annotated[Path, typer.Option("--out", help="Where the model goes.", metavar="DIR")] = Path("model"),
    start: Annotated[
        str | None,
        typer.Option("--from", help="Update this model instead: a folder, or hf://owner/repo.", metavar="ADDRESS"),
    ] = None,
    factors: Annotated[
        int | None, typer.Option("--factors", min=1, max=10_000, help=f"Length of each vector. {_default('factors')}")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            "--epochs",
            min=1,
            max=10_000,
            help="Passes over the ratings, at most. \\[default: 60, 40 from 750,000 ratings on, 20 from 3 million on, "
            f"10 from 7 million on; {SparkRatingConfig().iterations} on Spark]",
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option("--learning-rate", min=0, max=LARGEST, help=f"First step size. {_default('learning_rate')}"),
    ] = None,
    user_regularisation: Annotated[
        float | None,
        typer.Option(
            "--l2-users",
            min=0,
            max=LARGEST,
            help=f"L2 weight of a user with one rating. {_default('user_regularisation')}",
        ),
    ] = None,
    movie_regularisation: Annotated[
        float | None,
        typer.Option(
            "--l2-movies",
            min=0,
            max=LARGEST,
            help=f"L2 weight of a movie with one rating. {_default('movie_regularisation')}",
        ),
    ] = None,
    regularisation: Annotated[
        float | None,
        typer.Option(
            "--regularisation",
            min=0,
            max=10,
            help=f"Spark: weight of the L2 penalty. \\[default: {SparkRatingConfig().regularisation:g}]",
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings, as `reelwise tune` finds them.", metavar="FILE")
    ] = None,
    holdout: Annotated[
        float, typer.Option("--holdout", min=0.001, max=0.5, help="Share of ratings to measure stars with.")
    ] = _HOLDOUT,
    evaluate: Annotated[bool, typer.Option("--evaluate/--no-evaluate", help="Measure how good the model is.")] = True,
    taste: Annotated[
        bool, typer.Option("--taste/--no-taste", help="Fit the ranking model, too; else films go by predicted stars.")
    ] = True,
    columns: ColumnsOption = None,
    scale: ScaleOption = None,
    seed: SeedOption = SEED,
    threads: ThreadsOption = None,
    engine: EngineOption = Engine.LOCAL,
    master: MasterOption = None,
    conf: ConfOption = None,
    films: Annotated[
        str | None, typer.Option("--films", help="Spark: folder with the films, if not beside the ratings.")
    ] = None,
    users: Annotated[
        Users, typer.Option("--users", help="Spark: none leaves users and histories out of the model.")
    ] = Users.ALL,
    shards: Annotated[
        int, typer.Option("--shards", min=1, max=1000, help="Spark: spread the users over this many model folders.")
    ] = 1,
) -> None:
    """Train a model: measure it on held-out ratings, then fit all ratings and write the model folder.

    The same data and seed give the same model, with any number of threads.

    With --from, an existing model is updated with what is new in the ratings, new users and movies included. It keeps
    its hyper-parameters. An updated model is not measured, because the old one has seen the ratings;
    `reelwise evaluate --data DIR` measures from scratch.

    With --engine spark the same two factorisations run on Apache Spark, on ratings from wherever it can read. There
    --factors, --epochs and --regularisation are those of its ALS for the rating model.
    """
    check_engine(
        engine,
        {"--from": start is not None, "--learning-rate": learning_rate is not None, "--config": config is not None,
         "--l2-users": user_regularisation is not None,
         "--l2-movies": movie_regularisation is not None, "--threads": threads is not None},
        {"--master": master is not None, "--conf": bool(conf), "--films": films is not None,
         "--regularisation": regularisation is not None, "--users": users is not Users.ALL, "--shards": shards > 1},
    )  # fmt: skip
    refuse(
        {"--holdout": holdout != _HOLDOUT and not evaluate},
        "is to measure with, and --no-evaluate measures nothing; leave one of them out",
    )
    hyperparameters: dict[str, Any] = {
        "factors": factors, "epochs": epochs, "learning_rate": learning_rate, "regularisation": regularisation,
        "user_regularisation": user_regularisation, "movie_regularisation": movie_regularisation,
    }  # fmt: skip
    given = {name: value for name, value in hyperparameters.items() if value is not None}
    ranking = WeightedALSConfig() if taste else None
    if engine is Engine.SPARK:
        on_spark = SparkTrainingSettings(
            rating=SparkRatingConfig(**{_ON_SPARK.get(name, name): value for name, value in given.items()}),
            ranking=ranking,
            holdout=holdout,
            evaluate=evaluate,
            with_users=users is Users.ALL,
            shards=shards,
            seed=seed,
        )
        train_on_spark(data, out, on_spark, master, conf or [], films, columns or {}, scale, erased_marks())
        return
    if start is not None:
        refuse(
            {"--factors": factors is not None, "--epochs": epochs is not None, "--config": config is not None,
             "--learning-rate": learning_rate is not None, "--l2-users": user_regularisation is not None,
             "--l2-movies": movie_regularisation is not None, "--no-taste": not taste,
             "--holdout": holdout != _HOLDOUT, "--no-evaluate": not evaluate},
            "cannot be combined with --from: the old model's hyper-parameters are used, and nothing is measured",
        )  # fmt: skip
    from reelwise.artifacts.folder import check_target
    from reelwise.cli.terminal import say
    from reelwise.evaluation.settings_file import read_settings
    from reelwise.training.pipeline import TrainingSettings

    check_target(out)
    rating = replace(MatrixFactorizationConfig() if config is None else read_settings(config), **given)
    settings = TrainingSettings(
        rating=rating, ranking=ranking, holdout=holdout, evaluate=evaluate, seed=seed, threads=threads
    )
    erased, old = erased_marks(), None if start is None else open_model(start)
    dataset = open_dataset(Path(data), columns, old.scale if old and scale is None else scale)
    make_model(leave_out_erased(dataset, erased), settings, out, old)
    say(f"Next: reelwise serve --model {out}")


@commands.command(epilog="Example: [bold]reelwise preprocess --model model --ratings new/ratings.csv[/bold]")
def preprocess(
    ratings: Annotated[Path, typer.Option("--ratings", help="The ratings, a file or its folder.", metavar="FILE")],
    columns: ColumnsOption = None,
    model: ModelOption = None,
) -> None:
    """Give an existing model new histories, without touching its factors.

    Users who are not in the file, or were erased from the live store, are unknown from now on.
    A folder with the early project's files gets new `user_ratings` and `index_to_userId`.
    """
    from reelwise.artifacts.folder import check_target
    from reelwise.cli.legacy import holds_legacy_files, preprocess_legacy
    from reelwise.cli.terminal import say
    from reelwise.training.histories import refresh_histories

    folder = own_folder(model)
    if holds_legacy_files(folder):
        left_out = preprocess_legacy(folder, ratings, columns, erased_marks())
    else:
        check_target(folder)
        refreshed, left_out = refresh_histories(open_model(model), ratings, columns, erased_marks())
        say_what_was_read(ratings, left_out.understood)
        refreshed.save(folder)
        say(f"{folder} has new histories: {refreshed.config.counts.ratings:,} ratings.")
        if refreshed.histories and (gone := int((refreshed.histories.by_user.counts() == 0).sum())):
            say(f"{gone:,} users of the model have no ratings now, so that it answers as if it did not know them.")
    if left_out.ratings:
        say(
            f"Left out {left_out.ratings:,} ratings, because the model does not know {left_out.users:,} users and "
            f"{left_out.movies:,} movies of this file; train again to include them."
        )


def make_model(dataset: "Dataset", settings: "TrainingSettings", out: Path, old: "Model | None" = None) -> None:
    """Train a model on the data, or update the old one; write its folder, and say how good it is."""
    from reelwise.artifacts.folder import write_model
    from reelwise.cli.summary import training_lines
    from reelwise.cli.terminal import say
    from reelwise.training.pipeline import train

    ratings = dataset.ratings
    say(
        f"{dataset.name}: {len(ratings):,} ratings by {len(ratings.users):,} "
        f"{'simulated ' if dataset.simulated else ''}users of {len(ratings.movies):,} movies."
    )
    started = time.perf_counter()
    if old is None:
        model = train(dataset, settings, progress=True)
    else:
        from reelwise.training.update import update

        model = update(old, dataset, seed=settings.seed, threads=settings.threads, progress=True)
    seconds = time.perf_counter() - started
    write_model(out, model)
    for line in training_lines(model):
        say(line)
    say(f"Trained in {seconds:.1f} s; the model is in {out}.")
