"""Training on several processes, one of which dies on the way, and none of which has Reelwise."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from reelwise.artifacts.model import Model
from reelwise.data.readers.movielens import read_dataset
from support.systems.patience import long_test

pytestmark = long_test

PROGRAM = """
import json, os, signal, sys
from pathlib import Path

from reelwise.models.config import WeightedALSConfig
from reelwise.spark.batch import recommend_all
from reelwise.spark.session import spark_session
from reelwise.spark.settings import SparkRatingConfig, SparkTrainingSettings
from reelwise.spark.training import train

data, out, python = sys.argv[1:]
events = []


def executors():
    found = []
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes()
            if b"CoarseGrainedExecutorBackend" in command and os.environ["REELWISE_MARK"].encode() in command:
                found.append(int(process.name))
        except (OSError, ValueError):
            pass
    return found


def on_progress(progress):
    events.append(f"{progress.fit} {progress.done}")
    if events[-1] == "stars 0":
        os.kill(executors()[0], signal.SIGKILL)
        events.append("killed")


java = f"-Dreelwise.mark={os.environ['REELWISE_MARK']} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss8m"
conf = {"spark.driver.memory": "512m", "spark.executor.memory": "512m", "spark.executor.extraJavaOptions": java,
        "spark.driver.extraJavaOptions": java.partition(" ")[2], "spark.sql.adaptive.enabled": "false",
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.pyspark.python": python}
settings = SparkTrainingSettings(
    rating=SparkRatingConfig(factors=4, iterations=2, ranking_ridge=5),
    ranking=WeightedALSConfig(factors=4, iterations=1),
    evaluate=False,
)
with spark_session("local-cluster[2,1,512]", conf) as spark:
    before = len(executors())
    train(spark, data, Path(out) / "model", settings, on_progress=on_progress)
    recommend_all(spark, Path(out) / "model", 3, f"{out}/all")
print(json.dumps({"executors": before, "events": events}))
"""


@pytest.mark.slow
@pytest.mark.xdist_group("spark_sessions")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")
@pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java")
def test_an_executor_that_dies_while_training_is_replaced(ratings_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['reelwise'] = None")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}:$PYTHONPATH" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    ran = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), str(ratings_folder), str(tmp_path), str(python)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src"), "REELWISE_MARK": str(tmp_path)},
        cwd="/", capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    outcome = json.loads(ran.stdout.splitlines()[-1])
    assert outcome["executors"] == 2
    assert outcome["events"].index("stars 0") < outcome["events"].index("killed") < outcome["events"].index("stars 1")
    model, ratings = Model.load(tmp_path / "model"), read_dataset(ratings_folder).ratings
    seen = ratings.interactions()
    assert ((model.rating.predict_rows(seen.users, seen.movies) - seen.stars) ** 2).mean() < 0.5
    assert model.config.counts.ratings == len(ratings)
    assert len(pl.read_parquet(tmp_path / "all" / "*.parquet")) == 3 * len(ratings.users)
