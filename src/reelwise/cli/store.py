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
    from reelwise.live.store import Store

    address = store_address(store)
    if not address:
        raise UsageError("there is no live store; name one with --store, or set REELWISE_STORE")
    with closing(Store(address)) as opened:
        if opened.path is not None and not opened.path.exists():
            raise UsageError(
                f"{opened.path}: there is no such live store; correct --store or REELWISE_STORE, or leave it out until "
                "a server has made the store"
            )
        opened.open()
        yield opened


def erased_marks() -> frozenset[str]:
    """The marks of all users who were erased from the live store of the settings; none if no store is set.

    Raises:
        UsageError: Raised when there is no such store: who was erased from the right one would be trained on.
        StoreError: Raised when the store cannot be opened.
    """
    if not store_address():
        return frozenset()
    with opened_store() as store:
        return store.erased_marks()
