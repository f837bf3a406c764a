"""Where a live store is; nothing here imports a database."""

import re
from typing import TypeVar

from reelwise.errors import StoreError, UsageError

S = TypeVar("S")

EXPECTED = "sqlite:///reelwise.db or postgresql+psycopg://user:password@host/database"

_SQLITE = re.compile(r"sqlite:///[^?#]+")
_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+psycopg)?://(?P<rest>.+)", re.DOTALL)


def check_store_address(address: str) -> str:
    """The address of a store as SQLAlchemy spells it; empty where there is none.

    Raises:
        UsageError: Raised when it is neither a SQLite file nor a PostgreSQL database. A password is not shown.
    """
    if not address or _SQLITE.fullmatch(address):
        if address.endswith(":memory:"):
            raise UsageError(f"a store in memory is none that other processes see; expected {EXPECTED}")
        return address
    if found := _POSTGRES.fullmatch(address):
        return f"postgresql+psycopg://{found['rest']}"
    raise UsageError(f"this is not the address of a live store; expected {EXPECTED}")


def require_store(store: S | None) -> S:
    """The live store of a server.

    Raises:
        StoreError: Raised when there is none.
    """
    if store is None:
        raise StoreError("this server has no live store; set REELWISE_STORE and start it again")
    return store
