"""What benchmarks share: their arguments, and the versions that their figures depend on. Imports nothing heavy."""

import argparse
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def create_parser(purpose: str, data: str = "ml-1m", threads: int | None = 2) -> argparse.ArgumentParser:
    """A parser that knows --data, by default a data set in the folder of test data, and --threads, unless None."""
    parser = argparse.ArgumentParser(description=purpose)
    folder = Path(os.environ.get("REELWISE_TEST_DATA", "../shared/data"))
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
