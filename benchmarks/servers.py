"""Servers as processes, for the benchmarks that ask them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

REELWISE = "reelwise.serving:app"
BARE = "bare_app:app"


class Server(NamedTuple):
    """A running server: its main process, and its port on this machine."""

    process: int
    port: int


@contextmanager
def running(model: Path, workers: int = 1, app: str = REELWISE) -> Iterator[Server]:
    """Uvicorn with an application and without a line for each request, once all of its workers had time to start."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--workers", str(workers)]
    environment = os.environ | {
        "REELWISE_MODEL": str(model.resolve()),
        "REELWISE_ACCESS_LOG": "false",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
    }
    with subprocess.Popen([*command, "--no-access-log", "--log-level", "warning"], env=environment) as process:
        try:
            while not listens(port):
                time.sleep(0.05)
            time.sleep(5 if workers > 1 else 1)  # the others may still be reading their model
            yield Server(process.pid, port)
        finally:
            process.terminate()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def workers_of(process: int) -> list[int]:
    """The worker processes that a server's main process started, the oldest first."""
    children = map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())
    return [child for child in children if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()]


def private_memory(process: int) -> float:
    """Megabytes that a process shares with no other."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def cpu_seconds(process: int) -> float:
    """Processor time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
