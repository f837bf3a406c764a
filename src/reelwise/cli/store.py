"""The live store that a command works with."""

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from reelwise.cli.options import settings_with
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reelwise.live.store import Store

_NAME_ANOTHER = "name the one of a server with --store"
_NONE_YET = "correct REELWISE_STORE, or unset it until a server has made the store"


@contextmanager
def opened_store(store: str | None) -> "Iterator[Store]":
    """The live store that `--store` or the settings name.

    Raises:
        UsageError: Raised when neither does, or there is no such file.
        StoreError: Raised when it cannot be opened.
    """
    address = store_address(store)
    if not address:
        raise UsageError("there is no live store; name one with --store, or set REELWISE_STORE")
    with open_store(address) as opened:
        yield opened


def store_address(store: str | None = None) -> str:
    """The address that `--store` or the settings name; empty if neither does."""
    return settings_with(store=store).store.get_secret_value()


@contextmanager
def open_store(address: str, fix: str = _NAME_ANOTHER) -> "Iterator[Store]":
    """The store at an address, which a server made; a mistyped one must not become a new and empty store.

    Raises:
        UsageError: Raised when there is no such file; the message ends with `fix`.
        StoreError: Raised when it cannot be opened.
    """
    from reelwise.live.store import Store

    with closing(Store(address)) as opened:
        if opened.path is not None and not opened.path.exists():
            raise UsageError(f"{opened.path}: there is no such live store; {fix}")
        opened.open()
        yield opened


def erased_marks() -> frozenset[str]:
    """The marks of all users who were erased from the live store of the settings; none if no store is set.

    Raises:
        UsageError: Raised when there is no such store: who was erased from another one would be trained on.
        StoreError: Raised when the store cannot be opened.
    """
    address = store_address()
    if not address:
        return frozenset()
    with open_store(address, _NONE_YET) as store:
        return store.erased_marks()
