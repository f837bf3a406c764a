"""A store that is away, full, locked, broken or too new: an error says so, nothing is half-written, and it recovers."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from reelwise.errors import StoreError, UsageError
from reelwise.live import databases, recording
from reelwise.live import store as stores
from reelwise.live.events import Event
from reelwise.live.recording import Standing
from reelwise.live.store import Store
from support.servers.postgres import Postgres
from support.servers.stores import longest_file, needs_postgres

LIKE = Event("al", 1, "like")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "PATIENCE", 0.2)
    monkeypatch.setattr(stores, "_PAUSE", 0.0)


def works_again(store: Store) -> bool:
    return store.check() is None and store.record([LIKE]).accepted == 1


def test_a_full_disk_takes_nothing_and_reading_goes_on(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/live.db")
    store.record([LIKE])
    many = [Event(f"user {n}", n, "like", event_id=str(n)) for n in range(1000)]
    with longest_file((tmp_path / "live.db-wal").stat().st_size + 8192):
        with pytest.raises(StoreError, match=r"live\.db cannot be used \(.+\)"):
            store.record(many)
        assert len(store.events("al")) == 1
        assert [store.events(event.user_id) for event in many[:3]] == [[], [], []]
    assert works_again(store)
    assert store.record(many).accepted == 1000
    store.close()


def test_a_locked_store_takes_nothing_and_reading_goes_on(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/live.db")
    store.record([LIKE])
    other = sqlite3.connect(tmp_path / "live.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        store.record([LIKE])
    fault = store.check()
    assert fault is not None
    assert "locked" in fault
    assert len(store.events("al")) == 1
    other.execute("COMMIT")
    other.close()
    assert works_again(store)
    store.close()


def test_one_waits_for_a_store_that_is_away_and_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(f"sqlite:///{tmp_path}/live.db")
    store.record([LIKE])
    find_user, asked, answered = recording.find_user, threading.Event(), threading.Event()

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, sqlite3.OperationalError("the network is down"))

    def hang(connection: Connection, user_id: str) -> Standing | None:
        asked.set()
        assert answered.wait(20)
        return find_user(connection, user_id)

    monkeypatch.setattr(recording, "find_user", fail)
    with pytest.raises(StoreError, match="network is down"):
        store.find("al")
    monkeypatch.setattr(recording, "find_user", hang)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(store.find, "al")
        assert asked.wait(20)
        for _ in range(3):
            with pytest.raises(StoreError, match="network is down"):
                store.find("al")
        answered.set()
        assert first.result() is not None
    assert store.find("al") is not None
    store.close()


def test_what_was_given_up_is_not_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "_LONGEST_WAIT", 0.05)
    store = Store(f"sqlite:///{tmp_path}/live.db")
    store.open()
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        begun.set()
        assert go_on.wait(20)

    held = store._writer.submit(hold)
    assert begun.wait(20)
    with pytest.raises(StoreError, match="takes too long"):
        store.record([LIKE])
    go_on.set()
    assert held.result(20) is None
    assert store._writer.submit(lambda connection: recording.events_of(connection, "al")).result(20) == []
    store.close()


def test_a_file_that_is_taken_away_is_not_written_into_the_void(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    store = Store(f"sqlite:///{path}")
    store.record([LIKE])
    path.rename(tmp_path / "elsewhere.db")
    for _ in range(2):
        with pytest.raises(StoreError, match="removed or replaced"):
            store.record([LIKE])
    assert not path.exists()
    (tmp_path / "elsewhere.db").rename(path)
    assert works_again(store)
    store.close()


def test_a_store_that_cannot_be_made_is_made_once_it_can(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(f"sqlite:///{tmp_path}/not there/live.db")
    with pytest.raises(StoreError, match=f"{tmp_path}/not there/live.db cannot be used .unable to open") as caught:
        store.open()
    assert str(tmp_path) not in caught.value.public
    with pytest.raises(StoreError, match="unable to open"):
        store.record([LIKE])
    with pytest.raises(StoreError, match="unable to open"):
        store.find("al")
    assert len(caplog.records) == 1
    (tmp_path / "not there").mkdir()
    assert works_again(store)
    store.close()


def test_a_file_that_is_no_database_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    path.write_bytes(b"my diary, 1998\n" * 1000)
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="not a database"):
        store.record([LIKE])
    store.close()
    assert path.read_bytes() == b"my diary, 1998\n" * 1000


def test_a_store_of_a_newer_version_is_left_alone(store: Store, store_address: str) -> None:
    database = databases.open_database(store_address)
    with database.writing.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.writing.dispose()
    newer = Store(store_address)
    with pytest.raises(StoreError, match="newer version of Reelwise"):
        newer.record([LIKE])
    newer.close()


@needs_postgres
@pytest.mark.xdist_group("postgres")
def test_a_server_that_is_away_is_missed_and_found_again(empty_postgres: Postgres) -> None:
    store = Store(empty_postgres.address)
    store.record([LIKE])
    empty_postgres.stop()
    try:
        with pytest.raises(StoreError, match="cannot be used"):
            store.record([LIKE])
        with pytest.raises(StoreError, match="cannot be used"):
            store.find("al")
        assert store.check() is not None
    finally:
        empty_postgres.start()
    end = time.monotonic() + 20
    while not (found := store.check() is None) and time.monotonic() < end:
        time.sleep(0.05)
    assert found
    assert works_again(store)
    store.close()


@needs_postgres
@pytest.mark.xdist_group("postgres")
def test_a_server_that_was_started_again_is_asked_at_once(empty_postgres: Postgres) -> None:
    store = Store(empty_postgres.address)
    store.record([LIKE])
    assert store.find("al") is not None
    empty_postgres.stop()
    empty_postgres.start()
    assert store.find("al") is not None
    store.close()


@pytest.mark.parametrize(
    "address", ["live.db", "sqlite://", "sqlite:///:memory:", "mysql://h/d", "postgresql://", "sqlite+aiosqlite:///x"]
)
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="expected sqlite:///"):
        Store(address)


def test_a_password_is_not_told() -> None:
    store = Store("postgresql+psycopg://al:geheim@127.0.0.1:1/films")
    with pytest.raises(StoreError) as caught:
        store.open()
    assert "geheim" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
    assert caught.value.public == "the live store does not answer as it should; the server's log says why"
    with pytest.raises(UsageError) as refused:
        Store("postgresql+psycopg://al:geheim@host:port/films")
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_no_store(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "live.db")
    with pytest.raises(UsageError, match=r"live\.db is not a file"):
        Store(f"sqlite:///{tmp_path}/live.db").open()
