"""Training of the ranking model beside implicit's ALS on the processor: seconds per iteration, and what they buy.

    python3 -m pip install implicit scipy
    python3 benchmarks/taste_speed.py [--data DIR] [--threads 2] [--runs 5]

Both fit the same likes of MovieLens 1M (4 stars and more, of each user's a random 80 %) with 64 factors, implicit by
conjugate gradients as is its default. Runs alternate; times are medians, of whole fits without reading data. NDCG@10 is
of known users: a tenth of each user's likes is to be found among all other films. Each model has the settings that
were best on another tenth of the likes after 5 iterations, from a small grid.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # implicit asks for it; before NumPy is imported

import itertools
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from common import create_parser, describe_versions
from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.types import Floats
from reelwise.evaluation.ranking import Ranker, measure_ndcg
from reelwise.evaluation.splitting import KnownUsers, TestCase
from reelwise.models.queries import Queries
from reelwise.models.ranking.weighted_als import WeightedALS

FACTORS = 64
ITERATIONS = (1, 2, 3, 5, 10)
TUNED_AFTER = 5
LIKE = 4.0
OUR_GRID = tuple(itertools.product((0.2, 0.3, 0.4), (0.005, 0.007, 0.01)))  # missing weight, regularisation
THEIR_GRID = tuple(itertools.product((2.0, 4.0, 8.0, 16.0), (15.0, 30.0, 60.0, 120.0)))  # alpha, regularisation


Fit = Callable[[int], Ranker]  # given how many iterations


def main() -> None:
    """Measure and print."""
    parser = create_parser("The ranking model's training beside implicit's ALS.")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    likes = likes_of(dataset.ratings.interactions())
    split = KnownUsers.split(likes.with_stars(np.full_like(likes.stars, LIKE)), seed=42)  # alike, as for implicit
    print(f"{dataset.name}, {len(split.train):,} likes, {FACTORS} factors, {options.threads} threads")
    print(describe_versions("implicit"))
    fits: dict[str, Fit] = {}
    for name, settings, words in (
        ("Reelwise", fit_ours(split.train, options.threads), "missing weight {}, regularisation {}"),
        ("implicit", fit_implicit(split.train, options.threads), "alpha {}, regularisation {}"),
    ):
        qualities = {setting: measure(fit(TUNED_AFTER), split.validation) for setting, fit in settings}
        best = max(qualities, key=qualities.__getitem__)
        print(f"{name}: {words.format(*best)}")
        fits[name] = dict(settings)[best]
    report(fits, split.test, options.runs)


def fit_ours(train: Interactions, threads: int) -> list[tuple[tuple[float, float], Fit]]:
    """How to fit weighted ALS, by setting."""

    def fit(missing_weight: float, regularisation: float, iterations: int) -> Ranker:
        return WeightedALS(
            factors=FACTORS, missing_weight=missing_weight, regularisation=regularisation, iterations=iterations,
            seed=0, threads=threads,
        ).fit(train)  # fmt: skip

    return [(setting, partial(fit, *setting)) for setting in OUR_GRID]


class Products(NamedTuple):
    """Known users by products of factors."""

    P: Floats
    Q: Floats

    def score(self, queries: Queries) -> Floats:
        """The users' products with Q."""
        scores: Floats = self.P[queries.users] @ self.Q.T
        return scores


def fit_implicit(train: Interactions, threads: int) -> list[tuple[tuple[float, float], Fit]]:
    """How to fit ALS of implicit, by setting."""
    matrix = csr_matrix((np.ones(len(train), np.float32), (train.users, train.movies)), shape=train.shape)

    def fit(alpha: float, regularisation: float, iterations: int) -> Ranker:
        model: Any = AlternatingLeastSquares(
            FACTORS, alpha=alpha, regularization=regularisation, iterations=iterations,
            num_threads=threads, random_state=0,
        )  # fmt: skip
        model.fit(matrix, show_progress=False)
        return Products(model.user_factors, model.item_factors)

    return [(setting, partial(fit, *setting)) for setting in THEIR_GRID]


def report(fits: dict[str, Fit], test: TestCase, runs: int) -> None:
    """Time the fits in turn, and print what they reach."""
    seconds: dict[tuple[str, int], list[float]] = {}
    reached: dict[tuple[str, int], float] = {}
    for _, iterations, (name, fit) in itertools.product(range(runs), ITERATIONS, fits.items()):
        started = time.perf_counter()
        ranker = fit(iterations)
        seconds.setdefault((name, iterations), []).append(time.perf_counter() - started)
        if (name, iterations) not in reached:
            reached[name, iterations] = measure(ranker, test)
    medians = {key: statistics.median(taken) for key, taken in seconds.items()}
    headings = [f"{name} s" for name in fits]
    print(f"\n{'iterations':>10}{''.join(f'{heading:>14}  NDCG@10' for heading in headings)}")
    for iterations in ITERATIONS:
        cells = (f"{medians[name, iterations]:14.3f}{reached[name, iterations]:9.4f}" for name in fits)
        print(f"{iterations:>10}{''.join(cells)}")
    first, last = ITERATIONS[0], ITERATIONS[-1]
    each = {name: (medians[name, last] - medians[name, first]) / (last - first) for name in fits}
    print("\nseconds per iteration: " + ", ".join(f"{name} {taken:.3f}" for name, taken in each.items()))
    print(f"ratio of these, implicit / Reelwise: {each['implicit'] / each['Reelwise']:.2f}")
    best_of_theirs = max(reached["implicit", iterations] for iterations in ITERATIONS)
    enough = [iterations for iterations in ITERATIONS if reached["Reelwise", iterations] >= best_of_theirs]
    if enough:
        print(f"Reelwise reaches implicit's best, {best_of_theirs:.4f}, in {medians['Reelwise', enough[0]]:.3f} s")


def measure(ranker: Ranker, case: TestCase) -> float:
    """The mean NDCG@10."""
    return float(measure_ndcg(ranker, case).mean())


if __name__ == "__main__":
    main()
