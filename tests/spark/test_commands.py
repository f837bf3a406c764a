"""The commands with --engine spark."""

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import EngineError, UsageError
from reelwise.models.config import WeightedALSConfig
from reelwise.spark.batch import recommend_all
from reelwise.spark.session import translate_errors
from reelwise.spark.settings import SparkRatingConfig
from reelwise.training.histories import refresh_histories
from support.models.tiny_recommender import tiny_model
from support.running.command_line import CommandLine
from support.running.processes import environment
from support.systems.patience import long_test

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_train(spark: "SparkSession", reelwise: CommandLine, ratings_folder: Path, tmp_path: Path) -> None:
    trained = reelwise(
        "train", "--engine", "spark", "--data", ratings_folder, "--out", tmp_path / "model", "--shards", 2,
        "--factors", 4, "--epochs", 2, "--no-taste", "--conf", "spark.reelwise.als.userBlocks=2",
    )  # fmt: skip
    assert trained.code == 0, trained.err
    assert f"Read {ratings_folder}: user from userId, movie from movieId, stars " in trained.err
    assert "checkerboard: " in trained.err
    models = [Model.load(tmp_path / name) for name in ("model-0", "model-1")]
    assert f"the models are in {tmp_path}/model-0 to {tmp_path}/model-1" in trained.err
    metrics = models[0].metrics
    assert metrics is not None
    assert metrics.stars is not None
    assert metrics.stars.ratings == round(0.1 * sum(model.config.counts.ratings for model in models))
    assert metrics.stars.model.rmse < 0.5 * metrics.stars.biases.rmse


@long_test
def test_evaluate(
    spark: "SparkSession", reelwise: CommandLine, ratings_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for config in (SparkRatingConfig, WeightedALSConfig):
        monkeypatch.setattr(f"reelwise.spark.evaluate.{config.__name__}", partial(config, factors=4, iterations=2))
    measured = reelwise("evaluate", "--engine", "spark", "--data", ratings_folder, "--json")
    assert measured.code == 0, measured.err
    found = json.loads(measured.out)
    assert found["stars"]["figures"]["rating model"]["rmse"] < found["stars"]["figures"]["biases"]["rmse"]
    assert found["known_users"]["figures"]["ranking model"]["ndcg@10"] > 0.5


@pytest.mark.parametrize("with_taste", [True, False])
def test_everybody_gets_what_the_local_engine_recommends(
    spark: "SparkSession", reelwise: CommandLine, tmp_path: Path, with_taste: bool
) -> None:
    model = tmp_path / "model"
    write_model(model, tiny_model(with_taste=with_taste))
    for engine, out in (("spark", tmp_path / "all"), ("local", tmp_path / "all.parquet")):
        ran = reelwise("recommend", "--all", "--engine", engine, "--model", model, "--out", out, "-n", 3)
        assert ran.code == 0, ran.err
    on_spark, here = (
        pl.read_parquet(tmp_path / name).sort("userId", "rank") for name in ("all/*.parquet", "all.parquet")
    )
    assert on_spark.equals(here)


def test_users_without_ratings_fill_no_block(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelwise.spark.batch.BLOCK", 1)
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n8,296,5.0,1\n8,593,3.0,2\n")
    left_with_one, _ = refresh_histories(tiny_model(), tmp_path)
    write_model(tmp_path / "model", left_with_one)
    assert recommend_all(spark, tmp_path / "model", 2, str(tmp_path / "all")) == (1, 2)
    assert set(pl.read_parquet(tmp_path / "all" / "*.parquet")["userId"]) == {8}


def test_ids_that_are_strings_come_back_as_strings(spark: "SparkSession", tmp_path: Path) -> None:
    write_model(tmp_path / "model", replace(tiny_model(), users=Vocabulary.of(["ann", "bob", "zoë"])))
    assert recommend_all(spark, tmp_path / "model", 2, str(tmp_path / "all")) == (3, 6)
    assert set(pl.read_parquet(tmp_path / "all" / "*.parquet")["userId"]) == {"ann", "bob", "zoë"}


def test_a_bad_row_is_one_line_and_leaves_nothing(
    spark: "SparkSession", reelwise: CommandLine, ratings_csv: Path, tmp_path: Path
) -> None:
    bad = ratings_csv / "part-7.csv"
    bad.write_text(bad.read_text() + "1,x,3.0,4\n")
    refused = reelwise("train", "--engine", "spark", "--data", ratings_csv.parent, "--out", tmp_path / "out" / "model")
    assert refused.code == 2
    last = refused.err.strip().splitlines()[-1]
    assert last == (
        f"reelwise: {bad}: movieId is 'x', not a whole number in '1,x,3.0,4' (ids are whole numbers on Spark; number "
        "them, or train without --engine spark, where texts will do)"
    )
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


WITHOUT_ARROW = """
import sys
sys.modules["pyarrow"] = None
from reelwise.cli import main
for line in sys.argv[1:]:
    try:
        main([*line.split(), "--engine", "spark"])
    except SystemExit as ended:
        print(ended.code)
"""


@pytest.mark.slow
def test_what_spark_needs_is_told_where_it_is_missing(ratings_folder: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "model", tiny_model())
    asked = (
        f"train --data {ratings_folder} --out {tmp_path / 'new'}",
        f"evaluate --data {ratings_folder}",
        f"recommend --all --model {tmp_path / 'model'} --out all",
    )
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_ARROW, *asked], env=environment(), capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["1"] * 3
    assert [line for line in ran.stderr.splitlines() if line.startswith("reelwise: ")] == [
        'reelwise: --engine spark needs pyarrow, which is not installed; python3 -m pip install "reelwise[spark]"'
    ] * 3


def test_recommendations_take_the_place_of_recommendations_only(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, out = tmp_path / "model", tmp_path / "all"
    write_model(model, tiny_model())
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("years of work")
    (tmp_path / "ratings").mkdir()
    pl.DataFrame({"userId": [1]}).write_parquet(tmp_path / "ratings" / "part-0.parquet")
    (tmp_path / "file").write_text("")
    for name in ("precious", "ratings", "model", "file", "recs.csv", "a:b", "."):
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(UsageError, match=r"name another one|name a folder|not an address"):
            recommend_all(spark, model, 2, name if ":" in name else str(tmp_path / name))
        assert sorted(tmp_path.rglob("*")) == before
    for n in (3, 2):
        _, rows = recommend_all(spark, model, n, str(out))
        found = pl.read_parquet(out / "*.parquet")
        assert (len(found), found["rank"].max()) == (rows, n)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match="n is 0"):
        recommend_all(spark, model, 0, str(out))
    monkeypatch.setattr("reelwise.spark.batch._recommend_block", lambda *_: 1 / 0)
    with pytest.raises(EngineError, match="ZeroDivisionError"), translate_errors():
        recommend_all(spark, model, 2, str(out))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("recommend", "--all", "--model", "nowhere", "--out", "all"), "nowhere"),
        (("recommend", "--all", "--out", "all.csv"), "Spark writes a folder of Parquet files; name a folder"),
        (("recommend", "--all", "--out", "all", "--balance", 2), "balance"),
        (("train", "--data", "x", "--users", "none", "--shards", 2), "--users none cannot be combined with"),
        (("train", "--data", "x", "--out", __file__), "this is a file"),
    ],
)
def test_what_cannot_be_is_refused_before_spark_starts(
    reelwise: CommandLine, arguments: tuple[object, ...], fault: str
) -> None:
    refused = reelwise(*arguments, "--engine", "spark")
    assert refused.code == 2
    assert fault in refused.err
    assert "Starting Spark" not in refused.err
