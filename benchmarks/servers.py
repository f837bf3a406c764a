"""Requests per second with uvicorn and with granian, with one worker process and with two.

    python3 benchmarks/servers.py --model DIR [--seconds 1.5] [--rounds 3]

Two paths of the same application are asked over 16 open connections from this process: a constant answer of ten films,
which shows what the servers themselves cost, and /recommendations/{id}. Neither server writes a line per request. The
servers take turns; medians of the rounds, and the ratio. Then what each of two workers needs of memory for itself,
beside the files of the model, which they share (Linux). Needs `pip install "reelwise[granian]"`.
"""

import argparse
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median

from fastapi import FastAPI

import reelwise
from load import CONNECTIONS, ask, get
from reelwise.artifacts.folder import read_model
from reelwise.serving import create_app
from reelwise.serving.schemas.fixed import RecommendedMovie

COMMON = ["servers:measured", "--factory", "--log-level", "warning"]
SERVERS = {
    "uvicorn": ["uvicorn", *COMMON, "--no-access-log"],
    # It would wait forever for requests whose clients have gone.
    "granian": ["granian", *COMMON, "--interface", "asgi", "--workers-kill-timeout", "2"],
}
FILM = {"movie_id": 1214, "title": "Alien (1979)", "predicted_stars": 4.5, "tmdb_id": 348}
TEN_FILMS = [RecommendedMovie.model_validate(FILM)] * 10


def measured() -> FastAPI:
    """The application, with a path whose answer costs nothing to find."""
    app = create_app(alone=True)

    @app.get("/constant")
    async def constant() -> list[RecommendedMovie]:
        return TEN_FILMS

    return app


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Requests per second with uvicorn and granian.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    users = read_model(options.model).history.user_ids[:200].tolist()
    paths = {"constant": [get("/constant")], "recommendations": [get(f"/recommendations/{user}") for user in users]}
    rates: dict[tuple[str, int, str], list[float]] = {}
    memory: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for workers in (1, 2):
            for server in SERVERS:
                with running(server, workers, options.model) as (main_process, port):
                    for what, asked in paths.items():
                        rate = ask(port, asked, options.seconds).rate
                        rates.setdefault((what, workers, server), []).append(rate)
                    memory[server] = sorted(map(private_memory, children_of(main_process)))[-2:]
    print(f"Reelwise {reelwise.__version__}, Python {platform.python_version()}, uvicorn {version('uvicorn')}, "
          f"granian {version('granian')}, {os.cpu_count()} cores, {CONNECTIONS} connections")  # fmt: skip
    for what in paths:
        for workers in (1, 2):
            uvicorn, granian = (median(rates[what, workers, server]) for server in SERVERS)
            print(f"{what:>16}, {workers} workers: uvicorn {uvicorn:6,.0f}/s, granian {granian:6,.0f}/s, "
                  f"granian is {granian / uvicorn:.2f} times as fast")  # fmt: skip
    for server, megabytes in memory.items():
        print(f"private memory of two workers with {server}: {' and '.join(f'{it:.0f} MB' for it in megabytes)}")


@contextmanager
def running(server: str, workers: int, model: Path) -> Iterator[tuple[int, int]]:
    """The server, once all of its workers had time to start, as its main process and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", *SERVERS[server], "--port", str(port), "--workers", str(workers)]
    here = Path(__file__).parent
    environment = os.environ | {"REELWISE_MODEL": str(model.resolve()), "PYTHONPATH": os.pathsep.join(sys.path)}
    environment["MALLOC_ARENA_MAX"] = "2"  # as `reelwise serve` has it
    with subprocess.Popen(command, cwd=here, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            while not answers(port):
                time.sleep(0.05)
            time.sleep(5 if workers > 1 else 1)  # the others may still be reading their model
            ask(port, [get("/constant")], 0.3)
            yield process.pid, port
        finally:
            process.terminate()


def children_of(process: int) -> list[int]:
    """The processes that a process started."""
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def private_memory(process: int) -> float:
    """Megabytes that a process shares with no other."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
