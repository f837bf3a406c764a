"""Accuracy and speed of the stars model beside Surprise's SVD, on one random 90/10 split of MovieLens 1M.

    python3 -m pip install scikit-surprise pandas
    python3 benchmarks/stars.py [--data DIR] [--threads 2] [--runs 3]

Both fit the same 90 % with their default settings (ours stops early on a twentieth of that 90 %, then fits all of it
for as many epochs) and predict the same 10 %. Times are of fitting alone, medians of several runs.
"""

import argparse
import os
import platform
import statistics
import time
from pathlib import Path

import numpy as np
import surprise

import reelwise
from reelwise.data.movielens import read_dataset
from reelwise.data.ratings import Observations
from reelwise.data.splits import hold_out
from reelwise.models.hyperparameters import StarsSettings
from reelwise.models.stars import fit_stars


def main() -> None:
    """Measure and print."""
    data = Path(os.environ.get("REELWISE_TEST_DATA", "../shared/data")) / "ml-1m"
    parser = argparse.ArgumentParser(description="The stars model beside Surprise's SVD.")
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()

    dataset = read_dataset(options.data)
    ratings = dataset.ratings
    train, test = hold_out(ratings.observations(), 0.1, seed=42)
    shape = len(ratings.user_ids), len(ratings.movie_ids)
    rest, validation = hold_out(train, 0.05, seed=42)
    low, high = ratings.scale

    def ours() -> np.ndarray:
        settings = StarsSettings()
        best = fit_stars(rest, *shape, settings, seed=42, threads=options.threads, validation=validation).best_epoch
        model = fit_stars(train, *shape, settings, seed=42, threads=options.threads, stop_after=best)
        times["Reelwise"].append(time.perf_counter() - started)
        return model.predict(test.users, test.movies, ratings.scale)

    trainset = as_trainset(train, low, high)

    def theirs() -> np.ndarray:
        model = surprise.SVD(random_state=42).fit(trainset)
        times["Surprise SVD"].append(time.perf_counter() - started)
        return np.array(
            [model.predict(u, i).est for u, i in zip(test.users.tolist(), test.movies.tolist(), strict=True)]
        )

    ours_then_theirs = {"Reelwise": ours, "Surprise SVD": theirs}
    times: dict[str, list[float]] = {name: [] for name in ours_then_theirs}
    rmse: dict[str, float] = {}
    fit_stars(rest.where(np.arange(len(rest.stars)) < 10), *shape, StarsSettings(epochs=1), seed=0)  # compile
    for _ in range(options.runs):
        for name, run in ours_then_theirs.items():
            started = time.perf_counter()
            predicted = run()
            rmse[name] = float(np.sqrt(np.mean(np.square(predicted - test.stars), dtype=np.float64)))

    print(f"{dataset.name}, {len(train.stars):,} ratings to fit, {len(test.stars):,} held out")
    print(f"Reelwise {reelwise.__version__} ({options.threads} threads), Surprise {surprise.__version__}, "
          f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores")  # fmt: skip
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    for name, seconds in medians.items():
        print(f"{name:>13}: RMSE {rmse[name]:.4f}, fitted in {seconds:.2f} s")
    print(f"ratio of times: {medians['Surprise SVD'] / medians['Reelwise']:.1f}")


def as_trainset(seen: Observations, low: float, high: float) -> surprise.Trainset:
    """The same ratings in Surprise's form."""
    import pandas as pd

    frame = pd.DataFrame({"user": seen.users, "movie": seen.movies, "stars": seen.stars})
    return surprise.Dataset.load_from_df(frame, surprise.Reader(rating_scale=(low, high))).build_full_trainset()


if __name__ == "__main__":
    main()
