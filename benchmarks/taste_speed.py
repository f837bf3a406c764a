"""Training of the taste model beside implicit's ALS on the processor: seconds per iteration, and what they buy.

    python3 -m pip install implicit scipy
    python3 benchmarks/taste_speed.py [--data DIR] [--threads 2] [--runs 5]

Both fit the same likes of MovieLens 1M (4 stars and more, of each user's a random 80 %) with 64 factors, implicit by
conjugate gradients as is its default. Runs alternate; times are medians, of whole fits without reading data. NDCG@10 is
of known users: a tenth of each user's likes is to be found among all other films. Each model has the settings that
were best on another tenth of the likes after 5 iterations, from a small grid.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # implicit asks for it; before NumPy is imported

import argparse
import itertools
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import implicit
import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

import reelwise
from reelwise.data.readers.movielens import read_dataset
from reelwise.evaluation.metrics import hits, ndcg
from reelwise.evaluation.rankers import Known
from reelwise.evaluation.ranking import recommend
from reelwise.evaluation.splitting import KnownUsers, TestCase
from reelwise.models.config import WeightedALSConfig
from reelwise.models.ranking.weighted_als import fit_ranking_model

FACTORS = 64
ITERATIONS = (1, 2, 3, 5, 10)
TUNED_AFTER = 5
LIKE = 4.0
OUR_GRID = tuple(itertools.product((0.2, 0.3, 0.4), (0.005, 0.007, 0.01)))  # missing weight, regularisation
THEIR_GRID = tuple(itertools.product((2.0, 4.0, 8.0, 16.0), (15.0, 30.0, 60.0, 120.0)))  # alpha, regularisation


def main() -> None:
    """Measure and print."""
    data = Path(os.environ.get("REELWISE_TEST_DATA", "../shared/data")) / "ml-1m"
    parser = argparse.ArgumentParser(description="The taste model's training beside implicit's ALS.")
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    split = KnownUsers.split(dataset.ratings, seed=42, liked=LIKE)
    train = split.train._replace(stars=np.full_like(split.train.stars, LIKE))  # a like is a like, as for implicit
    matrix = csr_matrix((np.ones(len(train.users), np.float32), (train.users, train.movies)), shape=split.shape)

    def ours(setting: tuple[float, float], iterations: int) -> Known:
        settings = replace(
            WeightedALSConfig(factors=FACTORS),
            missing_weight=setting[0],
            regularisation=setting[1],
            iterations=iterations,
        )
        model = fit_ranking_model(train, *split.shape, dataset.ratings.scale, settings, seed=0, threads=options.threads)
        return Known(model.P, model.Q)

    def theirs(setting: tuple[float, float], iterations: int) -> Known:
        model: Any = AlternatingLeastSquares(
            FACTORS, alpha=setting[0], regularization=setting[1], iterations=iterations,
            num_threads=options.threads, random_state=0,
        )  # fmt: skip
        model.fit(matrix, show_progress=False)
        return Known(model.user_factors, model.item_factors)

    fits: dict[str, Callable[[int], Known]] = {}
    print(f"{dataset.name}, {len(train.users):,} likes, {FACTORS} factors, {options.threads} threads")
    print(f"Reelwise {reelwise.__version__}, implicit {implicit.__version__}, Python {platform.python_version()}, "
          f"NumPy {np.__version__}, {os.cpu_count()} cores")  # fmt: skip
    for name, fit, grid, words in (
        ("Reelwise", ours, OUR_GRID, "missing weight {}, regularisation {}"),
        ("implicit", theirs, THEIR_GRID, "alpha {}, regularisation {}"),
    ):
        best = max(grid, key=lambda it, fit=fit: quality(fit(it, TUNED_AFTER), split.validation))  # type: ignore[misc]
        print(f"{name}: {words.format(*best)}")
        fits[name] = lambda iterations, fit=fit, best=best: fit(best, iterations)  # type: ignore[misc]
    report(fits, split.test, options.runs)


def report(fits: dict[str, Callable[[int], Known]], test: TestCase, runs: int) -> None:
    """Time the fits in turn, and print what they reach."""
    seconds: dict[tuple[str, int], list[float]] = {}
    reached: dict[tuple[str, int], float] = {}
    for _, iterations, (name, fit) in itertools.product(range(runs), ITERATIONS, fits.items()):
        started = time.perf_counter()
        ranker = fit(iterations)
        seconds.setdefault((name, iterations), []).append(time.perf_counter() - started)
        if (name, iterations) not in reached:
            reached[name, iterations] = quality(ranker, test)
    medians = {key: statistics.median(taken) for key, taken in seconds.items()}
    headings = (f"{name} s" for name in fits)
    print(f"\n{'iterations':>10}{''.join(f'{it:>14}  NDCG@10' for it in headings)}")
    for iterations in ITERATIONS:
        cells = (f"{medians[name, iterations]:14.3f}{reached[name, iterations]:9.4f}" for name in fits)
        print(f"{iterations:>10}{''.join(cells)}")
    first, last = ITERATIONS[0], ITERATIONS[-1]
    each = {name: (medians[name, last] - medians[name, first]) / (last - first) for name in fits}
    print("\nseconds per iteration: " + ", ".join(f"{name} {it:.3f}" for name, it in each.items()))
    print(f"ratio of these, implicit / Reelwise: {each['implicit'] / each['Reelwise']:.2f}")
    best_of_theirs = max(reached["implicit", it] for it in ITERATIONS)
    enough = [it for it in ITERATIONS if reached["Reelwise", it] >= best_of_theirs]
    if enough:
        print(f"Reelwise reaches implicit's best, {best_of_theirs:.4f}, in {medians['Reelwise', enough[0]]:.3f} s")


def quality(ranker: Known, trial: TestCase) -> float:
    """NDCG@10."""
    return float(ndcg(hits(recommend(ranker, trial, 10), trial.targets)).mean())


if __name__ == "__main__":
    main()
