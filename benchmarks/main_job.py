"""How long the main job takes as whole processes, and how much memory: train, serve, fetch, quickstart, read films.

    python3 benchmarks/main_job.py [--data DIR]

DIR holds the folders ml-1m and ml-32m-catalogue. Each figure stands beside its limit; medians of three runs, the first
training (which compiles) not counted. The Hub that models are fetched from is a small one on this machine.
"""

import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from common import create_parser, time_median
from servers import free_port
from support.hub.client import hub_environment
from support.hub.server import HubServer

RUNS = 3


def main() -> None:
    """Measure and print."""
    data = create_parser("Times of the main job.", data=".", threads=None).parse_args().data.resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        train = [sys.executable, "-m", "reelwise", "train", "--data", str(data / "ml-1m")]
        run(train)
        report("train on ml-1m, whole process", time_median(lambda: run(train), RUNS), 12, "s")
        report("  its peak memory", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 800, "MB")
        serve = ["serve", "--model", "model"]
        report("serve: ready after", statistics.median(until_ready(serve) for _ in range(RUNS)), 2, "s")
        from_the_hub(Path("model"))
        code = (
            "import time\nfrom pathlib import Path\nfrom reelwise.data.readers.films import read_movies\n"
            "started = time.perf_counter()\n"
            f"assert len(read_movies(Path({str(data / 'ml-32m-catalogue')!r}))) == 87585\n"
            "print(time.perf_counter() - started)"
        )
        seconds = statistics.median(
            float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)
            for _ in range(RUNS)
        )
        report("catalogue of 87,585 films", seconds, 1, "s")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["REELWISE_DATA_URL"] = "http://127.0.0.1:9"  # nobody listens there: as without a network
        report("quickstart without a network: ready after", until_ready(["quickstart"]), 60, "s")


def from_the_hub(model: Path) -> None:
    """Measure how long a server takes whose model is on the Hub: at first, and when the Hub is gone."""
    serve = ["serve", "--model", "hf://alice/films"]
    with HubServer() as hub, tempfile.TemporaryDirectory() as home:
        hub.add("alice/films", {path.name: path.read_bytes() for path in model.iterdir()})
        firsts = []
        for run in range(RUNS):
            os.environ.update(hub_environment(hub.url, Path(home) / str(run)))
            firsts.append(until_ready(serve))
        size = sum(path.stat().st_size for path in model.iterdir()) / 1e6
        report(f"serve from a Hub nearby, {size:.0f} MB: ready after", statistics.median(firsts), 10, "s")
        hub.stop()
        again = statistics.median(until_ready(serve) for _ in range(RUNS))
        report("serve from its cache, the Hub gone: ready after", again, 3, "s")


def report(what: str, value: float, limit: float, unit: str) -> None:
    """One line: the figure and its limit."""
    print(f"{what:<48} {value:8.2f} {unit:<2} (limit {limit:g} {unit}, {value / limit:.2f} of it)", flush=True)


def run(command: list[str]) -> None:
    """Run a command to its end."""
    subprocess.run(command, check=True, capture_output=True)


def until_ready(command: list[str]) -> float:
    """Seconds until the server that `reelwise COMMAND` starts answers that it is ready."""
    port = free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "reelwise", *command, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - started < 120:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
                    return time.perf_counter() - started
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.02)
        raise SystemExit("the server was not ready within 120 s")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


if __name__ == "__main__":
    main()
