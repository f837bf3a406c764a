"""How long it takes to find the best films and the best matching user in a model of any size.

    python3 benchmarks/retrieval.py MODEL [--users 300]

MODEL is a folder. For the order by taste and by stars the ten best films of random users, without what they rated, are
found with the model's index and by the product with all films and `argpartition`. Matching has the most rated films,
then 20 films that 100,000 of 331,000 simulated users rated each. One thread, as in the server; medians.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from common import describe_versions, time_requests
from reelwise.artifacts.model import Model
from reelwise.data.csr import CSR
from reelwise.data.types import Floats, Positions, Rows
from reelwise.models.base import FactorModel
from reelwise.models.retrieval_sketch import Sketch
from reelwise.recommend.inner_product_index import InnerProductIndex
from reelwise.recommend.users.matching import Matcher

N, LIMIT = 10, 3.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Milliseconds to find films and users.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--users", type=int, default=300)
    options = parser.parse_args()
    model = Model.load(options.model)
    histories, indexes = model.histories, model.indexes
    assert histories is not None
    assert indexes is not None
    print(f"{describe_versions()}, one thread; {len(model.users):,} users, {len(model.movies):,} films, "
          f"{len(histories):,} ratings")  # fmt: skip
    users = np.random.default_rng(0).choice(len(model.users), options.users)
    if model.ranking is not None and indexes.ranking is not None:
        report_retrieval("by taste", model.ranking, indexes.ranking, histories.by_user, users)
    report_retrieval("by stars", model.rating, indexes.rating, histories.by_user, users)
    by_fame = np.argsort(-model.stats.counts, kind="stable")
    matcher = Matcher(histories.by_movie, len(model.users))
    for picks in (1, 5, 20):
        report_matching(f"the {picks} most rated", matcher, histories.by_movie.take(by_fame[:picks]), by_fame[:picks])
    simulated = simulate(331_000, 20, 100_000)
    report_matching("20 simulated films", Matcher(simulated, 331_000), simulated, np.arange(20))


def report_retrieval(order: str, model: FactorModel, sketch: Sketch, by_user: CSR, users: Rows) -> None:
    """One line: the time of ours and of the full product, their ratio, and the share of films multiplied."""
    index = InnerProductIndex(model.Q, sketch)
    requests = [(model.P[user], by_user[user][0]) for user in users]
    ours = median(time_requests([partial(index.best, vector, N, seen) for vector, seen in requests]))
    full = median(time_requests([partial(full_product, model.Q, vector, seen) for vector, seen in requests]))
    touched = np.mean([len(index.contenders(vector, N, seen)[0]) for vector, seen in requests]) / len(model.Q)
    print(f"{order}: the full product {full:.3f} ms, Reelwise {ours:.3f} ms, {full / ours:.1f} times as fast; "
          f"{touched:.2%} of films are contenders")  # fmt: skip


def full_product(Q: Floats, vector: Floats, seen: Rows) -> Positions:
    """The usual way."""
    scores = Q @ vector
    scores[seen] = -np.inf
    best = np.argpartition(scores, len(scores) - N)[-N:]
    ordered: Positions = best[np.argsort(-scores[best])]
    return ordered


def report_matching(what: str, matcher: Matcher, rated: CSR, picks: Sequence[int] | Rows) -> None:
    """One line: the time beside the limit."""
    took = median(time_requests([partial(matcher.best_user, picks)] * 50))
    print(f"matching {what}, {len(rated.indices):,} ratings: median {took:.2f} ms "
          f"({took / LIMIT:.2f} of the limit of {LIMIT:g} ms)")  # fmt: skip


def simulate(users: int, movies: int, raters: int) -> CSR:
    """Movies that so many random users rated each."""
    rng = np.random.default_rng(0)
    chosen = [np.sort(rng.choice(users, raters, replace=False)) for _ in range(movies)]
    stars = (rng.integers(1, 11, movies * raters) / 2).astype(np.float32)
    return CSR(np.arange(movies + 1) * raters, np.concatenate(chosen).astype(np.int32), stars)


if __name__ == "__main__":
    main()
