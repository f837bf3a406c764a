"""How long a recommendation takes inside the process: blend, top 10 of 3,706 films, reasons.

    python3 benchmarks/request.py [--data DIR] [--threads 2]

Trains on MovieLens 1M (DIR), then asks for random selections of well-known films, and for known users. BLAS has one
thread, as in the server. Medians beside the limit of 2 ms.
"""

from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from common import create_parser, describe_versions, report_latencies, time_requests
from reelwise.data.readers.movielens import read_dataset
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from reelwise.training.pipeline import TrainingSettings, train

REQUESTS, LIMIT = 300, 2.0


def main() -> None:
    """Measure and print."""
    options = create_parser("Milliseconds per recommendation.").parse_args()
    model = train(read_dataset(options.data), TrainingSettings(threads=options.threads))
    service, rng = Service(model), np.random.default_rng(0)
    well_known = np.argsort(-model.stats.counts)[:500]
    print(f"{describe_versions()}; {len(model.users):,} users, {len(model.movies):,} films, one thread")

    def report(what: str, requests: list[Request]) -> None:
        report_latencies(what, time_requests([partial(service.recommend, request) for request in requests]), LIMIT)

    with threadpool_limits(limits=1, user_api="blas"):
        for picks in (1, 3, 5, 10, 20):
            selections = (model.movies.at(rng.choice(well_known, picks, replace=False)) for _ in range(REQUESTS))
            report(f"{picks} picks", [Request(movies=movies) for movies in selections])
        users = model.users.at(rng.choice(len(model.users), REQUESTS))
        report("known user", [Request(user=user) for user in users])
    service.close()


if __name__ == "__main__":
    main()
