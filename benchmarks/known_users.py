"""Recommendations to known users by the protocol of RecBole-GNN's published table, on MovieLens 1M.

    python3 benchmarks/known_users.py [--data DIR] [--threads 2] [--seed 42]

Ratings of 3 stars and more are positives, all else is dropped. Each user's positives are dealt at random 8:1:1; all
films but those of the user's other parts are ranked. Our weighted ALS has 64 factors, as the published models have
dimensions; its settings and EASE's are chosen by NDCG@10 on the validation part, and every model is fitted to the train
part alone. Published figures: RUCAIBox/RecBole-GNN, results/general/ml-1m.md; their random split is another one.
"""

import argparse
import itertools
import os
import platform
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import reelwise
from reelwise.data.ratings import RatingScale
from reelwise.data.readers.movielens import read_dataset
from reelwise.evaluation.baselines import Popularity
from reelwise.evaluation.compare import Candidates, TestCases, choose, regularised
from reelwise.evaluation.rankers import Known
from reelwise.evaluation.splitting import KnownUsers
from reelwise.models.config import WeightedALSConfig
from reelwise.models.ranking.weighted_als import fit_ranking_model

if TYPE_CHECKING:
    from collections.abc import Callable

POSITIVE, LIKE = 3.0, 4.0
MISSING_WEIGHTS, REGULARISATIONS, ITERATIONS = (0.2, 0.3, 0.4), (0.005, 0.007, 0.01), (8, 16)
RIDGES = (100, 200, 400, 800, 1600)
PUBLISHED = {  # NDCG@10, Recall@10, MRR@10, Hit@10
    "XSimGCL, published": (0.2750, 0.2116, 0.4638, 0.7743),
    "LightGCN, published": (0.2538, 0.1861, 0.4388, 0.7330),
    "BPR, published": (0.2401, 0.1776, 0.4187, 0.7199),
}


def main() -> None:
    """Measure and print."""
    data = Path(os.environ.get("REELWISE_TEST_DATA", "../shared/data")) / "ml-1m"
    parser = argparse.ArgumentParser(description="Known users, by RecBole's protocol.")
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    split = KnownUsers.split(dataset.ratings, seed=options.seed, liked=POSITIVE)
    shape, trials = split.shape, TestCases([split.validation], [split.test], split.train, split.shape[1])
    print(f"{dataset.name}, {POSITIVE:g} stars and more: {len(split.train.stars):,} positives to fit, "
          f"{len(split.test.targets.indices):,} of {len(split.test.viewers):,} users to find")  # fmt: skip
    print(f"Reelwise {reelwise.__version__} ({options.threads} threads), Python {platform.python_version()}, "
          f"NumPy {np.__version__}, {os.cpu_count()} cores, split seed {options.seed}")  # fmt: skip
    print(f"\n{'':<21}NDCG@10  Recall@10  MRR@10  Hit@10  coverage")
    recommenders: dict[str, Callable[[], Candidates]] = {
        "Reelwise, 64 factors": lambda: ours(split, dataset.ratings.scale, options.threads),
        "EASE": lambda: regularised(split.train, shape, RIDGES),
        "popularity": lambda: [("", Popularity.fit(split.train, shape))],
    }
    found: dict[str, float] = {}
    for name, candidates in recommenders.items():
        started = time.perf_counter()
        (chosen,) = choose(candidates(), trials)
        seconds, means = time.perf_counter() - started, chosen.figures.means()
        found[name] = means["ndcg"]
        print(f"{name:<21}{means['ndcg']:7.4f}{means['recall']:11.4f}{means['mrr']:8.4f}{means['hit']:8.4f}"
              f"{means['coverage']:10.1%}{seconds:6.0f} s  {chosen.setting}", flush=True)  # fmt: skip
    for name, (ndcg, recall, mrr, hit) in PUBLISHED.items():
        print(f"{name:<21}{ndcg:7.4f}{recall:11.4f}{mrr:8.4f}{hit:8.4f}")
        found[name] = ndcg
    our_ndcg = found.pop("Reelwise, 64 factors")
    print("\nratios of NDCG@10: " + ", ".join(f"{our_ndcg / rival:.3f} × {name}" for name, rival in found.items()))


def ours(split: KnownUsers, scale: RatingScale, threads: int) -> Candidates:
    """Weighted ALS with the settings of a grid; its targets are by stars, or alike for all positives."""
    alike = split.train._replace(stars=np.full_like(split.train.stars, LIKE))
    grid = itertools.product(MISSING_WEIGHTS, REGULARISATIONS, ITERATIONS, ("by stars", "alike"))
    for missing_weight, regularisation, iterations, aims in grid:
        settings = replace(
            WeightedALSConfig(factors=64),
            missing_weight=missing_weight, regularisation=regularisation, iterations=iterations,
        )  # fmt: skip
        train = alike if aims == "alike" else split.train
        model = fit_ranking_model(train, *split.shape, scale, settings, seed=0, threads=threads)
        yield (
            (
                f"missing weight {missing_weight:g}, regularisation {regularisation:g}, {iterations} iterations, "
                f"targets {aims}"
            ),
            Known(model.P, model.Q),
        )


if __name__ == "__main__":
    main()
