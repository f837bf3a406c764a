"""Recommendations to known users by the protocol of RecBole-GNN's published table, on MovieLens 1M.

    python3 benchmarks/known_users.py [--data DIR] [--threads 2] [--seed 42]

Ratings of 3 stars and more are positives, all else is dropped. Each user's positives are dealt at random 8:1:1; all
films but those of the user's other parts are ranked. Our weighted ALS has 64 factors, as the published models have
dimensions; its settings and EASE's are chosen by NDCG@10 on the validation part, and every model is fitted to the train
part alone. Published figures: RUCAIBox/RecBole-GNN, results/general/ml-1m.md; their random split is another one.
"""

import itertools
import time

import numpy as np

from common import create_parser, describe_versions
from reelwise.data.interactions import Interactions
from reelwise.data.readers.movielens import read_dataset
from reelwise.evaluation.baselines import ease_grid, fit_each
from reelwise.evaluation.compare import Candidates, choose
from reelwise.evaluation.splitting import KnownUsers
from reelwise.models.baselines.popularity import Popularity
from reelwise.models.ranking.weighted_als import WeightedALS

OURS = "Reelwise, 64 factors"
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
    parser = create_parser("Known users, by RecBole's protocol.")
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    ratings = dataset.ratings.interactions()
    positives = ratings.where(ratings.stars >= POSITIVE)
    split = KnownUsers.split(positives.with_stars(np.full_like(positives.stars, LIKE)), seed=options.seed)
    print(f"{dataset.name}, {POSITIVE:g} stars and more: {len(split.train):,} positives to fit, "
          f"{len(split.test.targets.indices):,} of {len(split.test.queries):,} users to find")  # fmt: skip
    print(f"{describe_versions()}, {options.threads} threads, split seed {options.seed}")
    print(f"\n{'':<21}NDCG@10  Recall@10  MRR@10  Hit@10  coverage")
    recommenders: dict[str, Candidates] = {
        OURS: fit_ours(split.train, positives, options.threads),
        "EASE": fit_each(ease_grid(RIDGES), split.train),
        "popularity": fit_each({"": Popularity()}, split.train),
    }
    found: dict[str, float] = {}
    for name, candidates in recommenders.items():
        started = time.perf_counter()
        (chosen,) = choose(candidates, split)
        seconds, means = time.perf_counter() - started, chosen.figures.means()
        found[name] = means["ndcg"]
        print(f"{name:<21}{means['ndcg']:7.4f}{means['recall']:11.4f}{means['mrr']:8.4f}{means['hit']:8.4f}"
              f"{means['coverage']:10.1%}{seconds:6.0f} s  {chosen.setting}", flush=True)  # fmt: skip
    for name, (ndcg, recall, mrr, hit) in PUBLISHED.items():
        print(f"{name:<21}{ndcg:7.4f}{recall:11.4f}{mrr:8.4f}{hit:8.4f}")
        found[name] = ndcg
    ours = found.pop(OURS)
    print("\nratios of NDCG@10: " + ", ".join(f"{ours / rival:.3f} × {name}" for name, rival in found.items()))


def fit_ours(train: Interactions, positives: Interactions, threads: int) -> Candidates:
    """Weighted ALS with the settings of a grid; its targets are by stars, or alike for all positives."""
    pairs, fitted = (part.users.astype(np.int64) * part.shape[1] + part.movies for part in (positives, train))
    aims = {"by stars": positives.where(np.isin(pairs, fitted)), "alike": train}
    for missing_weight, regularisation, iterations, (aim, ratings) in itertools.product(
        MISSING_WEIGHTS, REGULARISATIONS, ITERATIONS, aims.items()
    ):
        model = WeightedALS(
            seed=0, threads=threads,
            missing_weight=missing_weight, regularisation=regularisation, iterations=iterations,
        )  # fmt: skip
        yield (
            (
                f"missing weight {missing_weight:g}, regularisation {regularisation:g}, {iterations} iterations, "
                f"targets {aim}"
            ),
            model.fit(ratings),
        )


if __name__ == "__main__":
    main()
