from collections.abc import Iterator
from dataclasses import astuple

import numpy as np
import numpy.typing as npt
import pytest

from reelwise.data.ratings import CSR, Interactions, Ratings
from reelwise.errors import UsageError
from reelwise.evaluation.splitting import KnownUsers, Selections, TestCase
from support.checkerboard import LOVE, checkerboard

RATINGS = checkerboard()
USERS, MOVIES = len(RATINGS.user_ids), len(RATINGS.movie_ids)
KNOWN = KnownUsers.split(RATINGS, seed=1)
SELECTIONS = Selections.split(RATINGS, seed=1, test_users=8, validation_users=5, min_likes=6)

Pairs = set[tuple[int, int]]


def pairs(seen: Interactions) -> Pairs:
    return set(zip(seen.users.tolist(), seen.movies.tolist(), strict=True))


def pairs_of(trial: TestCase, rows: CSR) -> Pairs:
    return {(int(user), int(movie)) for row, user in enumerate(trial.viewers.users) for movie in rows[row][0]}


LIKES = pairs(RATINGS.interactions().where(RATINGS.interactions().stars == LOVE))


def trials() -> Iterator[TestCase]:
    yield KNOWN.validation
    yield KNOWN.test
    yield from SELECTIONS.validation.values()
    yield from SELECTIONS.test.values()


@pytest.mark.parametrize("trial", list(trials()))
def test_nothing_given_or_excluded_is_a_target(trial: TestCase) -> None:
    picks, excluded, targets = (pairs_of(trial, rows) for rows in (trial.viewers.picks, trial.excluded, trial.targets))
    assert picks <= excluded
    assert not excluded & targets
    assert excluded | targets <= LIKES
    assert trial.targets.counts().all()
    assert set(trial.viewers.picks.stars) == {LOVE}


def test_known_users_parts_are_the_positives_each_once() -> None:
    train, validation, test = (
        pairs(KNOWN.train),
        pairs_of(KNOWN.validation, KNOWN.validation.targets),
        pairs_of(KNOWN.test, KNOWN.test.targets),
    )
    assert train | validation | test == LIKES
    assert len(train) + len(validation) + len(test) == len(LIKES)
    assert pairs_of(KNOWN.test, KNOWN.test.viewers.picks) == train
    assert pairs_of(KNOWN.validation, KNOWN.validation.excluded) == train
    assert pairs_of(KNOWN.test, KNOWN.test.excluded) == train | validation


@pytest.mark.parametrize(
    ("likes", "validation", "test"), [(1, 0, 0), (2, 0, 1), (3, 1, 1), (9, 1, 1), (19, 1, 1), (20, 2, 2), (35, 3, 3)]
)
def test_each_user_gives_a_tenth_to_each_held_out_part_but_one_at_least(likes: int, validation: int, test: int) -> None:
    split = KnownUsers.split(ratings_of(likes), seed=0)
    assert len(split.validation.targets.indices) == validation
    assert len(split.test.targets.indices) == test
    assert len(split.train.stars) == likes - validation - test
    assert len(split.test.viewers) == (test > 0)


def ratings_of(*likes: int) -> Ratings:
    """User u has likes[u] ratings of LOVE."""
    user_ids = np.repeat(np.arange(1, len(likes) + 1), likes)
    movie_ids = np.concatenate([np.arange(1, count + 1) for count in likes])
    return Ratings.from_columns(user_ids, movie_ids, np.full(len(user_ids), LOVE, np.float32))


def test_a_lower_threshold_takes_in_lower_stars() -> None:
    split = KnownUsers.split(RATINGS, seed=1, liked=1.0)
    parts = len(split.train.stars), len(split.validation.targets.stars), len(split.test.targets.stars)
    assert sum(parts) == len(RATINGS)


def test_held_out_users_have_no_training_ratings_and_the_others_have_all_of_theirs() -> None:
    held_out = {int(user) for trial in (SELECTIONS.test[1], SELECTIONS.validation[1]) for user in trial.viewers.users}
    assert len(held_out) == 13
    everything = pairs(RATINGS.interactions())
    assert pairs(SELECTIONS.train) == {(user, movie) for user, movie in everything if user not in held_out}


def test_test_and_validation_users_are_disjoint() -> None:
    assert not set(SELECTIONS.test[1].viewers.users) & set(SELECTIONS.validation[1].viewers.users)
    assert len(SELECTIONS.test[1].viewers) == 8
    assert len(SELECTIONS.validation[1].viewers) == 5


@pytest.mark.parametrize("part", [SELECTIONS.test, SELECTIONS.validation])
def test_n_picks_are_given_and_all_other_likes_are_targets(part: dict[int, TestCase]) -> None:
    for n, trial in part.items():
        assert set(trial.viewers.picks.counts()) == {n}
        users = set(trial.viewers.users.tolist())
        given, targets = pairs_of(trial, trial.viewers.picks), pairs_of(trial, trial.targets)
        assert given | targets == {(user, movie) for user, movie in LIKES if user in users}
        assert pairs_of(trial, trial.excluded) == given


def test_more_picks_are_the_fewer_and_some_more() -> None:
    fewer, more = SELECTIONS.test[1], SELECTIONS.test[3]
    assert pairs_of(fewer, fewer.viewers.picks) < pairs_of(more, more.viewers.picks)


def test_users_with_too_few_likes_are_left_out_for_that_number_of_picks() -> None:
    split = Selections.split(
        ratings_of(4, 6, 8, 1), seed=0, test_users=3, validation_users=0, min_likes=3, picks=(3, 4, 7, 8)
    )
    assert {n: trial.viewers.users.tolist() for n, trial in split.test.items()} == {3: [0, 1, 2], 4: [1, 2], 7: [2]}
    assert set(split.train.users) == {3}


def test_too_few_users_is_the_callers_mistake() -> None:
    with pytest.raises(UsageError, match="3 users cannot be held out: only 2 of 4 have 5 ratings of 4 stars or more"):
        Selections.split(ratings_of(4, 6, 8, 1), seed=0, test_users=2, validation_users=1, min_likes=5)


def arrays(value: object) -> list[npt.NDArray[np.generic]]:
    """All arrays inside nested tuples and mappings, in order."""
    if isinstance(value, np.ndarray):
        return [value]
    inner = value.values() if hasattr(value, "values") else value if isinstance(value, tuple) else ()
    return [array for one in inner for array in arrays(one)]


def content(split: KnownUsers | Selections) -> list[list[float]]:
    tests = split.test.values() if isinstance(split, Selections) else [split.test]
    return [array.tolist() for array in arrays((split.train, *(astuple(trial) for trial in tests)))]


def test_the_seed_alone_decides() -> None:
    def selections(seed: int) -> Selections:
        return Selections.split(RATINGS, seed=seed, test_users=8, validation_users=5, min_likes=6)

    assert content(selections(1)) == content(SELECTIONS) != content(selections(2))
    assert content(KnownUsers.split(RATINGS, seed=1)) == content(KNOWN) != content(KnownUsers.split(RATINGS, seed=2))
