"""Connections to SQLite and PostgreSQL, in which the two differ; all else is the same SQL."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from reelwise.errors import StoreError, UsageError

PATIENCE = 3  # seconds that a lock, or an answer, is waited for

_LOCK = 0x7265656C  # of all of Reelwise's in a PostgreSQL database
_READS = "reelwise_reads"
_CONNECTIONS = 8  # that a process holds


class Database(NamedTuple):
    """A database.

    Attributes:
        name: what to call it, without a password.
        path: the file of SQLite; None for PostgreSQL.
        writing: gives connections on which a transaction begins, one at a time in all processes.
        reading: gives connections whose every statement stands for itself; writers do not hold them up.
    """

    name: str
    path: Path | None
    writing: Engine
    reading: Engine


def open_database(address: str) -> Database:
    """The database at an address; no connection is made yet.

    Raises:
        UsageError: Raised when it cannot be one, or the package for it is missing.
    """
    try:
        url = make_url(address)
        if url.get_backend_name() == "sqlite":
            return _sqlite(address, Path(str(url.database)).absolute())
        return _postgresql(address, url.render_as_string(hide_password=True))
    except ModuleNotFoundError as error:
        raise UsageError(
            f'the live store needs the package {error.name}; run `python3 -m pip install "reelwise[postgres]"`'
        ) from None
    except (ArgumentError, ValueError):
        raise UsageError(
            "the address of the live store cannot be parsed; check the port, and percent-encode special characters"
        ) from None


def _sqlite(address: str, path: Path) -> Database:
    if path.exists() and not path.is_file():
        raise UsageError(f"{path.name} is not a file; name a database file")
    engine = create_engine(
        address, connect_args={"timeout": PATIENCE}, pool_size=_CONNECTIONS, max_overflow=32, pool_timeout=PATIENCE
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin below, and not by themselves
        connection.execute("PRAGMA synchronous = FULL")  # what is acknowledged outlives a power cut
        connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(_READS):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return Database(str(path), path, engine, engine.execution_options(**{_READS: True}))


def _postgresql(address: str, name: str) -> Database:
    milliseconds = int(1000 * PATIENCE)
    engine = create_engine(
        address,
        connect_args={
            "connect_timeout": math.ceil(PATIENCE),
            "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}",
            "tcp_user_timeout": milliseconds,
        },
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE,
        pool_recycle=1800,
    )

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(_READS):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    return Database(name, None, engine, engine.execution_options(isolation_level="AUTOCOMMIT", **{_READS: True}))


def identity_of(path: Path | None) -> tuple[int, int] | None:
    """Which file is at a path; None where there is none."""
    try:
        found = os.stat(path or "")  # noqa: PTH116 - a Path takes three times as long
    except OSError:
        return None
    return found.st_dev, found.st_ino


def store_error(database: Database, what: str, public: str = "") -> StoreError:
    """The error that says of a store what is wrong with it, and to clients that or something else."""
    return StoreError(f"the live store {database.name} {what}", f"the live store {public or what}")


@contextmanager
def translated(database: Database) -> Iterator[None]:
    """Raise StoreError for what a database raises in the block; it names the store, and no password."""
    try:
        yield
    except PoolTimeout:
        raise store_error(database, "does not answer in time; try again later") from None
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0] or type(error.orig).__name__
        # What a server says of itself may name hosts, ports and users.
        public = "" if database.path else "does not answer as it should; the server's log says why"
        raise store_error(database, f"cannot be used ({reason}); fix that and try again", public) from error
