"""Leases: what only one process of all workers and replicas may do at a time.

A lease ends by itself where its holder does not renew it, so that nobody waits for ever for a process that was killed.
The clocks of hosts may differ by some seconds: a lease is longer than that.
"""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, select, text

from reelwise.errors import StoreError
from reelwise.live.schema import LEASES

if TYPE_CHECKING:
    from reelwise.live.store import Store

_SECONDS = 120.0
_RENEWAL = 30.0  # seconds between two

_UPSERT = text(
    "INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until) "
    "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
)


def take(connection: Connection, name: str, holder: str, seconds: float) -> bool:
    """Take a lease, or renew it; False where somebody else has it."""
    found = connection.execute(select(LEASES.c.holder, LEASES.c.until).where(LEASES.c.name == name)).one_or_none()
    now = time.time_ns() // 1000
    if found is not None and found.holder != holder and found.until > now:
        return False
    connection.execute(_UPSERT, {"name": name, "holder": holder, "until": now + int(seconds * 1e6)})
    return True


def is_held(connection: Connection, name: str) -> bool:
    """Whether anybody has it now."""
    until = connection.execute(select(LEASES.c.until).where(LEASES.c.name == name)).scalar()
    return until is not None and until > time.time_ns() // 1000


def give_back(connection: Connection, name: str, holder: str) -> None:
    """Let others have it."""
    connection.execute(delete(LEASES).where(LEASES.c.name == name, LEASES.c.holder == holder))


@contextmanager
def holding(store: "Store", name: str) -> Iterator[bool]:
    """Hold a lease while the block runs; False where somebody else does.

    Raises:
        StoreError: Raised when the store cannot be written.
    """
    holder = secrets.token_hex(16)
    if not store.change(partial(take, name=name, holder=holder, seconds=_SECONDS)):
        yield False
        return
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(store, name, holder, ended), name=f"lease-{name}", daemon=True)
    renewing.start()
    try:
        yield True
    finally:
        ended.set()
        renewing.join()
        with suppress(StoreError):  # it ends by itself
            store.change(partial(give_back, name=name, holder=holder))


def _renew(store: "Store", name: str, holder: str, ended: threading.Event) -> None:
    while not ended.wait(_RENEWAL):
        with suppress(StoreError):
            store.change(partial(take, name=name, holder=holder, seconds=_SECONDS))
