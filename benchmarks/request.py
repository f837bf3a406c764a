"""How long a recommendation takes inside the process: blend, top 10 of 3,706 films, reasons.

    python3 benchmarks/request.py [--data DIR]

Trains on MovieLens 1M (DIR), then asks for random selections of well-known films, and for known users. BLAS has one
thread, as in the server. Medians beside the limit of 2 ms.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

import reelwise
from reelwise import Recommender
from reelwise.data.readers.movielens import read_dataset
from reelwise.training.pipeline import TrainingSettings, train

REQUESTS, LIMIT = 300, 2.0


def main() -> None:
    """Measure and print."""
    data = Path(os.environ.get("REELWISE_TEST_DATA", "../shared/data")) / "ml-1m"
    parser = argparse.ArgumentParser(description="Milliseconds per recommendation.")
    parser.add_argument("--data", type=Path, default=data)
    recommender = Recommender(train(read_dataset(parser.parse_args().data), TrainingSettings(threads=2)))
    history = recommender.model.history
    well_known = history.movie_ids[np.argsort(-recommender.films.counts)[:500]]
    rng = np.random.default_rng(0)
    print(f"Reelwise {reelwise.__version__}, Python {platform.python_version()}, NumPy {np.__version__}, "
          f"{len(history.user_ids):,} users, {len(history.movie_ids):,} films, one thread")  # fmt: skip
    with threadpool_limits(limits=1, user_api="blas"):
        for picks in (1, 3, 5, 10, 20):
            selections = [rng.choice(well_known, picks, replace=False).tolist() for _ in range(REQUESTS)]
            report(f"{picks} picks", [partial(recommender.recommend, movies=chosen) for chosen in selections])
        users = rng.choice(history.user_ids, REQUESTS).tolist()
        report("known user", [partial(recommender.recommend, user) for user in users])


def report(what: str, requests: Sequence[Callable[[], object]]) -> None:
    """One line: median, 95th percentile, and the limit."""
    requests[0]()
    taken = []
    for request in requests:
        started = time.perf_counter()
        request()
        taken.append((time.perf_counter() - started) * 1000)
    median, slow = np.median(taken), np.quantile(taken, 0.95)
    print(f"{what:>10}: median {median:.2f} ms, p95 {slow:.2f} ms ({median / LIMIT:.2f} of the limit of {LIMIT:g} ms)")


if __name__ == "__main__":
    main()
