"""How long an event takes while lists are made in the same process: one list at a time, or side by side.

    python3 benchmarks/turns.py --model DIR [--seconds 4] [--rounds 5]

A thread that writes an event waits for its turn in the interpreter whenever it has heard from the database, so it takes
the longer the more threads compute. In a server with a live store lists for users are therefore made one at a time
(`People.turn`). Two threads make lists for 60 users with 40 ratings each, beside 25 events a
second in a new SQLite file, with that lock and without, in turn.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import count, cycle
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from common import describe_versions
from reelwise.artifacts.model import Model
from reelwise.live.events import Event
from reelwise.live.store import Store
from reelwise.recommend.films.live import LiveFilms
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service

USERS, GIVEN, THREADS, RATE = 60, 40, 2, 25.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Events beside lists.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(describe_versions("sqlalchemy"))
    model = Model.load(options.model)
    movies = [int(movie) for movie in model.movies.ids[model.fitted][:1000]]
    events = (Event(f"user {number}", movies[number % len(movies)], "rating", 4.0) for number in count())
    taken: dict[str, list[float]] = {"one at a time": [], "side by side": []}
    lists = dict.fromkeys(taken, 0)
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(limits=1, user_api="blas"):
        store = Store(f"sqlite:///{folder}/live.db")
        films = LiveFilms(Service(model, store), store)
        for user in range(USERS):
            rated = [movies[(7 * user + 3 * place) % len(movies)] for place in range(GIVEN)]
            store.record([Event(f"asking {user}", movie, "rating", 1.0 + movie % 5) for movie in rated])
        turn = films.service()._people.turn  # noqa: SLF001
        for name in [*taken] * options.rounds:
            films.service()._people.turn = turn if name == "one at a time" else nullcontext()  # noqa: SLF001
            with making_lists(films) as made:
                taken[name] += record(films, events, options.seconds)
            lists[name] += made[0]
        store.close()
    for name, times in taken.items():
        middle, slow, slowest = np.quantile(times, (0.5, 0.9, 0.99)) * 1e3
        rate = lists[name] / options.rounds / options.seconds
        print(f"lists {name}, {rate:.0f}/s: an event takes {middle:.1f} ms, p90 {slow:.1f}, p99 {slowest:.1f}")


@contextmanager
def making_lists(films: LiveFilms) -> Iterator[list[int]]:
    """Threads that make lists; gives how many they have made."""
    ended, made = threading.Event(), [0]

    def make(first: int) -> None:
        for user in cycle(range(first, USERS, THREADS)):
            if ended.is_set():
                return
            films.service().recommend(Request(user=f"asking {user}"))
            made[0] += 1

    threads = [threading.Thread(target=make, args=(first,)) for first in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def record(films: LiveFilms, events: Iterator[Event], seconds: float) -> list[float]:
    """Record events one by one for so long; the seconds that each takes."""
    taken = []
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        films.service().feedback.record([next(events)])
        taken.append(time.perf_counter() - began)
        time.sleep(max(1 / RATE - taken[-1], 0))
    return taken


if __name__ == "__main__":
    main()
