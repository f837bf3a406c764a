"""How long a recommendation takes inside the process: blend, top 10 of 3,706 films, reasons.

    python3 benchmarks/request.py [--data DIR] [--threads 2]

Trains on MovieLens 1M (DIR), then asks for random selections of well-known films, and for known users; of the model
folder, and with one thread of BLAS, as a server does. Medians of processor time beside the limit of 2 ms.
"""

import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from common import create_parser, describe_versions, report_latencies, time_requests
from reelwise.artifacts.model import Model
from reelwise.data.readers.movielens import read_dataset
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from reelwise.training.pipeline import TrainingSettings, train

REQUESTS, LIMIT = 300, 2.0


def main() -> None:
    """Measure and print."""
    options = create_parser("Milliseconds per recommendation.").parse_args()
    with tempfile.TemporaryDirectory() as folder:
        train(read_dataset(options.data), TrainingSettings(threads=options.threads)).save(Path(folder, "model"))
        measure(Model.load(Path(folder, "model")))


def measure(model: Model) -> None:
    """How long answers take."""
    service, rng = Service(model), np.random.default_rng(0)
    well_known = np.argsort(-model.stats.counts)[:500]
    print(f"{describe_versions()}; {len(model.users):,} users, {len(model.movies):,} films, one thread")

    def report(what: str, requests: list[Request]) -> None:
        asked = [partial(service.recommend, request) for request in requests]
        report_latencies(what, time_requests(asked, time.thread_time), LIMIT)

    with threadpool_limits(limits=1, user_api="blas"):
        for picks in (1, 3, 5, 10, 20):
            selections = (model.movies.at(rng.choice(well_known, picks, replace=False)) for _ in range(REQUESTS))
            report(f"{picks} picks", [Request(movies=movies) for movies in selections])
        users = model.users.at(rng.choice(len(model.users), REQUESTS))
        report("known user", [Request(user=user) for user in users])
    service.close()


if __name__ == "__main__":
    main()
