"""What benchmarks share: arguments, versions, the clock, and a line beside a limit. Imports nothing heavy."""

import argparse
import os
import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median, quantiles


def create_parser(purpose: str, data: str = "ml-1m", threads: int | None = 2) -> argparse.ArgumentParser:
    """A parser that knows --data, by default a data set in the folder REELWISE_TEST_DATA, and --threads, unless None.

    Without that variable data sets are looked for in `data`, where `reelwise train` puts them.
    """
    parser = argparse.ArgumentParser(description=purpose)
    folder = Path(os.environ.get("REELWISE_TEST_DATA", "data"))
    parser.add_argument("--data", type=Path, default=folder / data, metavar="DIR")
    if threads is not None:
        parser.add_argument("--threads", type=int, default=threads)
    return parser


def describe_versions(*packages: str) -> str:
    """Reelwise, Python, NumPy and other packages with their versions, and the number of cores."""
    named = [f"Python {platform.python_version()}", f"{os.cpu_count()} cores"]
    for package in ("reelwise", "numpy", *packages):
        try:
            named.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            named.append(f"no {package}")
    return ", ".join(named)


def time_seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How long it takes, by that clock."""
    started = clock()
    work()
    return clock() - started


def time_median(work: Callable[[], object], runs: int) -> float:
    """The median seconds of several runs."""
    return median(time_seconds(work) for _ in range(runs))


def time_requests(
    requests: Sequence[Callable[[], object]], clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Milliseconds that each takes, once the first has been asked for nothing."""
    requests[0]()
    return [1e3 * time_seconds(request, clock) for request in requests]


def report_latencies(what: str, taken: Sequence[float], limit: float) -> None:
    """One line: median and 95th percentile of milliseconds, and the limit of the median."""
    middle, slow = median(taken), quantiles(taken, n=20)[-1]
    print(f"{what:>24}: median {middle:.2f} ms, p95 {slow:.2f} ms ({middle / limit:.2f} of the limit of {limit:g} ms)",
          flush=True)  # fmt: skip
