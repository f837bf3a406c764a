"""How long a recommendation takes inside the process: blend, top 10 of 3,706 films, reasons.

    python3 benchmarks/request.py [--data DIR] [--threads 2]

Trains on MovieLens 1M (DIR), then asks for random selections of well-known films, and for known users. BLAS has one
thread, as in the server. Medians beside the limit of 2 ms.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from common import create_parser, describe_versions
from reelwise import Recommender
from reelwise.data.readers.movielens import read_dataset
from reelwise.training.pipeline import TrainingSettings, train

REQUESTS, LIMIT = 300, 2.0


def main() -> None:
    """Measure and print."""
    options = create_parser("Milliseconds per recommendation.").parse_args()
    recommender = Recommender(train(read_dataset(options.data), TrainingSettings(threads=options.threads)))
    model = recommender.model
    well_known = model.movies.ids[np.argsort(-model.stats.counts)[:500]]
    rng = np.random.default_rng(0)
    print(f"{describe_versions()}; {len(model.users):,} users, {len(model.movies):,} films, one thread")
    with threadpool_limits(limits=1, user_api="blas"):
        for picks in (1, 3, 5, 10, 20):
            selections = [rng.choice(well_known, picks, replace=False).tolist() for _ in range(REQUESTS)]
            report(f"{picks} picks", [partial(recommender.recommend, movies=chosen) for chosen in selections])
        users = rng.choice(model.users.ids, REQUESTS).tolist()
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
