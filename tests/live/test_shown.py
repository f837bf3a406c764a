"""What was shown on which list, what became of it within a week, and that it is forgotten in time."""

import pytest
from sqlalchemy import text

from reelwise.live import migrate, shown
from reelwise.live.databases import open_database
from reelwise.live.events import Event, EventType
from reelwise.live.list_ids import new_list_id, origin_of
from reelwise.live.outcomes import Figures
from reelwise.live.store import Store

REVISION, OTHER = "0123456789ab", "ba9876543210"
START = 1_700_000_000_000_000  # microseconds
HOUR = shown.DAY // 24
LIST, BOLD = new_list_id(REVISION, 0.0), new_list_id(REVISION, 0.4)


def show(user: str, movie: int, list_id: str = LIST, at: int | None = START) -> Event:
    return Event(user, movie, "shown", at=at, recommendation_id=list_id)


def test_the_id_of_a_list_says_what_made_it() -> None:
    assert origin_of(new_list_id(REVISION, 0.37)) == (REVISION, 0.37)
    assert origin_of(new_list_id(REVISION, None)) == (REVISION, None)
    assert len({new_list_id(REVISION, 1.0) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "foreign", ["", "list-1", "0123456789ab-0-xyz", f"0123456789ab-101-{'0' * 16}", "{}0", " {}", "{}\n"]
)
def test_an_id_of_somebody_else_says_nothing(foreign: str) -> None:
    assert origin_of(foreign.format(LIST)) is None


def test_what_became_of_what_was_shown_is_counted_by_revision_and_balance(store: Store) -> None:
    store.record([show(user, movie) for user in ("al", "bo") for movie in (1, 2, 3, 4)])
    store.record([show("al", 1, BOLD, START + HOUR), show("al", 9, new_list_id(OTHER, None), START + 2 * HOUR)])
    store.record(
        [
            Event("al", 2, "clicked", at=START + HOUR),
            Event("al", 2, "watched", at=START + HOUR),
            Event("bo", 2, "like", at=START + HOUR),
            Event("bo", 3, "rating", 4.0, START + HOUR),
            Event("bo", 4, "rating", 3.5, START + HOUR),
            Event("bo", 8, "clicked", at=START + HOUR),
        ],
        least_like=4.0,
    )
    assert store.figures() == (
        Figures(OTHER, None, 1, 1, 0, 0, 0),
        Figures(REVISION, 0.4, 1, 1, 0, 0, 0),
        Figures(REVISION, 0.0, 8, 4, 1, 1, 2),
    )


def test_what_comes_before_or_after_the_week_does_not_count(store: Store) -> None:
    store.record([show("al", movie) for movie in (1, 2)])
    late = START + shown.WEEK + 1
    store.record([Event("al", 1, "clicked", at=START - 1), Event("al", 2, "clicked", at=late)])
    assert store.figures()[0].clicked == 0
    store.record([Event("al", 2, "like", at=late - 1)])
    store.record([Event("al", 2, "like", at=late)])
    assert store.figures()[0].liked == 1


def test_a_click_on_a_list_counts_there_alone_and_shows_that_the_film_was_on_it(store: Store) -> None:
    store.record([show("al", 1), show("al", 1, BOLD)])
    store.record([Event("al", 1, "clicked", at=START, recommendation_id=BOLD)])
    store.record([Event("al", 2, "like", at=START, recommendation_id=BOLD), show("al", 2, BOLD, START - HOUR)])
    assert {one.balance: one[2:] for one in store.figures()} == {0.0: (1, 1, 0, 0, 0), 0.4: (2, 2, 1, 0, 1)}
    assert [(film.movie_id, film.at) for film in store.shown_to("al")] == [(2, START - HOUR), (1, START), (1, START)]


def test_it_does_not_matter_which_is_heard_of_first(store: Store) -> None:
    store.record([Event("al", 1, "watched", at=START + HOUR)])
    store.record([show("al", 1)])
    store.record([show("al", 1, at=START + 2 * HOUR)])
    assert [film[2:] for film in store.shown_to("al")] == [(START, False, True, False)]


def test_lists_that_nobody_knows_count_nowhere(store: Store) -> None:
    store.record([Event("al", 1, "shown"), show("al", 2, "somebody-else-s"), Event("al", 2, "clicked")])
    assert store.figures() == ()


def test_what_was_merely_noticed_leaves_the_version_that_lists_are_kept_by(store: Store) -> None:
    versions = []
    kinds: list[EventType] = ["like", "shown", "clicked", "watched"]
    for kind in kinds:
        store.record([Event("al", 1, kind)])
        standing = store.find("al")
        assert standing is not None
        versions.append(standing.version)
    assert versions[0] == versions[1] == versions[2] != versions[3]


def test_an_erased_user_was_shown_nothing(store: Store) -> None:
    store.record([show("al", 1), show("bo", 1)])
    store.erase("al")
    assert store.shown_to("al") == []
    assert store.figures()[0].shown == 1


def test_what_is_old_is_forgotten_and_opinions_are_not(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "_AT_ONCE", 2)
    store.record([show("al", movie) for movie in range(5)])
    store.record([Event("al", 1, "clicked", at=START), Event("al", 1, "rating", 4.0, START, "e-1")])
    store.record([show("al", 7, at=None)])
    store.forget(30)
    assert [film.movie_id for film in store.shown_to("al")] == [7]
    assert {(event.movie_id, event.type) for event in store.events("al")} == {(1, "rating"), (7, "shown")}
    assert store.event_ids("al") == ["e-1"]  # told just now
    store.forget(-1)
    assert (store.event_ids("al"), store.shown_to("al")) == ([], [])
    assert [event.type for event in store.events("al")] == ["rating"]


def test_a_store_of_the_first_version_is_brought_up_to_date(store_address: str) -> None:
    database = open_database(store_address)
    with database.writing.begin() as connection:
        migrate.upgrade(connection, "0001")
        connection.execute(text("INSERT INTO event_ids (event_id, user_id) VALUES ('e-1', '7')"))
    database.writing.dispose()
    store = Store(store_address)
    store.open()
    store.forget(30)
    assert store.event_ids(7) == ["e-1"]
    assert store.record([Event(7, 1, "like", event_id="e-1")]).duplicates == 1
    store.close()
