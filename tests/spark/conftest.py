"""One Spark session for all tests; without Java or pyspark they are skipped."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reelwise.errors import EngineError
from reelwise.spark.session import spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CONF = {
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    # for so few rows, compiling takes longer than working
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


@pytest.fixture(scope="session")
def spark() -> Iterator["SparkSession"]:
    """Spark on two threads of this process's own Java."""
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    pytest.importorskip("pyspark")
    try:
        with spark_session("local[2]", CONF) as session:
            yield session
    except EngineError as error:
        pytest.skip(str(error))


@pytest.fixture
def ratings_csv(tmp_path: Path) -> Path:
    """A folder with a few good ratings in several files."""
    folder = tmp_path / "mine" / "ratings.csv"
    folder.mkdir(parents=True)
    for part in range(10):
        rows = "".join(f"{user},{1 + (user + part) % 7},4.5,{part}\n" for user in range(1, 6))
        (folder / f"part-{part}.csv").write_text(f"userId,movieId,rating,timestamp\n{rows}")
    return folder
