"""The Spark session that a command works in, and what goes wrong with it in plain words."""

import os
import re
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from reelwise.errors import EngineError, ReelwiseError, UsageError
from reelwise.spark.files import format_address

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_OLDEST_JAVA = 17
_PATIENCE = 5.0  # seconds that a master may take to accept a connection
_INSTALL = 'python3 -m pip install "reelwise[spark]"'
_ANY_MASTER = "local[*], spark://HOST:PORT, yarn, or k8s://HOST:PORT"

_DEFAULTS = {
    "spark.app.name": "reelwise",
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
    # without it Spark reads no Parquet file with times in nanoseconds; as numbers they are recognised by their size
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    # fewer and larger pieces between Java and Python
    "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
}
_LOCAL_DEFAULTS = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)),  # Spark's own 200 are for many machines
}


def parse_conf(given: list[str]) -> dict[str, str]:
    """Parse `--conf KEY=VALUE`, given any number of times.

    Raises:
        UsageError: Raised when one is not of this form; it names that one.
    """
    pairs = [text.partition("=") for text in given]
    wrong = next((text for text, (key, sign, _) in zip(given, pairs, strict=True) if not (key and sign)), None)
    if wrong is not None:
        raise UsageError(f"--conf is {wrong!r}; expected KEY=VALUE, such as spark.executor.memory=8g")
    return {key.strip(): value for key, _, value in pairs}


@contextmanager
def spark_session(master: str | None = None, conf: Mapping[str, str] | None = None) -> Iterator["SparkSession"]:
    """A Spark session; one that is running in this process already is used, and left running.

    Args:
        master: where Spark runs; by default as `spark-submit` or a configuration file says, else `local[*]`.
        conf: Spark's own settings, which go before ours.

    Raises:
        EngineError: Raised when there is no pyspark or no Java, the master cannot be reached, or Spark fails.
    """
    _check_packages()
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    spark = running or _start(master, dict(conf or {}))
    try:
        with translate_errors():
            yield spark
    finally:
        if running is None:
            spark.stop()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn what Spark raises into one line.

    Raises:
        EngineError: Raised when Spark fails; it says what Spark names as the cause.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException) as error:
        cause = find_cause(error)
        if cause.startswith("ModuleNotFoundError"):
            cause += (
                " on an executor; --conf spark.pyspark.python=PATH names a Python that has NumPy, pyarrow and polars"
            )
        if "org.apache.hadoop.fs.s3a" in cause:
            cause += "; add --conf spark.jars.packages=org.apache.hadoop:hadoop-aws:VERSION, see docs/guide/spark.md"
        raise EngineError(f"Spark failed: {cause}") from error


def _start(master: str | None, conf: dict[str, str]) -> "SparkSession":
    from pyspark.sql import SparkSession

    _check_java()
    if master is not None:
        _check_master(master)
    is_local = master is None or master.startswith("local")
    settings = _DEFAULTS | (_LOCAL_DEFAULTS if is_local else {}) | conf
    python = conf.get("spark.pyspark.python", sys.executable if is_local else "python3")
    os.environ.setdefault("PYSPARK_PYTHON", python)  # the only place where pyspark looks, once it is imported
    builder = SparkSession.builder if master is None else SparkSession.builder.master(master)
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # pyspark has opinions about pandas, which is not used here
            spark = builder.getOrCreate()
        _warn_of_no_executors(spark)
        return spark
    except ReelwiseError:
        raise
    except Exception as error:  # py4j and pyspark let many kinds out, and Java exits leave only a RuntimeError
        raise EngineError(f"Spark cannot start on {master or 'its default master'}: {find_cause(error)}") from error


def _warn_of_no_executors(spark: "SparkSession") -> None:
    """Show Spark's warning that it waits for executors and gets none, although other warnings are hidden."""
    log4j: Any = spark.sparkContext._jvm.org.apache.logging.log4j  # noqa: SLF001 - no other way
    log4j.core.config.Configurator.setLevel("org.apache.spark.scheduler.TaskSchedulerImpl", log4j.Level.WARN)


def _check_packages() -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyspark has opinions about the version of pandas, which we do not use
            import pandas  # noqa: F401 - pyspark wants it there
            import pyarrow  # noqa: F401
            import pyspark.sql
    except ImportError as error:
        raise EngineError(
            f"--engine spark needs {error.name or 'pyspark'}, which is not installed; {_INSTALL}"
        ) from None
    if not hasattr(pyspark.sql.DataFrame, "zipWithIndex"):
        raise EngineError(f"--engine spark needs pyspark 4.2 or newer, this is {pyspark.__version__}; {_INSTALL}")


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None or not Path(java).is_file():
        where = f"in JAVA_HOME={home}" if home else "on the PATH"
        raise EngineError(f"Spark needs Java {_OLDEST_JAVA} or newer, and there is none {where}; install a JRE")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - the user's Java
    version = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        found = f"is Java {version[1]}" if version else "does not tell its version"
        raise EngineError(f"Spark needs Java {_OLDEST_JAVA} or newer, but {java} {found}; set JAVA_HOME to a newer one")


def _check_master(master: str) -> None:
    """Refuse an invalid master, and one that does not answer; Spark itself would try for minutes."""
    if re.fullmatch(r"local(\[(\*|\d+)(, *\d+)?\]|-cluster\[\d+, *\d+, *\d+\])?", master):
        return
    if master == "yarn":
        if not (os.environ.get("HADOOP_CONF_DIR") or os.environ.get("YARN_CONF_DIR")):
            raise EngineError("--master yarn needs HADOOP_CONF_DIR or YARN_CONF_DIR; set it to the cluster's settings")
        return
    addresses = re.fullmatch(r"(?:spark|k8s)://(?:https?://)?([^/]+)/?", master)
    hosts = [address.rpartition(":") for address in addresses[1].split(",")] if addresses else []
    if not hosts or not all(host and port.isdecimal() and int(port) < 65536 for host, _, port in hosts):
        raise UsageError(f"--master is {master!r}; expected {_ANY_MASTER}")
    if not any(_answers(host, int(port)) for host, _, port in hosts):
        raise EngineError(f"the Spark master {master} does not answer; start it, or name another with --master")


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host.strip("[]"), port), timeout=_PATIENCE).close()
    except OSError:
        return False
    return True


def find_cause(error: BaseException) -> str:
    """The innermost cause that a Java or Spark error names, in one line."""
    text = str(error)
    causes = re.findall(r"^\s*(?:Caused by)?: (.+)$", text, flags=re.MULTILINE)
    in_python = re.findall(
        r"^(\w[\w.]*(?:Error|Exception|Exit): .+)$", text.partition("Traceback (most")[2], flags=re.MULTILINE
    )
    causes = in_python[:1] or causes
    line = causes[-1] if causes else next((line for line in text.splitlines() if line.strip(" :.")), repr(error))
    file = re.search(r"Encountered error while reading file (\S+)\.\s", text)
    if file:
        line = f"{line.strip()} in {format_address(unquote(file[1]))}"
    line = re.sub(r"^(?:[a-z]\w*\.)+(\w+(?:Exception|Error)): ", r"\1: ", line.strip())
    return line if len(line) <= 300 else line[:297] + "..."
