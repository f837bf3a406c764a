"""What users told is kept, once, by SQLite and PostgreSQL alike."""

import sqlite3
import threading
from pathlib import Path

import pytest

from reelwise.errors import StoreError
from reelwise.live import migrate, recording, updates
from reelwise.live import store as stores
from reelwise.live.databases import open_database
from reelwise.live.events import Event, EventType, Recorded, Rejected
from reelwise.live.store import Store

HOUR = 3_600_000_000


def stars_of(store: Store, user: int | str) -> dict[int | str, float | None]:
    return {event.movie_id: event.stars for event in store.events(user) if event.type == "rating"}


def test_what_was_recorded_is_there_for_whoever_opens_the_store(store: Store, store_address: str) -> None:
    event = Event(7, "tt1", "rating", 4.5, 1_000_000, "e-1", "list-1", 3)
    assert store.record([event]) == Recorded(1, 0)
    other = Store(store_address)
    assert other.events(7) == [event]
    other.close()


def test_numbers_and_texts_are_kept_apart(store: Store) -> None:
    store.record([Event(7, 1, "rating", 1.0), Event("7", 1, "rating", 2.0), Event("7", "1", "rating", 3.0)])
    assert stars_of(store, 7) == {1: 1.0}
    assert stars_of(store, "7") == {1: 2.0, "1": 3.0}


@pytest.mark.parametrize("user", ["zoë", '"', "\\", "a'b; DROP TABLE events", "\n", "%", "🎬" * 128, 2**31 - 1, 0])
def test_whatever_is_an_id_comes_back_as_it_was(store: Store, user: int | str) -> None:
    store.record([Event(user, "ü'\"", "like", event_id="e")])
    (event,) = store.events(user)
    assert (event.user_id, event.movie_id, store.event_ids(user)) == (user, "ü'\"", ["e"])


def test_the_same_event_counts_once_also_after_others_have_overwritten_it(store: Store) -> None:
    first = Event("al", 1, "rating", 1.0, event_id="first")
    assert store.record([first, first]) == Recorded(1, 1)
    assert store.record([Event("al", 1, "rating", 2.0, event_id="second")]) == Recorded(1, 0)
    assert store.record([first]) == Recorded(0, 1)
    assert stars_of(store, "al") == {1: 2.0}


def test_the_newest_wins_whenever_it_arrives(store: Store) -> None:
    store.record([Event("al", 1, "rating", 5.0, at=2 * HOUR), Event("al", 1, "rating", 1.0, at=HOUR)])
    store.record([Event("al", 1, "rating", 2.0, at=HOUR)])
    assert stars_of(store, "al") == {1: 5.0}
    store.record([Event("al", 1, "rating", 3.0, at=2 * HOUR)])  # of equals the last
    assert stars_of(store, "al") == {1: 3.0}


def test_what_happens_now_comes_after_all_else_and_nothing_happens_in_the_future(store: Store) -> None:
    store.record([Event("al", 1, "rating", 5.0, at=2**62)])
    store.record([Event("al", 1, "rating", 1.0)])
    assert stars_of(store, "al") == {1: 1.0}
    assert store.events("al")[0].at < 2**61  # type: ignore[operator]


def test_each_type_is_kept_beside_the_others_in_the_order_of_time(store: Store) -> None:
    types: list[EventType] = ["hide", "shown", "clicked", "like"]
    store.record([Event("al", 1, kind) for kind in types])
    assert [event.type for event in store.events("al")] == types


def test_every_change_has_another_version(store: Store) -> None:
    versions = set()
    for _ in range(5):
        store.record([Event("al", 1, "like")])
        standing = store.find("al")
        assert standing is not None
        versions.add(standing.version)
    assert len(versions) == 5
    assert store.find("bo") is None


def test_an_erased_user_is_gone_and_does_not_come_back(store: Store, store_address: str) -> None:
    store.record([Event("al", 1, "like", event_id="a"), Event("bo", 1, "like", event_id="b")])
    store.erase("al")
    assert (store.events("al"), store.event_ids("al"), len(store.events("bo"))) == ([], [], 1)
    assert store.record([Event("bo", 2, "like"), Event("al", 1, "like")]) == Recorded(
        1, 0, (Rejected(1, "user 'al' was erased"),)
    )
    standing = store.find("al")
    assert standing is not None
    assert standing.erased
    assert len(store.erased_marks()) == 1
    other = Store(store_address)
    other.open()
    assert other.was_erased("al")
    assert not other.was_erased("bo")
    other.close()


def test_nothing_of_an_erased_user_is_left_in_the_files(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/live.db")
    told = [Event("Brunhilde", movie, "rating", 4.0, event_id=f"Siegfried-{movie}") for movie in range(300)]
    store.record([event for movie in range(300) for event in (told[movie], Event(movie, movie, "like"))])
    store.erase("Brunhilde")
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Brunhilde" not in content
    assert b"Siegfried" not in content
    store.close()
    with sqlite3.connect(tmp_path / "live.db") as connection:
        connection.execute("VACUUM")
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (300,)
    connection.close()
    assert b"Brunhilde" not in (tmp_path / "live.db").read_bytes()


def erase_while_somebody_reads(folder: Path) -> tuple[Store, sqlite3.Connection]:
    """A store from which a user was just erased, and who still reads what there was before."""
    store = Store(f"sqlite:///{folder}/live.db")
    store.record([Event("Brunhilde", 1, "like"), Event("al", 1, "like")])
    reader = sqlite3.connect(folder / "live.db", isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM events").fetchone() == (2,)
    store.erase("Brunhilde")
    assert store.events("Brunhilde") == []
    assert knows_brunhilde(folder)
    return store, reader


def knows_brunhilde(folder: Path) -> bool:
    return any(b"Brunhilde" in path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("later", ["write", "check", "close", "open"])
def test_somebody_who_reads_only_puts_off_that_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, later: str
) -> None:
    monkeypatch.setattr(stores, "PATIENCE", 0.1)
    monkeypatch.setattr(stores, "_PAUSE", 0.0)
    store, reader = erase_while_somebody_reads(tmp_path)
    assert "live.db still holds what was just erased" in caplog.text
    assert store.check() is None
    assert store.record([Event("al", 2, "like")]).accepted == 1
    assert knows_brunhilde(tmp_path)
    reader.execute("COMMIT")  # and stays connected, so that SQLite keeps its log
    other = Store(f"sqlite:///{tmp_path}/live.db")
    match later:
        case "write":
            store.record([Event("al", 3, "like")])
        case "check":
            store.check()
        case "close":
            store.close()
        case "open":
            other.check()
    assert not knows_brunhilde(tmp_path)
    reader.close()
    other.close()
    store.close()


def test_many_who_write_at_once_lose_nothing(store: Store, store_address: str) -> None:
    stores = [store, Store(store_address)]
    recorded: list[Recorded] = []

    def tell(teller: int) -> None:
        for batch in range(5):
            movies = range(1000 * (teller % 4) + 20 * batch, 1000 * (teller % 4) + 20 * batch + 20)
            events = [Event("al", movie, "rating", 3.0, event_id=f"e{movie}") for movie in movies]
            recorded.append(stores[teller % 2].record(events))

    threads = [threading.Thread(target=tell, args=[teller]) for teller in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stores[1].close()
    assert (sum(one.accepted for one in recorded), sum(one.duplicates for one in recorded)) == (400, 400)
    assert len(store.events("al")) == len(store.event_ids("al")) == 400


def test_many_who_open_a_new_store_at_once_all_find_its_tables(store_address: str) -> None:
    stores = [Store(store_address) for _ in range(6)]
    faults = []

    def open_store(store: Store) -> None:
        try:
            store.open()
        except StoreError as error:
            faults.append(str(error))

    threads = [threading.Thread(target=open_store, args=[store]) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [store.record([Event(index, 1, "like")]).accepted for index, store in enumerate(stores)] == [1] * 6
    for store in stores:
        store.close()


def test_numbers_that_are_too_great_become_texts_when_an_older_store_is_opened(store_address: str) -> None:
    great, text = 2**63, str(2**63)
    database = open_database(store_address)
    with database.writing.begin() as connection:
        migrate.upgrade(connection, "0003")
        recording.record(connection, [Event(great, 1, "rating", 4.5, event_id="e"), Event(great - 1, 1, "like")])
    database.writing.dispose()
    store = Store(store_address)
    assert [event.user_id for event in store.events(text)] == [text]
    assert (stars_of(store, text), store.event_ids(text)) == ({1: 4.5}, ["e"])
    assert [store.find(user) is not None for user in (text, great, great - 1)] == [True, False, True]
    assert updates.told_ratings(store).users == [text]
    store.close()


def test_the_same_event_id_of_two_users_counts_for_both(store: Store) -> None:
    events = [Event(user, 1, "like", event_id="1") for user in ("al", "bo")]
    assert store.record(events) == Recorded(2, 0)
    assert store.record(events) == Recorded(0, 2)
    store.erase("al")
    assert [store.event_ids(user) for user in ("al", "bo")] == [[], ["1"]]
