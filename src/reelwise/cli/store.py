"""The live store that a command works with."""

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from reelwise.cli.options import settings_with
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reelwise.live.store import Store


def store_address(store: str | None = None) -> str:
    """The address that `--store` or the settings name; empty if neither does."""
    return settings_with(store=store).store.get_secret_value()


@contextmanager
def opened_store(store: str | None = None) -> "Iterator[Store]":
    """The live store that `--store` or the settings name. A mistyped one must not become a new and empty store.

    Raises:
        UsageError: Raised when neither names one, or there is no such file.
        StoreError: Raised when it cannot be opened.
    """
    address = store_address(store)
    if not address:
        raise UsageError("there is no live store; name one with --store, or set REELWISE_STORE")
    with _unopened(address) as opened:
        if _is_missing(opened):
            raise UsageError(f"{opened.path}: there is no such live store; correct --store or REELWISE_STORE")
        opened.open()
        yield opened


def erased_marks() -> frozenset[str]:
    """The marks of all users who were erased from the live store of the settings; none if there is no store yet.

    Raises:
        StoreError: Raised when the store cannot be opened.
    """
    from reelwise.cli.terminal import say

    if not (address := store_address()):
        return frozenset()
    with _unopened(address) as store:
        if _is_missing(store):
            say(f"There is no live store {store.path} yet, so that nobody is left out.")
            return frozenset()
        store.open()
        return store.erased_marks()


def _unopened(address: str) -> "closing[Store]":
    from reelwise.live.store import Store

    return closing(Store(address))


def _is_missing(store: "Store") -> bool:
    return store.path is not None and not store.path.exists()
