"""Requests per second beside a bare FastAPI route, time to be ready, memory, and the early project's loops.

    python3 benchmarks/serving.py --model DIR [--model DIR ...] [--rounds 15] [--seconds 0.5] [--workers 1 2]

For each model two servers run side by side, both `uvicorn`: one with the application of `reelwise serve`, one with
`bare_app.py`, a single route of FastAPI that answers ten films through the same response model, without middleware
and without a model. They are asked in turn over 16 connections from this process, which takes a part of a core itself;
rates, latencies and the server's processor time for a request are medians of the rounds, and so is the ratio of the
two rates of a round. Neither writes a line for a request.

Then what each worker needs of memory for itself. The early project's way, a product per film in a Python loop and a
walk through a dictionary of all users, is timed beside our recommender without HTTP, on a part of its work.

`benchmarks/large_ratings.py` makes ratings of the largest size; `reelwise train` makes the model.
"""

import argparse
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from common import describe_versions
from load import CONNECTIONS, Load, ask, get, post
from reelwise.recommend.recommender import Recommender
from servers import BARE, Server, cpu_seconds, free_port, private_memory, running, workers_of

PICKS = 5
SHARE = 0.02  # of its users that the early project's search is timed on


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Serving beside a bare FastAPI route.")
    parser.add_argument("--model", type=Path, action="append", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    print(f"{describe_versions('fastapi', 'uvicorn')}, {CONNECTIONS} connections")
    for folder in options.model:
        recommender = Recommender.load(folder)
        about = recommender.description
        print(f"\n{folder}: {about.users:,} users, {about.movies:,} films, {about.ratings:,} ratings; "
              f"ready after {median(ready(folder) for _ in range(3)):.2f} s")  # fmt: skip
        asked = questions(recommender)
        for workers in options.workers:
            report(folder, workers, asked, options.rounds, options.seconds)
        early(recommender)


def questions(recommender: Recommender) -> dict[str, list[bytes]]:
    """What is asked, by what it is called."""
    rng = np.random.default_rng(0)
    model = recommender.model
    users = rng.permutation(model.users.ids)[:20_000].tolist()
    known = model.movies.ids[np.argsort(-model.stats.counts)[:1000]]
    picks = [rng.choice(known, PICKS, replace=False).tolist() for _ in range(1000)]
    by_profile, by_blend = ("/recommendations_from_selection", "/recommendations_from_selection?strategy=blend")
    return {
        "known user, the first time": [get(f"/recommendations/{user}") for user in users],
        "known user, again": [get(f"/recommendations/{user}") for user in users[-500:]],
        f"{PICKS} films, profile": [post(by_profile, {"movie_ids": each}) for each in picks],
        f"{PICKS} films, blend": [post(by_blend, {"movie_ids": each}) for each in picks],
        f"{PICKS} films, /api/v1 with reasons": [
            post("/api/v1/recommendations", {"movie_ids": each}) for each in picks
        ],
        f"match of {PICKS} films": [post("/find_matching_user", {"movie_ids": each}) for each in picks],
    }


class Sample(NamedTuple):
    """One round: answers per second, milliseconds, and processor time of the server for an answer in microseconds."""

    rate: float
    p50: float
    p99: float
    cpu: float


def report(folder: Path, workers: int, asked: dict[str, list[bytes]], rounds: int, seconds: float) -> None:
    """Ask both servers in turn, and print a line for each kind of question."""
    print(f"{f'{workers} worker' + 's' * (workers > 1):<36}requests/s   ratio   p50, ms   p99, ms   CPU, µs")
    with running(folder, workers) as ours, running(folder, workers, BARE) as bare:
        serving = workers_of(ours.process) if workers > 1 else [ours.process]
        constant = cycle([get("/constant")])
        for what, requests in asked.items():
            remaining = cycle(requests)  # a user of one round is not asked for in the next
            samples = [(sample(bare, workers, constant, seconds, what), sample(ours, workers, remaining, seconds, what))
                       for _ in range(rounds)]  # fmt: skip
            if what == next(iter(asked)):
                show("a bare FastAPI route", [each for each, _ in samples], 1.0)
            show(what, [each for _, each in samples], median(own.rate / other.rate for other, own in samples))
        private = ", ".join(f"{private_memory(each):.0f} MB" for each in serving)
        print(f"memory that each needs for itself: {private}")


def show(what: str, samples: list[Sample], ratio: float) -> None:
    """Print the medians of one kind of question."""
    rate, p50, p99, cpu = (median(column) for column in zip(*samples, strict=True))
    print(f"{what:<36}{rate:10,.0f}{ratio:8.2f}{p50:10.1f}{p99:10.1f}{cpu:10.0f}", flush=True)


def sample(server: Server, workers: int, requests: Iterator[bytes], seconds: float, what: str) -> Sample:
    """Ask for a short time."""
    processes = workers_of(server.process) if workers > 1 else [server.process]
    before = sum(map(cpu_seconds, processes))
    load = ask(server.port, requests, seconds)
    check(load, what)
    cpu = (sum(map(cpu_seconds, processes)) - before) / len(load.latencies)
    return Sample(load.rate, load.milliseconds(0.5), load.milliseconds(0.99), 1e6 * cpu)


def check(load: Load, what: str) -> None:
    """A measurement counts only if everything was answered."""
    if load.broken or set(load.statuses) != {200}:
        raise SystemExit(f"{what}: {load.broken} broken connections, statuses {dict(load.statuses)}")


def ready(folder: Path) -> float:
    """Seconds from the start of `reelwise serve` until it can recommend."""
    port = free_port()
    command = [sys.executable, "-m", "reelwise", "serve", "--model", str(folder), "--port", str(port)]
    environment = os.environ | {"REELWISE_ACCESS_LOG": "false"}
    started = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment) as process:
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5)
                    return time.perf_counter() - started
                except OSError:
                    time.sleep(0.02)
        finally:
            process.terminate()


def early(recommender: Recommender) -> None:
    """Time the early project's way beside ours, without HTTP on both sides."""
    model = recommender.model
    assert model.histories is not None
    by_user, P, Q = model.histories.by_user, model.rating.P, model.rating.Q
    user, row = model.users[0], 0
    picks = model.movies.ids[np.argsort(-model.stats.counts)[:PICKS]].tolist()
    seen = set(by_user[row][0].tolist())
    part = range(0, len(model.users), max(round(1 / SHARE), 1))
    rated = {each: set(model.movies.ids[by_user[each][0]].tolist()) for each in part}

    def recommend() -> None:
        scores = [(float(np.dot(P[row], Q[movie])), movie) for movie in range(len(Q)) if movie not in seen]
        scores.sort(reverse=True)

    def match() -> None:
        wanted = set(picks)
        max(rated, key=lambda each: len(rated[each] & wanted))

    def ours() -> None:
        recommender.recommend(user, n=31, rank_by="stars", explained=False)  # so long a list is not kept for next time

    pairs: list[tuple[str, Callable[[], object], float, Callable[[], object]]] = [
        ("recommending to a known user", recommend, 1.0, ours),
        (f"matching {PICKS} films", match, len(rated) / len(model.users), lambda: recommender.match(picks)),
    ]
    for what, theirs, share, own in pairs:
        slow, fast = seconds(theirs, 3) / share, seconds(own, 50)
        print(f"{what}: the early project's loops {slow * 1e3:.1f} ms, Reelwise {fast * 1e3:.2f} ms, "
              f"{slow / fast:,.0f} times as fast")  # fmt: skip


def seconds(work: Callable[[], object], runs: int) -> float:
    """The median time of several runs."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return median(taken)


if __name__ == "__main__":
    main()
