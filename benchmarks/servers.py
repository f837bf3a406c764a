"""Servers as processes, for the benchmarks that ask them. Linux."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

STARTED = "Application startup complete."  # what uvicorn logs once a worker has its model and answers
PATIENCE = 600.0  # seconds until all workers must have said so


class Server(NamedTuple):
    """A running server.

    Attributes:
        process: its main process.
        port: on this machine.
        seconds: from its start until all workers were ready.
        log: the file that it writes its lines to.
    """

    process: int
    port: int
    seconds: float
    log: Path

    def started(self) -> int:
        """How many times a worker has said that it is ready."""
        return self.log.read_text().count(STARTED)

    def workers(self) -> list[int]:
        """The processes that answer, the oldest first: the main process itself where it has started no others."""
        workers = []
        for child in _children(self.process):
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"spawn_main" in command:
                workers.append(child)
            elif b"forkserver" in command:
                workers += _children(child)
        return workers or [self.process]


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@contextmanager
def reelwise(model: Path, workers: int = 1) -> Iterator[Server]:
    """`reelwise serve` without a line for each request, once all of its workers are ready."""
    with _running(["reelwise", "serve", "--model", str(model.resolve())], workers) as server:
        yield server


@contextmanager
def bare(workers: int = 1) -> Iterator[Server]:
    """The bare FastAPI route of `bare_app.py` with uvicorn, likewise."""
    with _running(["uvicorn", "bare_app:app", "--no-access-log"], workers) as server:
        yield server


@contextmanager
def _running(command: Sequence[str], workers: int) -> Iterator[Server]:
    port, started = free_port(), time.perf_counter()
    environment = os.environ | {
        "REELWISE_ACCESS_LOG": "false",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
    }
    options = ["--port", str(port), "--workers", str(workers)]
    with tempfile.NamedTemporaryFile("r") as log, subprocess.Popen(
        [sys.executable, "-m", *command, *options], env=environment, stdout=subprocess.DEVNULL, stderr=log.fileno()
    ) as process:  # fmt: skip
        try:
            while Path(log.name).read_text().count(STARTED) < workers or not _listens(port):
                if process.poll() is not None or time.perf_counter() > started + PATIENCE:
                    raise SystemExit(f"the server did not start:\n{Path(log.name).read_text()}")
                time.sleep(0.01)
            yield Server(process.pid, port, time.perf_counter() - started, Path(log.name))
        finally:
            process.terminate()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


class Memory(NamedTuple):
    """Megabytes of a process.

    Attributes:
        own: what no other process has, written to or not (USS).
        share: that, and of what others have as well its part (PSS).
        anonymous: what is in no file.
    """

    own: float
    share: float
    anonymous: float


def memory(process: int) -> Memory:
    """What a process needs now."""
    sizes = {"Private_Clean": 0.0, "Private_Dirty": 0.0, "Pss": 0.0, "Anonymous": 0.0}
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        name, _, size = line.partition(":")
        if name in sizes:
            sizes[name] = int(size.split()[0]) / 1024
    return Memory(sizes["Private_Clean"] + sizes["Private_Dirty"], sizes["Pss"], sizes["Anonymous"])


def cpu_seconds(process: int) -> float:
    """Processor time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
