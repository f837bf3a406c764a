"""Commands with `--engine spark`.

Most of `reelwise.spark` needs packages that may be missing. It is imported inside of a session, which says so.
"""

import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.progress import reporting

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from pyspark.sql import SparkSession

    from reelwise.data.interactions import RatingScale
    from reelwise.data.readers.columns import ColumnNames
    from reelwise.evaluation.report import Comparison
    from reelwise.spark.settings import SparkTrainingSettings


@contextmanager
def _session(master: str | None, conf: list[str]) -> "Iterator[SparkSession]":
    from reelwise.cli.terminal import say
    from reelwise.spark.session import parse_conf, spark_session

    settings = parse_conf(conf)
    say(f"Starting Spark{f' on {master}' if master else ''}.")
    with spark_session(master, settings) as spark:
        yield spark


def train_on_spark(
    data: str,
    out: Path,
    settings: "SparkTrainingSettings",
    master: str | None,
    conf: list[str],
    films: str | None,
    columns: "ColumnNames",
    scale: "RatingScale | None",
    erased: "Set[str]",
) -> None:
    """Train, and say what came out."""
    from reelwise.cli.summary import describe_figures
    from reelwise.cli.terminal import say

    started = time.perf_counter()
    settings.check_targets(out)
    with _session(master, conf) as spark, reporting(True) as on_progress:
        from reelwise.spark.training import train

        trained = train(
            spark, data, out, settings, films=films, columns=columns, scale=scale, erased=erased,
            on_progress=on_progress, on_read=partial(_say_what_was_read, data),
        )  # fmt: skip
    table, folders = trained.table, trained.folders
    say(f"{trained.name}: {table.count:,} ratings by {table.user_count:,} users of {len(table.movies):,} movies.")
    for line in describe_figures(trained.metrics):
        say(line)
    where = f"the model is in {out}" if len(folders) == 1 else f"the models are in {folders[0]} to {folders[-1]}"
    seconds = time.perf_counter() - started
    say(f"Trained in {seconds:.1f} s; {where}. Next: reelwise serve --model {folders[0]}")


def recommend_on_spark(
    folder: Path, number: int, out: str, master: str | None, conf: list[str], balance: float | None
) -> None:
    """Write everybody's recommendations to Parquet files, wherever Spark can write."""
    from reelwise.artifacts.config import read_config
    from reelwise.cli.terminal import say
    from reelwise.recommend.limits import check_n, check_share
    from reelwise.spark.output import check_folder_name

    check_n(number)
    check_share("balance", balance or 0)
    check_folder_name(out)
    read_config(folder / "config.json")
    started = time.perf_counter()
    with _session(master, conf) as spark:
        from reelwise.spark.batch import recommend_all

        users, rows = recommend_all(spark, folder, number, out, balance)
    speed = users / (time.perf_counter() - started)
    say(f"{out}: {rows:,} recommendations for {users:,} users, {speed:,.0f} users/s.")


def evaluate_on_spark(
    data: str, columns: "ColumnNames", scale: "RatingScale | None", seed: int, master: str | None, conf: list[str]
) -> "Comparison":
    """Measure both models on a sample of users."""
    with _session(master, conf) as spark, reporting(True) as on_progress:
        from reelwise.spark.evaluate import evaluate

        return evaluate(
            spark, data, columns=columns, scale=scale, seed=seed, on_progress=on_progress,
            on_read=partial(_say_what_was_read, data),
        )  # fmt: skip


def _say_what_was_read(data: str, understood: str) -> None:
    from reelwise.cli.terminal import say

    say(f"Read {data}: {understood}.")
