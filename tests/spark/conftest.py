"""One Spark session for all tests; without Java or pyspark they are skipped."""

import shutil
import warnings
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reelwise.errors import EngineError
from reelwise.spark.session import spark_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import SparkSession

CONF = {
    "spark.driver.memory": "1g",
    # for so few rows, compiling and planning take longer than working
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss8m",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
NUMBERS = count(1)


def is_sound(session: "SparkSession") -> bool:
    """Whether Java is there, and answers what it was asked; after a test that was cut off, answers come one late."""
    number = next(NUMBERS)
    try:
        return bool(session.sparkContext._jvm.java.lang.Math.abs(-number) == number)
    except Exception:  # noqa: BLE001 - py4j lets many kinds out
        return False


def forget_java() -> None:
    """End the Java of this process, and make pyspark start another one when it is next needed."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    with SparkContext._gateway.proc as java:
        java.kill()
    SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None
    SparkSession._instantiatedSession = SparkSession._activeSession = None


@pytest.fixture(scope="session")
def spark_sessions() -> "Iterator[Callable[[], SparkSession]]":
    """Gives Spark on two threads of this process's own Java, started anew if a test has broken the last one."""
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    pytest.importorskip("pyspark")
    stack = ExitStack()
    sessions: list[SparkSession] = []

    def session() -> "SparkSession":
        if sessions and not is_sound(sessions[-1]):
            with warnings.catch_warnings(action="ignore"), suppress(Exception):
                stack.close()  # Java cannot be asked to stop
            forget_java()
            sessions.clear()
        if not sessions:
            try:
                sessions.append(stack.enter_context(spark_session("local[2]", CONF)))
            except EngineError as error:
                pytest.skip(str(error))
        return sessions[-1]

    with stack:
        yield session


@pytest.fixture
def spark(spark_sessions: "Callable[[], SparkSession]") -> "SparkSession":
    return spark_sessions()


@pytest.fixture
def ratings_csv(tmp_path: Path) -> Path:
    """A folder with a few good ratings in several files."""
    folder = tmp_path / "mine" / "ratings.csv"
    folder.mkdir(parents=True)
    for part in range(10):
        rows = "".join(f"{user},{1 + (user + part) % 7},4.5,{part}\n" for user in range(1, 6))
        (folder / f"part-{part}.csv").write_text(f"userId,movieId,rating,timestamp\n{rows}")
    return folder
