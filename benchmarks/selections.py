"""Recommendations from a few picks beside popularity, user-kNN, EASE, linear-for-n and implicit's ALS, on MovieLens 1M.

    python3 -m pip install implicit scipy
    python3 benchmarks/selections.py [--data DIR] [--threads 2] [--draws 3]

In each draw 1,000 test users and 500 validation users with at least 30 likes are held out whole; 1, 3, 5, 10 and 20 of
their likes are given, the others are to be found among all films. Validation users choose, for each number of picks,
how we blend, the regularisation of EASE, and factors, regularisation and alpha of implicit's ALS, which infers a vector
from the picks (`recalculate_user`). user-kNN has 200 neighbours by cosine. Figures are NDCG@10 of test users,
means over the draws. "no histories" is ours as published without them. Without implicit installed its row is left out.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # implicit asks for it; before NumPy is imported

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from common import create_parser, describe_versions
from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.types import Floats
from reelwise.evaluation.baselines import ease_grid, fit_each
from reelwise.evaluation.compare import Candidates, choose
from reelwise.evaluation.splitting import PICKS, Selections
from reelwise.evaluation.validation.fit_blend import fit_blend
from reelwise.models.baselines.linear_for_n import LinearForN
from reelwise.models.baselines.popularity import Popularity
from reelwise.models.baselines.user_knn import UserKNN
from reelwise.models.queries import Queries
from reelwise.models.ranking.weighted_als import WeightedALS

OURS = ("Reelwise blend", "no histories")
RIDGES = (1_250, 2_500, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000)
FACTORS, REGULARISATIONS, ALPHAS = (32, 64), (50.0, 100.0, 150.0, 250.0), (1.0, 2.0, 4.0, 10.0, 20.0)


def main() -> None:
    """Measure and print."""
    parser = create_parser("Recommendations from a few picks, beside rivals.")
    parser.add_argument("--draws", type=int, default=3)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    ratings = dataset.ratings.interactions()
    print(f"{dataset.name}: {len(ratings):,} ratings; draws {options.draws}, threads {options.threads}; "
          f"{describe_versions('implicit')}")  # fmt: skip
    found: dict[str, list[list[float]]] = {}
    for seed in range(1, options.draws + 1):
        print(f"\ndraw {seed}")
        for name, figures in measure(ratings, seed, options.threads):
            found.setdefault(name, []).append(figures)
    print(f"\nNDCG@10, means of {options.draws} draws")
    print(f"{'picks':<16}{''.join(f'{n:9}' for n in PICKS)}     mean  / user-kNN")
    means = {name: np.mean(figures, axis=0) for name, figures in found.items()}
    knn = means["user-kNN"].mean()
    for name, figures in means.items():
        print(f"{format_row(name, figures)}{figures.mean() / knn:12.3f}")
    best = np.max([figures for name, figures in means.items() if name not in OURS], axis=0)
    print(f"{'ours / best':<16}{''.join(f'{ratio:9.3f}' for ratio in means[OURS[0]] / best)}")


def measure(ratings: Interactions, seed: int, threads: int) -> Iterator[tuple[str, list[float]]]:
    """The NDCG@10 of each recommender for each number of picks, in one draw; printed, too."""
    split = Selections.split(ratings, seed=seed)
    train = split.train
    recommenders: dict[str, Candidates] = {
        OURS[0]: fit_ours(split, seed, threads),
        OURS[1]: fit_ours(split, seed, threads, histories=False),
        "popularity": fit_each({"": Popularity()}, train),
        "user-kNN": fit_each({"": UserKNN(neighbours=200)}, train),
        "EASE": fit_each(ease_grid(RIDGES), train),
        "linear-for-n": fit_each({"": LinearForN()}, train),
    }
    if find_spec("implicit") is None:
        print("implicit is not installed: left out")
    else:
        recommenders["implicit ALS"] = fit_implicit(train, seed, threads)
    for name, candidates in recommenders.items():
        started = time.perf_counter()
        chosen = choose(candidates, split)
        figures = [float(one.figures.ndcg.mean()) for one in chosen]
        settings = "; ".join(one.setting for one in chosen if one.setting)
        print(f"{format_row(name, figures)}  {time.perf_counter() - started:5.0f} s  {settings}", flush=True)
        yield name, figures


def format_row(name: str, figures: "list[float] | np.ndarray") -> str:
    """A name, a figure for each number of picks, and their mean."""
    return f"{name:<16}{''.join(f'{figure:9.4f}' for figure in figures)}{np.mean(figures):9.4f}"


def fit_ours(split: Selections, seed: int, threads: int, histories: bool = True) -> Candidates:
    """Ours with its defaults, blended as suits validation users; or as `reelwise push --no-histories` has it."""
    model = WeightedALS(seed=seed, threads=threads).fit(split.train)
    model = model.with_blend(fit_blend(model, split.validation))
    yield "", model if histories else model.without_histories()


@dataclass(frozen=True)
class FoldedIn:
    """ALS of implicit, with vectors inferred from the picks."""

    model: Any

    def score(self, queries: Queries) -> Floats:
        """The products of inferred vectors and item factors."""
        from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

        picks = queries.histories
        content = np.ones(len(picks.indices), np.float32), picks.indices, picks.offsets
        rows = csr_matrix(content, shape=(len(queries), len(self.model.item_factors)))
        return np.asarray(self.model.recalculate_user(np.arange(len(queries)), rows) @ self.model.item_factors.T)


def fit_implicit(train: Interactions, seed: int, threads: int) -> Candidates:
    """ALS of implicit with the settings of a grid."""
    from implicit.cpu.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix

    likes = likes_of(train)
    matrix = csr_matrix((np.ones(len(likes), np.float32), (likes.users, likes.movies)), shape=likes.shape)
    for factors, regularisation, alpha in itertools.product(FACTORS, REGULARISATIONS, ALPHAS):
        model = AlternatingLeastSquares(
            factors, regularization=regularisation, alpha=alpha, num_threads=threads, random_state=seed
        )
        model.fit(matrix, show_progress=False)
        yield f"{factors} factors, regularisation {regularisation:g}, alpha {alpha:g}", FoldedIn(model)


if __name__ == "__main__":
    main()
