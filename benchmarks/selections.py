"""Recommendations from a few picks beside popularity, user-kNN, EASE and implicit's ALS, on MovieLens 1M.

    python3 -m pip install implicit scipy
    python3 benchmarks/selections.py [--data DIR] [--threads 2] [--draws 3]

In each draw 1,000 test users and 500 validation users with at least 30 likes are held out whole; 1, 3, 5, 10 and 20 of
their likes are given, the others are to be found among all films. Validation users choose, for each number of picks,
our power and pull, the regularisation of EASE, and factors, regularisation and alpha of implicit's ALS, which infers
the vector of a viewer from the picks (`recalculate_user`). user-kNN has 200 neighbours by cosine. Figures are NDCG@10
of test users, means over the draws. "no histories" is ours as published without them. Without implicit installed its
row is left out.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # implicit asks for it; before NumPy is imported

import argparse
import itertools
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Interactions, Ratings
from reelwise.data.readers.movielens import read_dataset
from reelwise.evaluation.baselines import Popularity, UserKNN
from reelwise.evaluation.compare import Candidates, TestCases, choose, regularised
from reelwise.evaluation.fit_blend import fit_powers
from reelwise.evaluation.measure_selections import remaining
from reelwise.evaluation.rankers import Blended
from reelwise.evaluation.splitting import LIKED, PICKS, Queries, Selections
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.ranking.blending import Blend, Profiles, Taste
from reelwise.models.ranking.weighted_als import fit_ranking_model

RIDGES = (1_250, 2_500, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000)
FACTORS, REGULARISATIONS, ALPHAS = (32, 64), (50.0, 100.0, 150.0, 250.0), (1.0, 2.0, 4.0, 10.0, 20.0)


def main() -> None:
    """Measure and print."""
    data = Path(os.environ.get("REELWISE_TEST_DATA", "../shared/data")) / "ml-1m"
    parser = argparse.ArgumentParser(description="Recommendations from a few picks, beside rivals.")
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--draws", type=int, default=3)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    print(f"{dataset.name}: {len(dataset.ratings):,} ratings; draws {options.draws}, threads {options.threads}, "
          f"{os.cpu_count()} cores; Python {platform.python_version()}, {versions()}")  # fmt: skip
    found: dict[str, list[list[float]]] = {}
    for seed in range(1, options.draws + 1):
        print(f"\ndraw {seed}")
        for name, figures in one_draw(dataset.ratings, seed, options.threads):
            found.setdefault(name, []).append(figures)
    print(f"\nNDCG@10, means of {options.draws} draws")
    print(f"{'picks':<16}{''.join(f'{n:9}' for n in PICKS)}     mean  / user-kNN")
    means = {name: np.mean(figures, axis=0) for name, figures in found.items()}
    knn = means["user-kNN"].mean()
    for name, figures in means.items():
        print(f"{name:<16}{''.join(f'{it:9.4f}' for it in figures)}{figures.mean():9.4f}{figures.mean() / knn:12.3f}")
    rivals = means.keys() - {"Reelwise blend", "no histories"}
    best = np.max([means[name] for name in rivals], axis=0)
    ratios = means["Reelwise blend"] / best
    print(f"{'ours / best':<16}{''.join(f'{it:9.3f}' for it in ratios)}")


def one_draw(ratings: Ratings, seed: int, threads: int) -> Iterator[tuple[str, list[float]]]:
    """The NDCG@10 of each recommender for each number of picks; printed, too."""
    split = Selections.split(ratings, seed=seed, test_users=1000, validation_users=500, min_likes=30)
    likes, shape = split.train.where(split.train.stars >= LIKED), split.shape
    trials = TestCases([split.validation[n] for n in PICKS], [split.test[n] for n in PICKS], split.train, shape[1])
    recommenders: dict[str, Callable[[], Candidates]] = {
        "Reelwise blend": lambda: [("", Blended(blend(ratings, split, seed, threads)))],
        "no histories": lambda: [("", Blended(bare(blend(ratings, split, seed, threads))))],
        "popularity": lambda: [("", Popularity.fit(likes, shape))],
        "user-kNN": lambda: [("", UserKNN.fit(likes, shape, neighbours=200))],
        "EASE": lambda: regularised(likes, shape, RIDGES),
        "implicit ALS": lambda: folded(likes, shape, seed, threads),
    }
    if find_spec("implicit") is None:
        print("implicit is not installed: left out")
        del recommenders["implicit ALS"]
    for name, candidates in recommenders.items():
        started = time.perf_counter()
        chosen = choose(candidates(), trials)
        figures = [float(it.figures.ndcg.mean()) for it in chosen]
        print(f"{name:<16}{''.join(f'{it:9.4f}' for it in figures)}{np.mean(figures):9.4f}"
              f"  {time.perf_counter() - started:5.0f} s  {'; '.join(it.setting for it in chosen if it.setting)}",
              flush=True)  # fmt: skip
        yield name, figures


def blend(ratings: Ratings, split: Selections, seed: int, threads: int) -> Blend:
    """Our own, with its defaults; powers and pulls as suits the validation users."""
    settings, taste_settings = BlendConfig(), WeightedALSConfig()
    model = fit_ranking_model(split.train, *split.shape, ratings.scale, taste_settings, seed=seed, threads=threads)
    history = remaining(ratings, split.train)
    profiles = Profiles.chosen(model.P, model.Q, history, settings, seed)
    start = Blend(Taste(model.P, model.Q, profiles), history, settings, taste_settings)
    return replace(start, settings=fit_powers(start, split.validation))


def bare(whole: Blend) -> Blend:
    """The same as it is published with `reelwise push --no-histories`."""
    profiles, settings = whole.taste.profiles.without_histories(whole.settings)
    return replace(whole, taste=replace(whole.taste, profiles=profiles), settings=settings)


@dataclass(frozen=True)
class Folded:
    """ALS of implicit, with vectors inferred from the picks."""

    model: Any

    def scores(self, viewers: Queries) -> npt.NDArray[np.float32]:
        """The products of inferred vectors and item factors."""
        from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

        picks = viewers.picks
        content = np.ones(len(picks.indices), np.float32), picks.indices, picks.offsets
        rows = csr_matrix(content, shape=(len(viewers), len(self.model.item_factors)))
        return np.asarray(self.model.recalculate_user(np.arange(len(viewers)), rows) @ self.model.item_factors.T)


def folded(likes: Interactions, shape: tuple[int, int], seed: int, threads: int) -> Candidates:
    """ALS of implicit with the settings of a grid."""
    from implicit.cpu.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix

    matrix = csr_matrix((np.ones(len(likes.users), np.float32), (likes.users, likes.movies)), shape=shape)
    for factors, regularisation, alpha in itertools.product(FACTORS, REGULARISATIONS, ALPHAS):
        model = AlternatingLeastSquares(
            factors, regularization=regularisation, alpha=alpha, num_threads=threads, random_state=seed
        )
        model.fit(matrix, show_progress=False)
        yield f"{factors} factors, regularisation {regularisation:g}, alpha {alpha:g}", Folded(model)


def versions() -> str:
    """Of what the figures depend on."""
    named = []
    for package in ("reelwise", "numpy", "implicit"):
        try:
            named.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            named.append(f"no {package}")
    return ", ".join(named)


if __name__ == "__main__":
    main()
