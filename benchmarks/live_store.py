"""The live store under load: events per second, reading one's own writes, and what kills leave behind.

    python3 benchmarks/live_store.py --model DIR [--postgres] [--seconds 10] [--pairs 10000] [--kills 100]

A server with two workers takes batches of 100 events over 8 connections; then single events over 2 connections while
lists are asked for over 4. Then lists over 4 connections, in turn for users of the model with some 200 ratings, for
users of the store with as many, and for these with one rating more before each list. Then pairs of an event and the
next list, each over a connection of its own, so that either worker may answer, and with PostgreSQL of two servers, the
event told to one and the list asked of the other: how many lists did not know the event. Then one of the two workers,
and every fourth time all processes, are killed with SIGKILL while batches come in: every acknowledged event must be in
the store, once. The store is a new SQLite file, or a new PostgreSQL server of this machine. Linux.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import count, cycle
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any

import numpy as np

import servers
from common import describe_versions
from load import ask, get, post
from reelwise.artifacts.model import Model
from reelwise.live.store import Store
from servers import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.servers.postgres import running_postgres

BATCH = 100
PART = 2000  # pairs after which it says how far it is
FEEDBACK = "/api/v1/feedback"
FIRST_USER = 1_000_000_000  # nobody in any data set
LISTED, RATINGS, ROUNDS = 40, 200, 5  # users whose lists are asked for, ratings of each, and how often in turn


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The live store under load.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    options = parser.parse_args()
    model = Model.load(options.model)
    movies = [int(movie) for movie in model.movies.ids[model.fitted][:1000]]
    with new_store(options.postgres) as address:
        os.environ["REELWISE_STORE"] = address
        print(f"{describe_versions('sqlalchemy', 'fastapi')}, {address.partition(':')[0]}, two workers")
        with servers.reelwise(options.model, workers=2) as server:
            measure_batches(server, movies, options.seconds)
            measure_singles(server, movies, options.seconds)
            measure_lists(server, model, movies, options.seconds / ROUNDS)
            if address.startswith("sqlite"):
                read_own_writes(server.port, server.port, movies, options.pairs)
            else:
                with servers.reelwise(options.model) as other:
                    read_own_writes(server.port, other.port, movies, options.pairs)
        kill_again_and_again(options.model, address, movies, options.kills)


@contextmanager
def new_store(is_postgres: bool) -> Iterator[str]:
    """The address of an empty store."""
    if is_postgres:
        with running_postgres() as postgres:
            yield postgres.address
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/live.db"


def batches(movies: list[int], size: int, name: str) -> Iterator[bytes]:
    """Requests with so many events, no event twice."""
    for number in count():
        events = [
            {"user_id": f"{name}{number}", "movieId": movies[place % len(movies)], "type": "rating", "stars": 4.0,
             "event_id": f"{name}-{number}-{place}"}
            for place in range(size)
        ]  # fmt: skip
        yield post(FEEDBACK, {"events": events})


def measure_batches(server: Server, movies: list[int], seconds: float) -> None:
    """Acknowledged events per second."""
    requests = [request for request, _ in zip(batches(movies, BATCH, "b"), range(int(200 * seconds)), strict=False)]
    load = ask(server.port, requests, seconds, connections=8)
    taken = load.statuses[200] * BATCH / load.seconds
    print(f"batches of {BATCH}: {taken:,.0f} acknowledged events/s, p99 {load.milliseconds(0.99):.0f} ms a batch")


def measure_singles(server: Server, movies: list[int], seconds: float) -> None:
    """The latency of single events while lists are asked for."""
    lists = [get(f"/api/v1/users/b{number}/recommendations") for number in range(200)]
    requests = [request for request, _ in zip(batches(movies, 1, "s"), range(int(1000 * seconds)), strict=False)]
    with ProcessPoolExecutor(1) as other:  # a process of its own, so that the two do not wait for each other
        asking = other.submit(ask, server.port, lists, seconds, connections=4)
        load = ask(server.port, requests, seconds, rate=100.0, connections=2)
        beside = asking.result()
    print(
        f"single events beside {beside.rate:,.0f} lists/s: {load.rate:,.0f}/s, p50 {load.milliseconds(0.5):.1f} ms, "
        f"p99 {load.milliseconds(0.99):.1f} ms, {dict(load.statuses)}",
        flush=True,
    )


def measure_lists(server: Server, model: Model, movies: list[int], seconds: float) -> None:
    """Lists per second for users of the model, and for users of the store with as many ratings."""
    assert model.histories is not None
    nearest = np.argsort(np.abs(model.histories.by_user.counts() - RATINGS), kind="stable")[:LISTED]
    told = [f"l{number}" for number in range(LISTED)]
    for place, user in enumerate(told):
        rated = [movies[(23 * place + 3 * number) % len(movies)] for number in range(RATINGS)]
        events = [{"user_id": user, "movieId": movie, "type": "rating", "stars": 1 + movie % 5} for movie in {*rated}]
        if answer(server.port, "POST", FEEDBACK, {"events": events})[0] != 200:
            raise SystemExit("the ratings were not taken")
    of_model, of_store = (
        [get(f"/api/v1/users/{user}/recommendations") for user in users]
        for users in ([model.users[row] for row in nearest.tolist()], told)
    )
    news = (
        post(FEEDBACK, {"events": [{"user_id": user, "movieId": movie, "type": "rating", "stars": 3.0}]})
        for movie in cycle(movies)
        for user in told
    )
    after_news = (request for both in zip(news, cycle(of_store), strict=False) for request in both)
    rates: dict[str, list[float]] = {
        "users of the model": [],
        "users of the store": [],
        "users of the store, after a rating": [],
    }
    for _ in range(ROUNDS):
        for (name, found), requests in zip(rates.items(), (of_model, of_store, after_news), strict=True):
            load = ask(server.port, requests, seconds, connections=4)
            if {*load.statuses} != {200}:
                raise SystemExit(f"{name}: {dict(load.statuses)}")
            found.append(load.rate / 2 if requests is after_news else load.rate)
    known = median(rates["users of the model"])
    for name, found in rates.items():
        print(f"lists, {name}: {median(found):,.0f}/s, {median(found) / known:.2f}", flush=True)


def read_own_writes(one: int, other: int, movies: list[int], pairs: int) -> None:
    """How many lists did not know the event before them; told at one port and asked at the other, and in turn."""

    def pair(number: int) -> bool:
        user, movie = FIRST_USER + number % 500, movies[number // 500 % len(movies)]
        port, next_port = (one, other) if number % 2 else (other, one)
        while (told := answer(port, "PUT", f"/api/v1/users/{user}/ratings/{movie}", {"stars": 4}))[0] == 503:
            time.sleep(0.1)  # it was not taken, as it may be where a machine is busy
        asked = answer(next_port, "GET", f"/recommendations/{user}?n=100")
        if (told[0], asked[0]) != (200, 200):
            raise SystemExit(f"the server answered {told} and {asked}")
        films = asked[1]
        return bool(films) and all(film["movieId"] != movie for film in films)

    knew = 0
    with ThreadPoolExecutor(8) as pool:
        for start in range(0, pairs, PART):
            knew += sum(pool.map(pair, range(start, end := min(start + PART, pairs))))
            print(f"{end:,} pairs of an event and the next list: {end - knew} lists did not know the event", flush=True)


def kill_again_and_again(model: Path, address: str, movies: list[int], kills: int) -> None:
    """Whether every acknowledged event is in the store, once."""
    acknowledged: list[str] = []
    numbers, done = count(), 0
    while done < kills:
        with ExitStack() as stack:
            server = stack.enter_context(servers.reelwise(model, workers=2))
            stopping = Event()
            tellers = [
                Thread(target=tell, args=(server, movies, numbers, acknowledged, stopping), daemon=True)
                for _ in range(4)
            ]
            for teller in tellers:
                teller.start()
            while done < kills:
                before = len(acknowledged)
                while len(acknowledged) < before + 5 * BATCH:
                    time.sleep(0.001)
                done += 1
                print(f"kill {done}, {len(acknowledged):,} acknowledged", flush=True)
                workers = server.workers()
                if done % 4 == 0:
                    for process in (server.process, *workers):
                        os.kill(process, signal.SIGKILL)
                    break
                started = server.started()
                os.kill(workers[done % len(workers)], signal.SIGKILL)
                while server.started() == started:
                    time.sleep(0.01)
            stopping.set()
            for teller in tellers:
                teller.join()
    store = Store(address)
    users = {event_id.rpartition("-")[0] for event_id in acknowledged}
    kept = [event_id for user in users for event_id in store.event_ids(user)]
    events = sum(len(store.events(user)) for user in users)
    store.close()
    print(
        f"{done} kills: {len(acknowledged):,} acknowledged events, {len({*acknowledged} - {*kept})} lost, "
        f"{len(kept) - len({*kept})} ids and {events - len(kept)} events twice"
    )


def tell(server: Server, movies: list[int], numbers: "count[int]", acknowledged: list[str], stopping: Event) -> None:
    """Tell batches until stopped, each over a connection of its own, and remember what was acknowledged."""
    while not stopping.is_set():
        user = f"k{next(numbers)}"
        ids = [f"{user}-{place}" for place in range(BATCH)]
        events = [
            {"user_id": user, "movieId": movie, "type": "like", "event_id": event_id}
            for movie, event_id in zip(movies, ids, strict=False)
        ]
        try:
            status, _ = answer(server.port, "POST", FEEDBACK, {"events": events})
        except (OSError, HTTPException, ValueError):
            continue
        if status == 200:
            acknowledged += ids


def answer(port: int, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and content of an answer, over a connection of its own, so that any worker may give it."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())


if __name__ == "__main__":
    main()
