"""What benchmarks have in common: where data is, what was measured on, medians, and a line beside a limit."""

import os
import platform
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import numpy as np

import reelwise


def add_data(parser: ArgumentParser, name: str = "ml-1m") -> None:
    """An option for the folder with a data set; by default in REELWISE_TEST_DATA, or where `reelwise train` puts it."""
    folder = Path(os.environ.get("REELWISE_TEST_DATA", "data"))
    parser.add_argument("--data", type=Path, default=folder / name, help="folder with ratings (%(default)s)")


def conditions(*packages: str) -> str:
    """The versions that figures depend on, and the machine's cores."""
    named = [f"Reelwise {reelwise.__version__}", f"Python {platform.python_version()}"]
    for package in packages:
        try:
            named.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            named.append(f"no {package}")
    return ", ".join([*named, f"{os.cpu_count()} cores"])


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_seconds(work: Callable[[], object], runs: int) -> float:
    """The median time of several runs."""
    return median(seconds(work) for _ in range(runs))


def milliseconds(requests: Sequence[Callable[[], object]]) -> list[float]:
    """How long each takes, once the first has been asked for nothing."""
    requests[0]()
    return [1e3 * seconds(request) for request in requests]


def report(what: str, taken: Iterable[float], limit: float) -> None:
    """One line: median, 95th percentile, and the limit, in milliseconds."""
    middle, slow = np.quantile([*taken], [0.5, 0.95])
    print(f"{what:>24}: median {middle:.2f} ms, p95 {slow:.2f} ms ({middle / limit:.2f} of the limit of {limit:g} ms)",
          flush=True)  # fmt: skip
