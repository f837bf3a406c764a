"""What people of a live store liked lately."""

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from reelwise.data.vocabulary import Vocabulary
from reelwise.live import films
from reelwise.live.events import Event
from reelwise.live.store import Store
from reelwise.recommend.films import lately as module
from reelwise.recommend.films.lately import Lately, LikeCounts
from reelwise.recommend.filters import Filters
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from support.models.tiny_recommender import tiny_model

YEAR = 365 * 86_400_000_000  # microseconds


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path}/live.db")


def wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.001)


def counted(store: Store) -> Lately:
    lately = Lately(store, 4.0)
    lately.count()
    return lately


def test_the_latest_likes_count_most(store: Store) -> None:
    store.record([Event(f"old {n}", 1, "like", at=YEAR) for n in range(4)])
    store.record([Event(f"new {n}", 296, "rating", 5.0, 3 * YEAR) for n in range(2)])
    store.record([Event("x", 296, "like", at=3 * YEAR), Event("y", 593, "rating", 2.0), Event("z", 593, "dislike")])
    likes = counted(store).liked().likes
    assert {*likes} == {1, 296}
    assert likes[296] == 3
    assert likes[1] == pytest.approx(4 * 2 ** (-730 / 180), rel=0.2)


def test_it_counts_the_less_the_fewer_likes_there_are() -> None:
    movies = Vocabulary.of([1, 2, 3])
    few, many = (LikeCounts({1: likes, 9: likes}).spread(movies) for likes in (1.0, 1000.0))
    assert few[0] == pytest.approx(0.4 * 3 / 101, rel=1e-5)
    assert many[0] == pytest.approx(0.4 * 3 * 1000 / 1100, rel=1e-5)
    assert not many[1:].any()
    assert not LikeCounts({}).spread(movies).any()


def test_somebody_new_is_shown_what_was_liked_lately_and_never_what_was_seen(store: Store) -> None:
    service = Service(tiny_model(), store)
    before = [film.movie_id for film in service.popular(Request(filters=Filters(6)))]
    worst = before[-1]
    store.record([Event(f"fan {n}", worst, "like") for n in range(500)])
    assert service.lately is not None
    service.lately.count()
    assert next(iter(service.popular())).movie_id == worst
    store.record([Event("al", before[0], "watchlist")])
    assert next(iter(service.recommend(Request(user="al")))).movie_id == worst
    store.record([Event("al", worst, "hide")])
    assert worst not in {film.movie_id for film in service.recommend(Request(user="al"))}
    without_store = [film.movie_id for film in Service(tiny_model()).popular(Request(filters=Filters(6)))]
    assert without_store == before


def test_a_store_that_is_away_leaves_what_was_known(store: Store, tmp_path: Path) -> None:
    store.record([Event("al", 1, "like")])
    lately = counted(store)
    known = lately.liked()
    (tmp_path / "live.db").rename(tmp_path / "elsewhere.db")
    lately.count()
    assert lately.liked() is known


def test_a_fault_of_another_kind_leaves_what_was_known_until_the_next_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.record([Event("al", 1, "like")])
    lately = Lately(store, 4.0)
    with monkeypatch.context() as broken:
        broken.setattr(films, "likes_by_month", lambda *_, **__: 1 / 0)
        lately.liked()
        wait_for(lambda: lately._next < math.inf)
    lately._next = 0.0
    wait_for(lambda: lately.liked().likes == {1: 1.0})


def test_it_is_counted_anew_and_nobody_waits(store: Store) -> None:
    store.record([Event("al", 1, "like")])
    lately = Lately(store, 4.0)
    wait_for(lambda: lately.liked().likes == {1: 1.0})


def test_counting_takes_a_hundredth_of_the_time_at_most(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 103.0, 402.9])  # counting takes three seconds
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    lately = counted(store)
    monkeypatch.setattr(threading, "Thread", None)  # none is started
    assert not lately.liked().likes
