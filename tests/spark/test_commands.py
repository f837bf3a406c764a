"""The commands with --engine spark."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reelwise.models.config import WeightedALSConfig
from reelwise.spark.settings import SparkStarsSettings
from support.command_line import CommandLine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """`evaluate` fits small models in few iterations."""
    for settings in (SparkStarsSettings, WeightedALSConfig):
        monkeypatch.setattr(f"reelwise.spark.evaluate.{settings.__name__}", partial(settings, factors=4, iterations=2))


def test_train_recommend_and_evaluate(
    spark: "SparkSession", reelwise: CommandLine, brief: None, ratings_folder: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    trained = reelwise(
        "train", "--engine", "spark", "--data", ratings_folder, "--out", model, "--no-evaluate",
        "--factors", 4, "--epochs", 2, "--conf", "spark.reelwise.als.userBlocks=2",
    )  # fmt: skip
    assert trained.code == 0, trained.err
    assert "checkerboard: " in trained.err
    assert f"the model is in {model}" in trained.err
    for engine, out in (("spark", tmp_path / "all"), ("local", tmp_path / "all.parquet")):
        assert reelwise("recommend", "--all", "--engine", engine, "--model", model, "--out", out, "-n", 3).code == 0
    order = ["userId", "rank"]
    on_spark = pl.read_parquet(tmp_path / "all" / "*.parquet").sort(order)
    here = pl.read_parquet(tmp_path / "all.parquet").sort(order)
    assert on_spark.select("userId", "movieId", "rank").equals(here.select("userId", "movieId", "rank"))
    assert abs(on_spark["predicted_stars"] - here["predicted_stars"]).max() < 1e-4  # type: ignore[operator]
    measured = reelwise("evaluate", "--engine", "spark", "--data", ratings_folder, "--json")
    assert measured.code == 0, measured.err
    found = json.loads(measured.out)
    assert found["stars"]["figures"]["stars model"]["rmse"] < found["stars"]["figures"]["bias-only"]["rmse"]
    assert found["known_users"]["figures"]["ndcg@10"] > 0.5


def test_a_bad_row_is_one_line_and_leaves_nothing(
    spark: "SparkSession", reelwise: CommandLine, ratings_csv: Path, tmp_path: Path
) -> None:
    bad = ratings_csv / "part-7.csv"
    bad.write_text(bad.read_text() + "1,x,3.0,4\n")
    refused = reelwise("train", "--engine", "spark", "--data", ratings_csv.parent, "--out", tmp_path / "out" / "model")
    assert refused.code == 2
    last = refused.err.strip().splitlines()[-1]
    assert last == f"reelwise: {bad}: movieId is 'x', not a whole number in '1,x,3.0,4'"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("--engine", "spark", "--threads", 2), "--threads goes with --engine local only"),
        (("--shards", 2, "--master", "local[2]"), "--master, --shards goes with --engine spark only"),
        (("--engine", "spark", "--conf", "memory"), "--conf is 'memory'; expected KEY=VALUE"),
    ],
)
def test_options_of_the_other_engine_are_refused(
    reelwise: CommandLine, ratings_folder: Path, arguments: tuple[object, ...], fault: str
) -> None:
    refused = reelwise("train", "--data", ratings_folder, *arguments)
    assert refused.code == 2
    assert fault in refused.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["train --data DIR", "evaluate --data DIR", "recommend --all --model DIR --out all"]
)
def test_what_spark_needs_is_told_where_it_is_missing(ratings_folder: Path, command: str) -> None:
    arguments = command.replace("DIR", str(ratings_folder)).split()
    program = "import sys; sys.modules['pyarrow'] = None; from reelwise.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments, "--engine", "spark"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    last = ran.stderr.strip().splitlines()[-1]
    assert (
        last
        == 'reelwise: --engine spark needs pyarrow, which is not installed; python3 -m pip install "reelwise[spark]"'
    )
