"""Stores to test with: a SQLite file, and a PostgreSQL server where that is installed."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from support.servers.postgres import Postgres, find_tool, running_postgres

needs_postgres = pytest.mark.skipif(
    os.name != "posix" or find_tool("initdb") is None, reason="PostgreSQL is not installed"
)
KINDS = ["sqlite", pytest.param("postgres", marks=[needs_postgres, pytest.mark.xdist_group("postgres")])]


@contextmanager
def longest_file(size: int) -> Iterator[None]:
    """A disk on which no file grows beyond that size; skips the test where no such limit can be set."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """A SQLite file to which somebody else writes."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("COMMIT")
        other.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server, whose tables are those of the last test."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def empty_postgres(postgres: Postgres) -> Postgres:
    """The server with an empty database."""
    engine = create_engine(postgres.address)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return postgres


@pytest.fixture(params=KINDS)
def store_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/live.db"
    server: Postgres = request.getfixturevalue("empty_postgres")
    return server.address
