"""What training costs as ratings grow: the rating model from a CSV on disk to a model folder, as whole processes.

    python3 benchmarks/large_job.py [--millions 1 3 10 33.8] [--runs 1] [--seed 42] [--stars]

Ratings are made by `large_ratings.py`, with the skew of MovieLens; 33.8 million have the shape of MovieLens "latest".
Each run is `reelwise train --no-taste --no-evaluate --factors 20 --epochs 20`. Beside it the early project's loop, one
rating after the other with NumPy's dot product, is timed on a hundredth of one epoch and multiplied.

With --stars instead how well stars are predicted: RMSE on a random tenth of the ratings, with 64 factors, of vectors
that are shrunk by the law of a row's own number of ratings, and as they were at first, by weights scaled to a mean of
0.08 over all ratings, with ridge 60; early stopping by a twentieth of the rest. One split and seed for all.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from common import describe_versions
from large_ratings import RATINGS, large_ratings, make_movies, write_movies, write_ratings
from peers import early_loop
from reelwise.data.interactions import Interactions
from reelwise.data.ratings import Ratings
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.splitting import hold_out
from reelwise.data.types import Counts
from reelwise.evaluation.metrics import rmse
from reelwise.evaluation.validation.measure_ratings import VALIDATION
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.matrix_factorization import MatrixFactorization

FACTORS, EPOCHS = early_loop.FACTORS, 20
HELD_OUT = 0.1
FIRST_MEAN, FIRST_RIDGE, FIRST_EPOCHS = 0.08, 60.0, 40  # what penalties were scaled to at first, and what went with it

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
    parser.add_argument("--stars", action="store_true", help="how well stars are predicted, instead of what it costs")
    options = parser.parse_args()
    if options.stars:
        print(describe_versions())
        for millions in options.millions:
            report_stars(millions * 1e6 / RATINGS, options.seed)
        return
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


def report_stars(scale: float, seed: int) -> None:
    """Make ratings, and print the RMSE on held-out ones with each of the penalties."""
    made = large_ratings(scale, seed)
    ratings = Ratings.from_columns(made.user_ids.astype(np.int64), made.movie_ids.astype(np.int64), made.stars)
    print(f"{len(ratings):,} ratings; RMSE of the true biases {made.biases:.4f}, floor {made.floor:.4f}")
    del made
    rest, held_out = hold_out(ratings.interactions(), HELD_OUT, seed)
    del ratings
    train, validation = hold_out(rest, VALIDATION, seed)
    del rest
    for name, config in penalties(train):
        model = MatrixFactorization(config, seed=seed).fit(train, validation=validation, progress=False)
        error = rmse(model.predict_rows(held_out.users, held_out.movies), held_out.stars)
        print(f"{name:>40}: RMSE {error:.4f}, epoch {model.best_epoch} of {config.epochs_for(len(train))}", flush=True)


def penalties(train: Interactions) -> Iterator[tuple[str, MatrixFactorizationConfig]]:
    """The law as it is, and what was there before it, with the epochs of then and of now."""
    yield "by the law", MatrixFactorizationConfig()
    for epochs in (None, FIRST_EPOCHS):
        config = MatrixFactorizationConfig(
            epochs=epochs,
            user_regularisation=of_one_rating(train.counts_by_user()),
            movie_regularisation=of_one_rating(train.counts_by_movie()),
            prior_ridge=FIRST_RIDGE,
        )
        yield f"a mean of {FIRST_MEAN}, {config.epochs_for(len(train))} epochs", config


def of_one_rating(counts: Counts) -> float:
    """The weight of a row with one rating, if weights of n^-1/2 shall have the mean `FIRST_MEAN` over all ratings."""
    return float(FIRST_MEAN * counts.sum() / np.sqrt(counts).sum())


if __name__ == "__main__":
    main()
