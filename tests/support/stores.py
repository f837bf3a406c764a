"""Stores to test with: a SQLite file, and a PostgreSQL server where that is installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from support.postgres import Postgres, find_tool, running_postgres

needs_postgres = pytest.mark.skipif(find_tool("initdb") is None, reason="PostgreSQL is not installed")
KINDS = ["sqlite", pytest.param("postgres", marks=[needs_postgres, pytest.mark.xdist_group("postgres")])]


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
