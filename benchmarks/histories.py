"""What recommendations for a long history take over HTTP, explained, with a model of MovieLens 1M.

    python3 benchmarks/histories.py --model DIR [--requests 300]

`reelwise serve` with one worker is asked over one connection for histories of 20, 200 and 2,000 ratings, as the users
of the model with the most ratings gave them. Milliseconds beside their limits; then a thousand of the longest in a row,
with the memory of the worker before and after.
"""

import argparse
from itertools import cycle
from pathlib import Path

import numpy as np

import servers
from common import describe_versions, report_latencies
from load import ask, post
from reelwise.artifacts.model import Model
from servers import memory

LIMITS = {20: 5.0, 200: 10.0, 2000: 60.0}  # milliseconds
MANY = 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Histories over HTTP.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=300)
    options = parser.parse_args()
    model = Model.load(options.model)
    print(f"{describe_versions('fastapi', 'uvicorn')}; {len(model.users):,} users, {len(model.movies):,} films")
    with servers.reelwise(options.model) as server:
        for length, limit in LIMITS.items():
            bodies = cycle(histories(model, length))
            load = ask(server.port, bodies, 0.02 * options.requests, connections=1)
            if load.broken or set(load.statuses) != {200}:
                raise SystemExit(f"{length} ratings: statuses {dict(load.statuses)}")
            report_latencies(f"{length:,} ratings", [1e3 * one for one in load.latencies], limit)
        before = memory(server.process).own
        answered = 0
        while answered < MANY:
            answered += len(ask(server.port, bodies, 5.0, connections=1).latencies)
        after = memory(server.process).own
        print(f"{answered:,} more of the longest: {before:.0f} MB of memory before, {after:.0f} MB after")


def histories(model: Model, length: int) -> list[bytes]:
    """Requests with so many ratings each, of those who gave the most."""
    assert model.histories is not None
    counts = model.histories.by_user.counts()
    asked = []
    for user in np.argsort(-counts, kind="stable")[:20].tolist():
        movies, stars = model.histories.by_user[user]
        order = np.random.default_rng(user).permutation(len(movies))[:length]
        given = {str(model.movies[movie]): float(one) for movie, one in zip(movies[order], stars[order], strict=True)}
        if len(given) == length:
            asked.append(post("/api/v1/recommendations", {"stars": given}))
    return asked


if __name__ == "__main__":
    main()
