"""From a pandas frame of ratings to a fitted rating model, beside Surprise: seconds, memory, RMSE.

    python3 -m pip install scikit-surprise pandas
    python3 benchmarks/frames.py [--data DIR] [--threads 2] [--runs 3] [--texts]

Both get the same frame in a process of its own: a random 90 % of the ratings of a data set (MovieLens 1M by default) in
random order, with its own ids, or with `--texts` ids such as "u00001" and "tt0000001". The clock runs from the frame to
the fitted model, with the defaults of each:

    reelwise    Dataset.from_frame, MatrixFactorization().fit
    short       the same with MatrixFactorization(epochs=10), which is enough to predict better than Surprise
    surprise    Dataset.load_from_df, build_full_trainset, SVD().fit

A fit of 1,000 ratings goes before, so that nothing is compiled or imported while the clock runs. Memory is what the
process takes at most beyond what it takes with the frame loaded. The RMSE is that of the other 10 %, clipped to the
scale.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from common import create_parser, describe_versions
from reelwise.data.dataset import Dataset
from reelwise.data.readers.movielens import read_dataset
from reelwise.models.rating.matrix_factorization import MatrixFactorization

GOAL = 20
MIB = 1024  # kibibytes, in which Linux counts what a process takes


class Fitted(NamedTuple):
    """How long it took, and what predicts the stars of pairs of ids."""

    seconds: float
    predict: Callable[[list[Any], list[Any]], list[float]]


def main() -> None:
    """Measure each in a process of its own, and print both."""
    parser = create_parser("From a frame to a fitted rating model, beside Surprise.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--texts", action="store_true", help="ids are texts")
    parser.add_argument("--worker", nargs=2, help="(what the script calls itself with)")
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(measure(options.worker[0], Path(options.worker[1]), options.threads, options.runs)))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = write_frames(options.data, options.texts, Path(folder))
        print(f"{rows:,} ratings of {options.data.name}, {'texts' if options.texts else 'numbers'} as ids; "
              f"{options.threads} threads for Reelwise, one for Surprise")  # fmt: skip
        print(describe_versions("pandas", "polars", "scikit-surprise"))
        found = {}
        for name in CONTESTANTS:
            command = [sys.executable, __file__, "--threads", str(options.threads), "--runs", str(options.runs)]
            worker = subprocess.run([*command, "--worker", name, folder], check=True, stdout=subprocess.PIPE, text=True)
            found[name] = json.loads(worker.stdout)
    for name, figures in found.items():
        print(f"{name:>9}: {figures['seconds']:6.2f} s (median of {options.runs}), {figures['mebibytes']:5.0f} MiB, "
              f"RMSE {figures['rmse']:.4f}")  # fmt: skip
    peer = found.pop("surprise")
    for name, figures in found.items():
        print(f"{name:>9}: {peer['seconds'] / figures['seconds']:.1f} times as fast as Surprise (goal {GOAL}), "
              f"{figures['mebibytes'] / peer['mebibytes']:.2f} of its memory")  # fmt: skip


def write_frames(data: Path, texts: bool, folder: Path) -> int:
    """Write the ratings to fit and to predict; how many are to fit."""
    parts = read_dataset(data).split_ratings(test=0.1, seed=7)
    for name, part in zip(("train", "test"), parts, strict=True):
        frame = part.to_polars().select("user", "movie", pl.col("rating").cast(pl.Float64))
        frame = frame.sample(fraction=1, shuffle=True, seed=7)
        if texts:
            frame = frame.with_columns(
                user=pl.format("u{}", pl.col("user").cast(pl.String).str.zfill(6)),
                movie=pl.format("tt{}", pl.col("movie").cast(pl.String).str.zfill(7)),
            )
        frame.write_parquet(folder / f"{name}.parquet")
    return len(parts[0].ratings)


def measure(name: str, folder: Path, threads: int, runs: int) -> dict[str, float]:
    """Seconds, mebibytes and RMSE of one contestant."""
    import pandas as pd

    frames = {part: pl.read_parquet(folder / f"{part}.parquet").to_dict(as_series=False) for part in ("train", "test")}
    train, test = pd.DataFrame(frames.pop("train")), frames.pop("test")
    scale = (float(train["rating"].min()), float(train["rating"].max()))
    contestant = CONTESTANTS[name]
    contestant(train.head(1000), scale, threads)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fits = [contestant(train, scale, threads) for _ in range(runs)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    predicted = np.clip(fits[-1].predict(test["user"], test["movie"]), *scale)
    return {
        "seconds": median(fit.seconds for fit in fits),
        "mebibytes": max(peak - before, 1) / MIB,
        "rmse": float(np.sqrt(np.mean(np.square(predicted - np.array(test["rating"]))))),
    }


def fit_reelwise(train: Any, scale: tuple[float, float], threads: int, **settings: Any) -> Fitted:
    """Our own."""
    started = time.perf_counter()
    data = Dataset.from_frame(train, scale=scale)
    model = MatrixFactorization(threads=threads, **settings).fit(data, progress=False)
    seconds = time.perf_counter() - started

    def predict(users: list[Any], movies: list[Any]) -> list[float]:
        return list(map(float, model.predict({"user": users, "movie": movies}).column("stars")))

    return Fitted(seconds, predict)


def fit_surprise(train: Any, scale: tuple[float, float], threads: int) -> Fitted:  # noqa: ARG001 - it has one
    """Surprise's."""
    from surprise import SVD, Reader
    from surprise import Dataset as Frame

    started = time.perf_counter()
    trainset = Frame.load_from_df(train[["user", "movie", "rating"]], Reader(rating_scale=scale)).build_full_trainset()
    model = SVD(random_state=7).fit(trainset)
    seconds = time.perf_counter() - started
    return Fitted(seconds, lambda users, movies: [model.predict(*pair).est for pair in zip(users, movies, strict=True)])


CONTESTANTS: dict[str, Callable[..., Fitted]] = {
    "reelwise": fit_reelwise,
    "short": partial(fit_reelwise, epochs=10),
    "surprise": fit_surprise,
}


if __name__ == "__main__":
    main()
