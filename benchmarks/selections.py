"""Recommendations from a few picks: how good beside popularity, user-kNN, EASE, linear-for-n and ALS, how varied.

    python3 -m pip install implicit jax scipy
    python3 benchmarks/selections.py [--data DIR] [--threads 2] [--draws 3] [--ours]

In each draw users with at least 30 likes are held out whole, 1,000 for figures and 500 for choosing, or a quarter and
an eighth of all where that is less; 1, 3, 5, 10 and 20 of their likes are given, the others are to be found among all
films. Validation users choose, for each number of picks, how we blend, the regularisation of EASE, and factors,
regularisation and alpha of implicit's ALS, which infers a vector from the picks (`recalculate_user`); and our balance,
as `reelwise train` does. user-kNN has 200 neighbours by cosine. "Reelwise" is ours as it is served, "balance 0" orders
by the scores of the blend themselves, and "no histories" is that as published without them. linear-for-n and Mult-VAE,
a variational autoencoder (`peers/mult_vae.py`) for which validation users say when training ends, are there once more,
balanced by the same rule ("too"). Without implicit or JAX, which has one thread, their rows are left out; `--ours`
leaves out all but ours.

Then a model is trained on all ratings, and asked for 60 random trios of its 600 best-known films.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # implicit asks for it; before NumPy is imported
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")  # else JAX takes all cores

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from common import create_parser, describe_versions
from reelwise.data.dataset import Dataset
from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.types import Floats
from reelwise.evaluation.baselines import ease_grid, fit_each
from reelwise.evaluation.compare import Candidates, choose
from reelwise.evaluation.rankers import Balanced, Pooled, served
from reelwise.evaluation.ranking import Ranker, RankingFigures, measure_ndcg
from reelwise.evaluation.splitting import PICKS, Selections
from reelwise.evaluation.validation.fit_balance import fit_balance
from reelwise.evaluation.validation.fit_blend import fit_blend
from reelwise.evaluation.validation.measure_reasons import share_unexplained
from reelwise.evaluation.validation.raise_fame import raise_fame
from reelwise.models.baselines.linear_for_n import LinearForN
from reelwise.models.baselines.popularity import Popularity
from reelwise.models.baselines.user_knn import UserKNN
from reelwise.models.queries import Queries
from reelwise.models.ranking.balance import fame_of
from reelwise.models.ranking.linear_part import LinearPart
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.recommend.filters import Filters
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from reelwise.training.pipeline import TrainingSettings, train

OURS = ("Reelwise", "balance 0", "no histories")
RIDGES = (1_250, 2_500, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000)
FACTORS, REGULARISATIONS, ALPHAS = (32, 64), (50.0, 100.0, 150.0, 250.0), (1.0, 2.0, 4.0, 10.0, 20.0)
BALANCED = ("linear-for-n", "Mult-VAE")
MIN_LIKES = 30
TRIOS, WELL_KNOWN, BEST_KNOWN = 60, 600, 50


def main() -> None:
    """Measure and print."""
    parser = create_parser("Recommendations from a few picks, beside rivals.")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--ours", action="store_true")
    options = parser.parse_args()
    dataset = read_dataset(options.data)
    ratings = dataset.ratings.interactions()
    print(f"{dataset.name}: {len(ratings):,} ratings; draws {options.draws}, threads {options.threads}; "
          f"{describe_versions('implicit', 'jax')}")  # fmt: skip
    found: dict[str, list[list[RankingFigures]]] = {}
    for seed in range(1, options.draws + 1):
        print(f"\ndraw {seed}")
        for name, figures in measure(ratings, seed, options.threads, options.ours):
            found.setdefault(name, []).append(figures)
    report_quality(found)
    report_variety(found)
    report_trios(dataset, options.threads)


def report_quality(found: dict[str, list[list[RankingFigures]]]) -> None:
    """NDCG@10 of each recommender for each number of picks, and beside one of the rivals, or balance 0."""
    draws = len(next(iter(found.values())))
    means = {
        name: np.mean([[one.ndcg.mean() for one in draw] for draw in figures], axis=0)
        for name, figures in found.items()
    }
    rival = "user-kNN" if "user-kNN" in means else OURS[1]
    print(f"\nNDCG@10, means of {draws} draws")
    print(f"{'picks':<16}{''.join(f'{n:9}' for n in PICKS)}     mean  / {rival}")
    for name, figures in means.items():
        print(f"{format_row(name, figures)}{figures.mean() / means[rival].mean():12.3f}")
    others = [figures for name, figures in means.items() if name not in OURS]
    if others:
        print(f"{'ours / best':<16}{''.join(f'{ratio:9.3f}' for ratio in means[OURS[0]] / np.max(others, axis=0))}")


def report_variety(found: dict[str, list[list[RankingFigures]]]) -> None:
    """How varied lists are, and beside balance 0."""
    draws, at_3 = len(next(iter(found.values()))), PICKS.index(3)
    print(f"\nmeans of {draws} draws, and ratios to {OURS[1]}; different films and the most shown one with 3 picks")
    print(f"{'':<16}{'stratified NDCG@10':>24}{'different films':>24}{'most shown':>12}")

    def summarise(figures: list[list[RankingFigures]]) -> tuple[float, float, float]:
        stratified = np.mean([[one.stratified_ndcg.mean() for one in draw] for draw in figures])
        middle = [draw[at_3] for draw in figures]
        return (
            float(stratified),
            float(np.mean([one.distinct for one in middle])),
            float(np.mean([one.most_shown for one in middle])),
        )

    base = summarise(found[OURS[1]])
    for name, figures in found.items():
        stratified, distinct, most = summarise(figures)
        print(f"{name:<16}{stratified:16.4f} ({stratified / base[0]:.3f}){distinct:16.0f} ({distinct / base[1]:.3f})"
              f"{most:12.1%}")  # fmt: skip


def report_trios(dataset: Dataset, threads: int) -> None:
    """How different the lists are that trios of well-known films lead to."""
    model = train(dataset, TrainingSettings(threads=threads), progress=False)
    service = Service(model)
    by_fame, rng = np.argsort(-model.stats.counts, kind="stable"), np.random.default_rng(0)
    best_known = {*model.movies.at(by_fame[:BEST_KNOWN])}
    trios = [model.movies.at(rng.choice(by_fame[:WELL_KNOWN], 3, replace=False)) for _ in range(TRIOS)]
    print(f"\n{TRIOS} trios of the {WELL_KNOWN} best-known films of {dataset.name}")
    for name, balance in ((f"balance {model.balance:g}, the default", None), ("balance 0", 0.0)):
        lists = [service.recommend(Request(movies=trio, filters=Filters(balance=balance))) for trio in trios]
        shown = [film for films in lists for film in films]
        times = Counter(film.movie_id for film in shown)
        print(f"{name:>26}: {len(times)} different films, one in {max(times.values())} lists; "
              f"{np.mean([film.movie_id in best_known for film in shown]):.0%} among the {BEST_KNOWN} best known, "
              f"{np.mean([not film.reasons for film in shown]):.1%} without a reason")  # fmt: skip
    service.close()


def measure(
    ratings: Interactions, seed: int, threads: int, ours_alone: bool
) -> Iterator[tuple[str, list[RankingFigures]]]:
    """The figures of each recommender for each number of picks, in one draw; NDCG@10 is printed, too."""
    eligible = int((likes_of(ratings).counts_by_user() >= MIN_LIKES).sum())
    split = Selections.split(
        ratings, seed=seed, test_users=min(1000, eligible // 4), validation_users=min(500, eligible // 8)
    )
    train = split.train
    recommenders = fit_ours(split, seed, threads)
    if not ours_alone:
        recommenders |= {
            "popularity": fit_each({"": Popularity()}, train),
            "user-kNN": fit_each({"": UserKNN(neighbours=200)}, train),
            "EASE": fit_each(ease_grid(RIDGES), train),
            "linear-for-n": fit_each({"": LinearForN()}, train),
        }
        if find_spec("implicit") is None:
            print("implicit is not installed: left out")
        else:
            recommenders["implicit ALS"] = fit_implicit(train, seed, threads)
        if find_spec("jax") is None:
            print("JAX is not installed: Mult-VAE is left out")
        else:
            recommenders["Mult-VAE"] = fit_vae(split, seed)
    for name, candidates in recommenders.items():
        tried = [*candidates] if name in BALANCED else candidates
        yield name, report(name, tried, split)
        if name in BALANCED:
            balanced = [(setting, balance_by_rule(ranker, split)) for setting, ranker in tried]
            yield f"{name}, too", report(f"{name}, too", balanced, split)


def report(name: str, candidates: Candidates, split: Selections) -> list[RankingFigures]:
    """Choose among candidates, and measure; NDCG@10 is printed."""
    started = time.perf_counter()
    chosen = choose(candidates, split)
    figures = [one.figures for one in chosen]
    settings = "; ".join(one.setting for one in chosen if one.setting)
    ndcgs = [float(one.ndcg.mean()) for one in figures]
    print(f"{format_row(name, ndcgs)}  {time.perf_counter() - started:5.0f} s  {settings}", flush=True)
    return figures


def balance_by_rule(ranker: Ranker, split: Selections) -> Ranker:
    """The same recommender, balanced between well known and hidden by the rule that chooses our own balance."""
    raters, fame = split.train.counts_by_movie(), fame_of(likes_of(split.train).counts_by_movie())
    return Balanced(ranker, fame, fit_balance(ranker, ranker, split.validation, raters, fame))


def fit_vae(split: Selections, seed: int) -> Candidates:
    """Mult-VAE; validation users choose when training ends."""
    from peers.mult_vae import MultVAE

    def measure(model: Ranker) -> float:
        return float(np.mean([measure_ndcg(model, case).mean() for case in split.validation.values()]))

    yield "", MultVAE(PICKS).fit(split.train, seed, measure)


def format_row(name: str, figures: "list[float] | np.ndarray") -> str:
    """A name, a figure for each number of picks, and their mean."""
    return f"{name:<16}{''.join(f'{figure:9.4f}' for figure in figures)}{np.mean(figures):9.4f}"


def fit_ours(split: Selections, seed: int, threads: int) -> dict[str, Candidates]:
    """Ours with its defaults, blended and balanced as suits validation users; at balance 0; and without histories."""
    model = WeightedALS(seed=seed, threads=threads).fit(split.train, progress=False)
    model = model.with_blend(fit_blend(model, split.validation))
    model.linear, raters = LinearPart.fit(split.train, seed), split.train.counts_by_movie()
    model.fame = raise_fame(model, split.train, seed)
    balance = fit_balance(model, Pooled(model), split.validation, raters, model.fame)
    unexplained = np.mean([*share_unexplained(model, raters, balance, split.test)])
    print(f"balance {balance:g}; {unexplained:.1%} of the films without a reason")
    return {
        OURS[0]: [("", served(model, balance))],
        OURS[1]: [("", model)],
        OURS[2]: [("", model.without_histories())],
    }


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
