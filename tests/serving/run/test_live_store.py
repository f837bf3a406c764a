"""Several workers and one store: what one was told the others know, and what was acknowledged outlives them all."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from reelwise.live.store import Store
from support.running.serving import LONGEST, Serving, serving
from support.servers.stores import empty_postgres, needs_postgres, postgres, store_address
from support.systems.patience import long_test

__all__ = ["empty_postgres", "postgres", "store_address"]

pytestmark = pytest.mark.slow

V1 = "/api/v1"

in_either = pytest.mark.parametrize(
    "store_address",
    ["sqlite", pytest.param("postgres", marks=[needs_postgres, pytest.mark.xdist_group("postgres"), long_test])],
    indirect=True,
)


@pytest.fixture
def settings(tiny_folder: Path, store_address: str) -> dict[str, Any]:
    return {"REELWISE_MODEL": str(tiny_folder), "REELWISE_STORE": store_address, "REELWISE_WORKERS": "2"}


class Teller:
    """Tells events of users of its own until it is stopped, and remembers what was acknowledged."""

    def __init__(self, server: Serving, name: str) -> None:
        self._server, self._name, self._stopping = server, name, threading.Event()
        self.acknowledged: list[str] = []
        self._thread = threading.Thread(target=self._tell)
        self._thread.start()

    def stop(self) -> list[str]:
        """What was acknowledged."""
        self._stopping.set()
        self._thread.join(LONGEST)
        return self.acknowledged

    def _tell(self) -> None:
        for number in count():
            if self._stopping.is_set():
                return
            ids = [f"{self._name}-{number}-{place}" for place in range(5)]
            events = [{"user_id": one, "movieId": 296, "type": "like", "event_id": one} for one in ids]
            try:
                answer = httpx2.post(
                    f"{self._server.address}{V1}/feedback", json={"events": events}, timeout=5, verify=False
                )
            except httpx2.HTTPError:
                continue
            if answer.status_code == 200:
                self.acknowledged += ids


def kept(address: str, acknowledged: list[str]) -> Iterator[int]:
    """How many events of each acknowledged id are in the store."""
    store = Store(address)
    for one in acknowledged:
        assert store.event_ids(one) == [one]
        yield len(store.events(one))
    store.close()


def wait_for_workers(server: Serving) -> None:
    """Come back when there are both."""
    server.wait_until(lambda: len(server.workers) == 2)


def wait_for_more(server: Serving, tellers: list[Teller]) -> None:
    """Come back when more events have been acknowledged."""

    def acknowledged() -> int:
        return sum(len(teller.acknowledged) for teller in tellers)

    before = acknowledged()
    server.wait_until(lambda: acknowledged() > before + 15)


def kill_a_worker(server: Serving) -> None:
    """Come back when another one has taken its place."""
    killed = server.workers[0]
    os.kill(killed, signal.SIGKILL)
    server.wait_until(lambda: len(server.workers) == 2 and killed not in server.workers)


def kill_all(server: Serving) -> None:
    """Kill the main process; come back when the workers have ended, as they do without one."""
    workers = server.workers
    server.process.kill()
    server.wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    server.wait_for_end_of_log()


@in_either
def test_every_worker_knows_what_any_of_them_was_told_and_what_was_acknowledged_outlives_them_all(
    tmp_path: Path, settings: dict[str, Any], store_address: str
) -> None:
    def tell_and_ask(user: int) -> list[bool]:
        knows = []
        for movie in (1, 296, 593, 1196, 2571):  # each request goes to any worker
            path = f"{server.address}{V1}/users/{user}/ratings/{movie}"
            assert httpx2.put(path, json={"stars": 4}, timeout=LONGEST, verify=False).status_code == 200
            films = server.get(f"/recommendations/{user}?n=100").json()
            knows.append(films != [] and movie not in {film["movieId"] for film in films})
        return knows

    with serving(tmp_path, **settings) as server:  # benchmarks/live_store.py kills a hundred times
        wait_for_workers(server)
        with ThreadPoolExecutor(4) as pool:
            assert all(knows for users in pool.map(tell_and_ask, range(100, 106)) for knows in users)
        tellers = [Teller(server, str(number)) for number in range(3)]
        for kill in (kill_a_worker, kill_all):
            wait_for_more(server, tellers)
            kill(server)
        acknowledged = [one for teller in tellers for one in teller.stop()]
    assert len(acknowledged) > 30
    assert {*kept(store_address, acknowledged)} == {1}
