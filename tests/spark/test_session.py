"""What is said when Spark cannot start."""

import socket
import sys
from pathlib import Path

import pytest

from reelwise.errors import EngineError, UsageError
from reelwise.spark.session import parse_conf, spark_session


@pytest.fixture(autouse=True)
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """No session of other tests is in the way."""
    session = pytest.importorskip("pyspark.sql").SparkSession
    monkeypatch.setattr(session, "getActiveSession", classmethod(lambda cls: None))


def fault(master: str = "local[1]") -> str:
    with pytest.raises((EngineError, UsageError)) as refused, spark_session(master):
        pass
    assert "\n" not in str(refused.value)
    return str(refused.value)


def fake_java(folder: Path, says: str) -> None:
    (folder / "bin").mkdir()
    (folder / "bin" / "java").write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    (folder / "bin" / "java").chmod(0o755)


def test_without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    assert 'is not installed; python3 -m pip install "reelwise[spark]"' in fault()


def test_without_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fault() == "Spark needs Java 17 or newer, and there is none on the PATH; install a JRE"


def test_with_an_old_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_java(tmp_path, 'openjdk version "1.8.0_402"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert f"but {tmp_path}/bin/java is Java 8; set JAVA_HOME to a newer one" in fault()


def test_a_master_that_nobody_answers_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_java(tmp_path, 'openjdk version "17.0.1"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as closed_again:
        port = closed_again.getsockname()[1]
    assert f"the Spark master spark://127.0.0.1:{port} does not answer" in fault(f"spark://127.0.0.1:{port}")
    monkeypatch.delenv("HADOOP_CONF_DIR", raising=False)
    monkeypatch.delenv("YARN_CONF_DIR", raising=False)
    assert "needs HADOOP_CONF_DIR or YARN_CONF_DIR" in fault("yarn")


@pytest.mark.parametrize("master", ["", "here", "local[x]", "spark://host", "spark://host:port", "mesos://a:1"])
def test_what_is_no_master(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, master: str) -> None:
    fake_java(tmp_path, 'openjdk version "21"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert f"--master is {master!r}; expected local[*], spark://HOST:PORT" in fault(master)


def test_conf() -> None:
    assert parse_conf(["a.b=1", "c=d=e"]) == {"a.b": "1", "c": "d=e"}
    with pytest.raises(UsageError, match="--conf is 'a'"):
        parse_conf(["a"])
