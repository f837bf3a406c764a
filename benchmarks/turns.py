"""How long an event takes to be written while other threads of the process are busy.

    python3 benchmarks/turns.py [--seconds 5]

Whoever hears from the database must wait until the interpreter lets the next thread run, some twenty times for each
event. By default a thread may keep the others waiting for 5 ms (`sys.setswitchinterval`); a server with a live store
allows it less, see `reelwise.serving.application`. Events are recorded one by one in a new SQLite file, beside 0 to 4
threads that compute.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import numpy as np

from common import describe_versions
from reelwise.live.events import Event
from reelwise.live.store import Store

TURN = 0.0005  # seconds for which a thread may keep the others waiting, beside the interpreter's own 5 ms


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Events beside busy threads.")
    parser.add_argument("--seconds", type=float, default=5.0)
    seconds = parser.parse_args().seconds
    print(describe_versions("sqlalchemy"))
    usual, users = sys.getswitchinterval(), count()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/live.db")
        store.open()
        for threads in (0, 1, 2, 4):
            for turn in (usual, TURN):
                sys.setswitchinterval(turn)
                with busy(threads):
                    taken = record(store, users, seconds)
                middle, slow = np.quantile(taken, (0.5, 0.95)) * 1e3
                print(
                    f"{threads} busy threads, turns of {1e3 * turn:g} ms: median {middle:.1f} ms, p95 {slow:.1f} ms "
                    f"({len(taken)} events)",
                    flush=True,
                )
        store.close()


@contextmanager
def busy(number: int) -> Iterator[None]:
    """So many threads that compute."""
    ended = threading.Event()

    def compute() -> None:
        while not ended.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=compute) for _ in range(number)]
    for thread in threads:
        thread.start()
    yield
    ended.set()
    for thread in threads:
        thread.join()


def record(store: Store, users: "count[int]", seconds: float) -> list[float]:
    """Record events for so long; the seconds that each takes."""
    taken = []
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        store.record([Event(f"user {next(users)}", 1, "rating", 4.0)])
        taken.append(time.perf_counter() - began)
    return taken


if __name__ == "__main__":
    main()
