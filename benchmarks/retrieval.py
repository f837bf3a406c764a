"""How long it takes to find the best films and the best matching user in a model of any size, and to load it.

    python3 benchmarks/retrieval.py MODEL [--viewers 300]

MODEL is a folder. For the order by taste and by stars the ten best films of random users, without what they rated, are
found with our index and by the product with all films and `argpartition`. Matching has the most rated films, then 20
films that 100,000 of 331,000 simulated users rated each. One thread, as in the server; medians.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

import platform
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

import reelwise
from reelwise import Recommender
from reelwise.data.ratings import CSR, Ratings
from reelwise.recommend.inner_product_index import ProductIndex
from reelwise.recommend.matching import Matcher

N, LIMIT = 10, 3.0
Floats = npt.NDArray[np.float32]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Milliseconds to find films and users.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--viewers", type=int, default=300)
    options = parser.parse_args()
    before, started = private_memory(), time.perf_counter()
    recommender = Recommender.load(options.model)
    seconds, model = time.perf_counter() - started, recommender.model
    print(f"Reelwise {reelwise.__version__}, Python {platform.python_version()}, NumPy {np.__version__}, one thread; "
          f"{len(model.P):,} users, {len(model.Q):,} films, {len(model.history):,} ratings")  # fmt: skip
    print(f"loaded in {seconds:.2f} s, with {private_memory() - before:.0f} MiB of its own")
    users = np.random.default_rng(0).choice(len(model.P), options.viewers)
    if model.taste:
        retrieval("by taste", model.taste.P, model.taste.Q, model.history, users)
    retrieval("by stars", model.P, model.Q, model.history, users)
    rows = model.history.by_movie
    by_fame = np.argsort(-rows.counts(), kind="stable")
    for picks in (1, 5, 20):
        matching(f"the {picks} most rated", rows, by_fame[:picks], len(model.P))
    matching("20 simulated films", *simulated(331_000, 20, 100_000))


def retrieval(order: str, P: Floats, Q: Floats, history: Ratings, users: npt.NDArray[np.integer]) -> None:
    """One line: the time of ours and of the full product, their ratio, and the share of films multiplied."""
    started = time.perf_counter()
    index = ProductIndex(Q, P)
    built = time.perf_counter() - started
    requests = [(P[user], history.by_user[user][0]) for user in users]
    ours = median([partial(index.best, vector, N, seen) for vector, seen in requests])
    full = median([partial(full_product, Q, vector, seen) for vector, seen in requests])
    touched = np.mean([len(index.contenders(vector, N, seen)[0]) for vector, seen in requests]) / len(Q)
    print(f"{order}: median {ours:.3f} ms, full product {full:.3f} ms, {full / ours:.1f} times faster; "
          f"{touched:.2%} of films are contenders; index built in {built:.2f} s")  # fmt: skip


def full_product(Q: Floats, vector: Floats, seen: npt.NDArray[np.integer]) -> npt.NDArray[np.intp]:
    """The usual way."""
    scores = Q @ vector
    scores[seen] = -np.inf
    best = np.argpartition(scores, len(scores) - N)[-N:]
    return best[np.argsort(-scores[best])]


def matching(what: str, rows: CSR, picks: npt.NDArray[np.integer], users: int) -> None:
    """One line: the time beside the limit."""
    matcher = Matcher(rows, users)
    took = median([partial(matcher.best_user, picks)] * 50)
    ratings = sum(len(rows[int(movie)][0]) for movie in picks)
    print(f"matching {what}, {ratings:,} ratings: median {took:.2f} ms ({took / LIMIT:.2f} of the limit of {LIMIT:g})")


def simulated(users: int, movies: int, each: int) -> tuple[CSR, npt.NDArray[np.integer], int]:
    """Movies with random raters, to be picked all."""
    rng = np.random.default_rng(0)
    raters = [np.sort(rng.choice(users, each, replace=False)) for _ in range(movies)]
    stars = (rng.integers(1, 11, movies * each) / 2).astype(np.float32)
    rows = CSR(np.arange(movies + 1) * each, np.concatenate(raters).astype(np.int32), stars)
    return rows, np.arange(movies), users


def median(requests: Sequence[Callable[[], object]]) -> float:
    """Milliseconds, once warm."""
    requests[0]()
    taken = []
    for request in requests:
        started = time.perf_counter()
        request()
        taken.append((time.perf_counter() - started) * 1000)
    return float(np.median(taken))


def private_memory() -> float:
    """MiB that this process shares with no other and no file; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:")) / 1024


if __name__ == "__main__":
    main()
