"""What serving costs: processor time until a worker is ready, its memory, and requests per second beside a bare route.

    python3 benchmarks/serving.py --model DIR [--model DIR ...] [--rounds 15] [--seconds 0.5] [--workers 1 2]

For each model two servers run side by side: `reelwise serve`, and uvicorn with `bare_app.py`, a single route of FastAPI
that answers ten films through the same response model, without middleware and without a model. They are asked in turn
over 16 connections from this process, which takes a part of a core itself; rates, latencies and the server's processor
time for a request are medians of the rounds, and so is the ratio of the two rates of a round. Neither writes a line for
a request. Then, while these still run, what each worker needs of memory: for itself (USS), and with its part of what
workers share (PSS). Last, the processor time that the first start of a server takes, and that one worker more takes
from its start until it is ready: one of two is killed, and another one takes its place.

The early project's way, a product per film in a Python loop and a walk through a dictionary of all users, is timed
beside our service without HTTP, on a part of its work.

`benchmarks/large_model.py` makes a model of the largest size. Linux.
"""

import argparse
import os
import signal
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

import servers
from common import describe_versions, time_median
from load import CONNECTIONS, ask, get, post
from reelwise.artifacts.model import Model
from reelwise.recommend.filters import Filters
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from servers import Server, cpu_seconds, memory

PICKS = 5
STARTS = 3  # of a further worker
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
        model = Model.load(folder)
        about = model.description
        print(f"\n{folder}: {about.users:,} users, {about.movies:,} films, {about.ratings:,} ratings")
        asked = questions(model)
        for workers in options.workers:
            report(folder, workers, asked, options.rounds, options.seconds)
        early(model)


def questions(model: Model) -> dict[str, list[bytes]]:
    """What is asked, by what it is called."""
    rng = np.random.default_rng(0)
    users = model.users.at(rng.permutation(len(model.users))[:20_000])
    known = np.argsort(-model.stats.counts)[:1000]
    picks = [{"movie_ids": model.movies.at(rng.choice(known, PICKS, replace=False))} for _ in range(1000)]
    by_profile, by_blend = "/recommendations_from_selection", "/recommendations_from_selection?strategy=blend"
    return {
        "known user, the first time": [get(f"/recommendations/{user}") for user in users],
        "known user, again": [get(f"/recommendations/{user}") for user in users[-500:]],
        f"{PICKS} films, profile": [post(by_profile, each) for each in picks],
        f"{PICKS} films, blend": [post(by_blend, each) for each in picks],
        f"{PICKS} films, /api/v1 with reasons": [post("/api/v1/recommendations", each) for each in picks],
        f"match of {PICKS} films": [post("/find_matching_user", each) for each in picks],
    }


class Sample(NamedTuple):
    """One round: answers per second, milliseconds, and processor time of the server for an answer in microseconds."""

    rate: float
    p50: float
    p99: float
    cpu: float


def report(folder: Path, workers: int, asked: dict[str, list[bytes]], rounds: int, seconds: float) -> None:
    """Ask both servers in turn, and print a line for each kind of question; then memory and starts."""
    print(f"{f'{workers} worker' + 's' * (workers > 1):<36}requests/s   ratio   p50, ms   p99, ms   CPU, µs")
    with servers.reelwise(folder, workers) as ours, servers.bare(workers) as bare:
        constant = cycle([get("/constant")])
        for what, requests in asked.items():
            remaining = cycle(requests)  # a user of one round is not asked for in the next
            try:
                samples = [(sample(bare, constant, seconds), sample(ours, remaining, seconds)) for _ in range(rounds)]
            except NotAnswered as refused:
                print(f"{what:<36}not measured: {refused}", flush=True)
                continue
            if what == next(iter(asked)):
                show("a bare FastAPI route", [each for each, _ in samples], 1.0)
            show(what, [each for _, each in samples], median(own.rate / other.rate for other, own in samples))
        used = [
            f"{own:.0f} MB of its own, {share:.0f} MB with its part" for own, share, _ in map(memory, ours.workers())
        ]
        print(f"memory of each worker: {'; '.join(used)}")
    started = [further_worker(folder) for _ in range(STARTS)]
    first, further, waited = (median(column) for column in zip(*started, strict=True))
    print(f"start with one worker: {first:.2f} s of processor time; "
          f"one worker more: {further:.2f} s of processor time, ready after {waited:.2f} s", flush=True)  # fmt: skip


def further_worker(folder: Path) -> tuple[float, float, float]:
    """Seconds of processor time: of a server alone until it is ready, of one worker more; and until that is ready."""
    with servers.reelwise(folder) as alone:
        first = cpu_seconds(alone.process)
    with servers.reelwise(folder, workers=2) as server:
        old, started = server.workers(), server.started()
        os.kill(old[0], signal.SIGKILL)
        while not (new := [worker for worker in server.workers() if worker not in old]):
            time.sleep(0.001)
        start = time.perf_counter()
        while server.started() == started:
            time.sleep(0.001)
        return first, cpu_seconds(new[0]), time.perf_counter() - start


def show(what: str, samples: list[Sample], ratio: float) -> None:
    """Print the medians of one kind of question."""
    rate, p50, p99, cpu = (median(column) for column in zip(*samples, strict=True))
    print(f"{what:<36}{rate:10,.0f}{ratio:8.2f}{p50:10.1f}{p99:10.1f}{cpu:10.0f}", flush=True)


class NotAnswered(Exception):
    """Not all requests were answered, so that nothing was measured."""


def sample(server: Server, requests: Iterator[bytes], seconds: float) -> Sample:
    """Ask for a short time.

    Raises:
        NotAnswered: Raised when one was not; a server refuses those of one client that would wait long.
    """
    workers = server.workers()
    before = sum(map(cpu_seconds, workers))
    load = ask(server.port, requests, seconds)
    if load.broken or set(load.statuses) != {200}:
        raise NotAnswered(f"{load.broken} broken connections, statuses {dict(load.statuses)}")
    cpu = (sum(map(cpu_seconds, workers)) - before) / len(load.latencies)
    return Sample(load.rate, load.milliseconds(0.5), load.milliseconds(0.99), 1e6 * cpu)


def early(model: Model) -> None:
    """Time the early project's way beside ours, without HTTP on both sides."""
    service, histories = Service(model), model.histories
    assert histories is not None
    P, Q = model.rating.P, model.rating.Q
    picks = model.movies.at(np.argsort(-model.stats.counts)[:PICKS])
    seen = set(histories.by_user[0][0].tolist())
    part = range(0, len(model.users), max(round(1 / SHARE), 1))
    rated = {row: set(model.movies.at(histories.by_user[row][0])) for row in part}
    # so long a list is not kept for next time
    request = Request(user=model.users[0], rank_by="stars", filters=Filters(n=31), explained=False)

    def recommend() -> None:
        scores = [(float(np.dot(P[0], Q[movie])), movie) for movie in range(len(Q)) if movie not in seen]
        scores.sort(reverse=True)

    def match() -> None:
        wanted = set(picks)
        max(rated, key=lambda row: len(rated[row] & wanted))

    pairs = [
        ("recommending to a known user", recommend, 1.0, lambda: service.recommend(request)),
        (f"matching {PICKS} films", match, len(rated) / len(model.users), lambda: service.match(picks)),
    ]
    for what, theirs, share, ours in pairs:
        slow, fast = time_median(theirs, 3) / share, time_median(ours, 50)
        print(f"{what}: the early project's loops {slow * 1e3:.1f} ms, Reelwise {fast * 1e3:.2f} ms, "
              f"{slow / fast:,.0f} times as fast")  # fmt: skip
    service.close()


if __name__ == "__main__":
    main()
