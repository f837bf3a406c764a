"""Stores of both kinds."""

from collections.abc import Iterator

import pytest

from reelwise.live.store import Store
from support.servers.stores import empty_postgres, postgres, store_address

__all__ = ["empty_postgres", "postgres", "store_address"]


@pytest.fixture
def store(store_address: str) -> Iterator[Store]:
    store = Store(store_address)
    store.open()
    yield store
    store.close()
