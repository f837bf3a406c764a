"""What training costs as ratings grow: the rating model from a CSV on disk to a model folder, as whole processes.

    python3 benchmarks/large_job.py [--millions 1 3 10 33.8] [--runs 1] [--seed 42]

Ratings are made by `large_ratings.py`, with the skew of MovieLens; 33.8 million have the shape of MovieLens "latest".
Each run is `reelwise train --no-taste --no-evaluate --factors 20 --epochs 20`. Beside it the early project's loop, one
rating after the other with NumPy's dot product, is timed on a hundredth of one epoch and multiplied.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from common import describe_versions
from large_ratings import RATINGS, large_ratings, make_movies, write_movies, write_ratings
from peers import early_loop
from reelwise.data.readers.movielens import read_dataset

FACTORS, EPOCHS = early_loop.FACTORS, 20

_WATCHED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


class Cost(NamedTuple):
    """Seconds, and the peak of memory in GiB."""

    seconds: float
    peak: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Training as ratings grow.")
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 3, 10, RATINGS / 1e6])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    print(f"{describe_versions()}; k = {FACTORS}, {EPOCHS} epochs")
    headings = ("ratings", "read, s", "in all, s", "s per million", "peak, GiB", "plain loop, h", "ratio")
    print(" ".join(f"{heading:>13}" for heading in headings))
    for millions in options.millions:
        with tempfile.TemporaryDirectory() as folder:
            report(Path(folder), millions * 1e6 / RATINGS, options.runs, options.seed)


def report(folder: Path, scale: float, runs: int, seed: int) -> None:
    """Make ratings, train on them, and print a row."""
    made = large_ratings(scale, seed)
    write_ratings(made, folder / "ratings.csv")
    write_movies(make_movies(np.unique(made.movie_ids), seed), folder / "movies.csv")
    del made
    costs = [measure_training(folder) for _ in range(runs)]
    started = time.perf_counter()
    dataset = read_dataset(folder)
    read, count = time.perf_counter() - started, len(dataset.ratings)
    seconds, peak = statistics.median(cost.seconds for cost in costs), max(cost.peak for cost in costs)
    loop = early_loop.seconds_per_epoch(dataset.ratings.interactions()) * EPOCHS
    row = (f"{count:,}", f"{read:.1f}", f"{seconds:.1f}", f"{seconds / count * 1e6:.2f}", f"{peak:.2f}",
           f"{loop / 3600:.1f}", f"{loop / seconds:.0f}")  # fmt: skip
    print(" ".join(f"{cell:>13}" for cell in row), flush=True)


def measure_training(folder: Path) -> Cost:
    """What training takes as a whole process."""
    train = [sys.executable, "-m", "reelwise", "train", "--data", str(folder), "--out", str(folder / "model"),
             "--no-taste", "--no-evaluate", "--factors", str(FACTORS), "--epochs", str(EPOCHS)]  # fmt: skip
    started = time.perf_counter()
    watched = subprocess.run([sys.executable, "-c", _WATCHED, *train], check=True, capture_output=True, text=True)
    return Cost(time.perf_counter() - started, int(watched.stdout) / 2**20)


if __name__ == "__main__":
    main()
