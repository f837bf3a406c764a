"""Training on several processes, one of which dies on the way."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reelwise.artifacts.folder import read_model
from reelwise.data.readers.movielens import read_dataset

PROGRAM = """
import json, os, signal, sys, threading, time
from pathlib import Path

from reelwise.spark.session import spark_session
from reelwise.spark.settings import SparkStarsSettings, SparkTrainingSettings
from reelwise.spark.training import train

data, out = sys.argv[1:]
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


def kill():
    while not spark.sparkContext.statusTracker().getActiveStageIds():
        time.sleep(0.01)
    os.kill(executors()[0], signal.SIGKILL)
    events.append("killed")


def told(progress):
    events.append(f"{progress.fit} {progress.done}")
    if events[-1] == "stars 0":
        threading.Thread(target=kill).start()


java = f"-Dreelwise.mark={os.environ['REELWISE_MARK']} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss8m"
conf = {"spark.driver.memory": "512m", "spark.executor.memory": "512m", "spark.executor.extraJavaOptions": java,
        "spark.driver.extraJavaOptions": java.partition(" ")[2], "spark.sql.adaptive.enabled": "false",
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
settings = SparkTrainingSettings(
    stars=SparkStarsSettings(factors=4, iterations=2),
    taste=None,
    evaluate=False,
)
with spark_session("local-cluster[2,1,512]", conf) as spark:
    before = len(executors())
    train(spark, data, Path(out), settings, on_progress=told)
print(json.dumps({"executors": before, "events": events}))
"""


@pytest.mark.slow
@pytest.mark.xdist_group("spark_sessions")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")
def test_an_executor_that_dies_while_training_is_replaced(ratings_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    (tmp_path / "program.py").write_text(PROGRAM)
    source = str(Path(__file__).parents[2] / "src")
    ran = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), str(ratings_folder), str(tmp_path / "model")],
        env={**os.environ, "PYTHONPATH": source, "REELWISE_MARK": tmp_path.name},
        cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["executors"] == 2
    assert told["events"].index("stars 0") < told["events"].index("killed") < told["events"].index("stars 1")
    model, ratings = read_model(tmp_path / "model"), read_dataset(ratings_folder).ratings
    seen = ratings.interactions()
    predicted = (model.P[seen.users] * model.Q[seen.movies]).sum(axis=1)
    assert ((predicted - seen.stars) ** 2).mean() < 0.5
    assert len(model.history) == len(ratings)
