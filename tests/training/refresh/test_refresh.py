"""A model learns what users told, is refused where it is worse, and is taken back."""

import os
import shutil
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reelwise.artifacts.folder import read_model, write_model
from reelwise.data.vocabulary import Id
from reelwise.errors import ModelError, UpdateRefused, UsageError
from reelwise.live import updates
from reelwise.live.events import Event
from reelwise.live.films import KnownFilm
from reelwise.live.leases import holding
from reelwise.live.store import Store
from reelwise.live.updates import Update
from reelwise.models.config import MatrixFactorizationConfig, WeightedALSConfig
from reelwise.training.pipeline import TrainingSettings, train
from reelwise.training.refresh.due import why_due
from reelwise.training.refresh.promote import Refreshed, refresh
from reelwise.training.refresh.roll_back import LEASE, previous_of, roll_back
from support.models.checkerboard import DISLIKE, LOVE, checkerboard_dataset

if TYPE_CHECKING:
    from reelwise.artifacts.model import Model

SETTINGS = TrainingSettings(
    rating=MatrixFactorizationConfig(
        factors=4, learning_rate=0.05, user_regularisation=0.2, movie_regularisation=0.2, prior_ridge=20
    ),
    ranking=WeightedALSConfig(factors=4),
    evaluate=False,
)
USERS, MOVIES = 200, 40
NIGHT, NOON = (time.mktime((2026, 11, 29, hour, 0, 0, 0, 0, 0)) for hour in (3, 12))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the checkerboard: even users love even films."""
    folder = tmp_path_factory.mktemp("trained") / "model"
    write_model(folder, train(checkerboard_dataset(USERS, MOVIES), SETTINGS))
    return folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained, tmp_path / "model")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path}/live.db")
    store.open()
    return store


def told(users: "list[Id]", seed: int = 1, share: float = 0.5, spoiled: bool = False) -> list[Event]:
    """What such users rate, in a random order; even ones, and names with an even length, love even films."""
    random, events = np.random.default_rng(seed), list[Event]()
    for user in users:
        colour = len(user) if isinstance(user, str) else user
        for movie in (1 + random.permutation(MOVIES)[: round(share * MOVIES)]).tolist():
            events.append(Event(user, movie, "rating", LOVE if movie % 2 == colour % 2 else DISLIKE))
    random.shuffle(events)
    if spoiled:
        stars = random.permutation([event.stars or 0 for event in events]).tolist()
        events = [event._replace(stars=given) for event, given in zip(events, stars, strict=True)]
    return events


def newcomers(count: int) -> "list[Id]":
    return [*range(1001, 1001 + count)]


def update(folder: Path, store: Store) -> Refreshed:
    done = refresh(folder, store, threads=1)
    assert done is not None
    return done


def last_of(store: Store, folder: Path) -> Update:
    last = store.ask(partial(updates.last_update, revision=read_model(folder).description.revision))
    assert last is not None
    return last


def test_what_users_told_is_learnt_and_measured_and_the_old_model_is_kept(folder: Path, store: Store) -> None:
    before = read_model(folder)
    store.record(told([*newcomers(12), 3, 4]))
    done = update(folder, store)
    model = read_model(folder)
    assert (done.served, done.revision) == (before.description.revision, model.description.revision)
    assert model.config.updated_from == before.description.revision
    assert not done.from_scratch
    assert done.measured.rmse is not None
    assert done.measured.ratings > 20
    assert done.measured.rmse.newer < 1.5
    assert model.histories is not None
    row = model.users.row(1001)
    assert row is not None
    assert len(model.histories.by_user[row][0]) == MOVIES // 2
    right = ((model.rating.P[row] @ model.rating.Q[:MOVIES].T) > 3) == (model.movies.ids[:MOVIES] % 2 == 1)
    assert right.mean() > 0.9
    assert read_model(previous_of(folder)).description == before.description
    assert last_of(store, folder)[:3] == (done.served, "promoted", done.revision)
    assert model.config.ratings_since == done.changes
    assert refresh(folder, store, threads=1) is None  # nothing is left to learn
    assert read_model(folder).description == model.description


def test_ratings_that_make_no_sense_are_refused_and_that_is_remembered(folder: Path, store: Store) -> None:
    before = read_model(folder).description
    (folder.parent / ".model.new-halfmade").mkdir()  # of an update that was killed
    store.record(told(newcomers(16), spoiled=True))
    with pytest.raises(UpdateRefused, match=r"no better .* than their own mean"):
        refresh(folder, store, threads=1)
    assert read_model(folder).description == before
    assert not previous_of(folder).exists()
    assert {path.name for path in folder.parent.iterdir()} <= {"model", "live.db", "live.db-wal", "live.db-shm"}
    last = last_of(store, folder)
    assert (last.outcome, last.revision) == ("refused", before.revision)
    heard = store.ask(updates.count_ratings)
    model = read_model(folder)
    assert why_due(model, heard, None, NOON) is not None
    assert why_due(model, heard, last, NOON) is None


def test_few_people_are_learnt_from_whom_the_served_model_predicts_better_than_the_mean(
    folder: Path, store: Store
) -> None:
    spoiled = [event._replace(user_id=f"s{event.user_id}") for event in told(newcomers(8), seed=2, spoiled=True)]
    events = [*told(newcomers(6)), *spoiled]
    np.random.default_rng(3).shuffle(events)
    store.record(events)
    measured = update(folder, store).measured
    assert measured.rmse is not None
    assert 1.5 < measured.rmse.served < 1.9  # by less than two standard errors; the mean alone has 2.0


def test_a_folder_that_cannot_be_replaced_is_refused_before_anything_is_learnt(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.record(told(newcomers(5)))
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    said = list[str]()
    with pytest.raises(ModelError, match="the model cannot be written there"):
        refresh(folder, store, threads=1, say=said.append)
    assert said == []


def test_going_back_and_forth(folder: Path, store: Store) -> None:
    with pytest.raises(ModelError, match="no model to go back to"):
        roll_back(folder, store)
    store.record(told(newcomers(5)))
    done = update(folder, store)
    assert roll_back(folder, store) == (done.revision, done.served)
    assert read_model(folder).description.revision == done.served
    last = last_of(store, folder)
    assert last.outcome == "rolled back"
    assert why_due(read_model(folder), store.ask(updates.count_ratings), last, NOON) is None
    assert roll_back(folder, None) == (done.served, done.revision)
    (previous_of(folder) / "model_Q.npy").write_bytes(b"broken")
    with pytest.raises(ModelError):
        roll_back(folder, store)
    assert read_model(folder).description.revision == done.revision


def test_whoever_was_erased_is_in_no_later_model(folder: Path, store: Store) -> None:
    store.record(told([*newcomers(3), "al"]))
    store.erase(4)
    store.erase(1002)
    update(folder, store)
    users = {*read_model(folder).users}
    assert users & {4, 1002} == set()
    assert {3, 1001, 1003, "al"} <= users
    store.erase("al")
    store.erase(3)
    update(folder, store)
    model = read_model(folder)
    assert {*model.users} & {3, 4, "al", 1002} == set()
    assert model.histories is not None
    assert len(model.users) == len(model.histories.by_user) == len(model.rating.P)


def test_numbers_and_names_are_users_of_one_model(folder: Path, store: Store) -> None:
    store.record(told(["al", "bob", *newcomers(3), "7"]))
    update(folder, store)
    model = read_model(folder)
    assert not model.users.are_numbers
    for user in ("al", "bob", 7, "7", 1001):
        row = model.users.row(user)
        assert row is not None
        assert model.users[row] == user
    assert (model.users.row("1001"), model.users.row(5000)) == (None, None)
    store.record(told(["carol", 2001], seed=2))
    update(folder, store)
    again = read_model(folder)
    assert {*again.users} == {*model.users, "carol", 2001}


def test_what_was_taken_back_is_unlearnt(folder: Path, store: Store) -> None:
    histories = read_model(folder).histories
    assert histories is not None
    rated = histories.movies.at(histories.by_user[6][0])
    user = histories.users[6]
    changed = Event(user, rated[1], "rating", 3.0)
    store.record([Event(user, rated[0], "rating"), changed, *told(newcomers(2))])
    update(folder, store)
    model = read_model(folder)
    assert model.histories is not None
    movies, stars = model.histories.by_user[model.users.row(user) or 0]
    assert model.movies.at(movies) == rated[1:]
    assert stars[0] == 3.0


def test_much_that_is_new_is_learnt_from_scratch(folder: Path, store: Store) -> None:
    store.record(told(newcomers(70), share=0.6))
    done = update(folder, store)
    assert done.from_scratch
    model = read_model(folder)
    assert (model.config.ratings_since, model.config.updated_from) == (0, None)
    assert model.config.counts.users == USERS + 70


def test_only_one_updates_at_a_time(folder: Path, store: Store) -> None:
    store.record(told(newcomers(2)))
    said: list[str] = []
    with holding(store, LEASE) as is_mine:
        assert is_mine
        assert refresh(folder, store, say=said.append) is None
        shutil.copytree(folder, previous_of(folder))
        with pytest.raises(UsageError, match="being updated"):
            roll_back(folder, store)
    assert "Another process" in said[0]


def test_a_model_that_somebody_put_there_meanwhile_stays(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.record(told(newcomers(2)))
    other = replace(read_model(folder), map=None)

    def put(self: Store) -> frozenset[str]:
        write_model(folder, other)
        return frozenset()

    monkeypatch.setattr(Store, "erased_marks", put)
    with pytest.raises(UsageError, match="another model was put there"):
        refresh(folder, store, threads=1)
    assert read_model(folder).map is None


@pytest.mark.parametrize(
    ("heard", "last", "now", "due"),
    [
        ({1: 300}, None, NOON, "300 ratings are new"),
        ({1: 299}, None, NOON, None),
        ({1: 1}, None, NIGHT, "it is night"),
        ({}, None, NIGHT, None),
        ({1: 500}, Update("a", "promoted", "b", 201, "", at=round((NOON - 60) * 1e6)), NOON, None),
        ({1: 501}, Update("a", "promoted", "b", 201, "", at=round((NOON - 60) * 1e6)), NOON, "300 ratings are new"),
        ({1: 202}, Update("a", "failed", "b", 201, "", at=round((NIGHT - 86400) * 1e6)), NIGHT, "it is night"),
        ({1: 202}, Update("a", "refused", "b", 201, "", at=round((NIGHT - 7200) * 1e6)), NIGHT, None),
        ({9001: 10}, None, NOON, "1 films wait"),
        ({9003: 10}, None, NOON, None),  # which nobody knows
        ({9002: 10}, None, NOON, None),  # which went
        ({9001: 11}, Update("a", "nothing new", "b", 10, "", at=round((NOON - 7200) * 1e6)), NOON, "1 films wait"),
        ({9001: 9}, None, NOON, None),
        ({9001: 10}, Update("a", "promoted", "b", 1, "", at=round((NOON - 60) * 1e6)), NOON, None),
        ({9001: 10}, Update("a", "refused", "b", 1, "", at=round((NOON - 7200) * 1e6)), NOON, None),
    ],
)
def test_when_an_update_is_due(
    trained: Path, heard: dict[Id, int], last: Update | None, now: float, due: str | None
) -> None:
    model = read_model(trained)
    counts = model.config.counts.model_copy(update={"ratings": 6000})
    small: Model = replace(model, config=model.config.model_copy(update={"counts": counts}))
    known = [KnownFilm(9001, "Came"), KnownFilm(9002, "Went", removed=True)]
    why = why_due(small, heard, last, now, known)
    assert why == due if due is None else due in (why or "")
