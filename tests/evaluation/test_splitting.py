from collections.abc import Iterator
from dataclasses import astuple

import numpy as np
import numpy.typing as npt
import pytest

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.errors import UsageError
from reelwise.evaluation.splitting import KnownUsers, Selections, TestCase
from reelwise.models.queries import STRANGER
from support.models.checkerboard import LOVE, checkerboard

RATINGS = checkerboard().interactions()
LIKES = RATINGS.where(RATINGS.stars == LOVE)
KNOWN = KnownUsers.split(RATINGS, seed=1)
SELECTIONS = Selections.split(RATINGS, seed=1, test_users=8, validation_users=5, min_likes=6)
HELD_OUT = np.flatnonzero(SELECTIONS.train.counts_by_user() == 0)

Pairs = set[tuple[int, int]]


def pairs(ratings: Interactions) -> Pairs:
    return set(zip(ratings.users.tolist(), ratings.movies.tolist(), strict=True))


def pairs_of(case: TestCase, rows: CSR) -> Pairs:
    return {(int(user), int(movie)) for row, user in enumerate(case.queries.users) for movie in rows[row][0]}


def movies_by_row(*parts: CSR) -> list[set[int]]:
    return [{movie for part in parts for movie in part[row][0].tolist()} for row in range(len(parts[0]))]


def cases() -> Iterator[TestCase]:
    yield KNOWN.validation
    yield KNOWN.test
    yield from SELECTIONS.validation.values()
    yield from SELECTIONS.test.values()


@pytest.mark.parametrize("case", list(cases()))
def test_nothing_given_or_excluded_is_a_target(case: TestCase) -> None:
    parts = movies_by_row(case.queries.histories), movies_by_row(case.excluded), movies_by_row(case.targets)
    for given, excluded, targets in zip(*parts, strict=True):
        assert given <= excluded
        assert not excluded & targets
        assert targets
    assert set(case.targets.stars) == {LOVE}


def test_parts_of_known_users_are_all_ratings_each_once_and_only_likes_are_to_be_found() -> None:
    train, validation, test = (
        pairs(KNOWN.train),
        pairs_of(KNOWN.validation, KNOWN.validation.targets),
        pairs_of(KNOWN.test, KNOWN.test.targets),
    )
    assert train | validation | test == pairs(RATINGS)
    assert len(train) + len(validation) + len(test) == len(RATINGS)
    assert validation | test <= pairs(LIKES)
    for case in (KNOWN.validation, KNOWN.test):
        assert pairs_of(case, case.queries.histories) == train
    assert pairs_of(KNOWN.validation, KNOWN.validation.excluded) == train
    assert pairs_of(KNOWN.test, KNOWN.test.excluded) == train | validation


@pytest.mark.parametrize(
    ("likes", "validation", "test"), [(1, 0, 0), (2, 0, 1), (3, 1, 1), (9, 1, 1), (19, 1, 1), (20, 2, 2), (35, 3, 3)]
)
def test_each_user_gives_a_tenth_to_each_held_out_part_but_one_at_least(likes: int, validation: int, test: int) -> None:
    split = KnownUsers.split(ratings_of(likes), seed=0)
    assert len(split.validation.targets.indices) == validation
    assert len(split.test.targets.indices) == test
    assert len(split.train) == likes - validation - test
    assert len(split.test.queries) == (test > 0)


def ratings_of(*likes: int) -> Interactions:
    """User u has likes[u] ratings of LOVE."""
    users = np.repeat(np.arange(len(likes), dtype=np.int32), likes)
    movies = np.concatenate([np.arange(count, dtype=np.int32) for count in likes])
    return Interactions(users, movies, np.full(len(users), LOVE, np.float32), (len(likes), max(likes)))


def test_only_some_of_very_many_known_users_are_asked_for() -> None:
    split = KnownUsers.split(RATINGS, seed=1, most_queries=10)
    assert len(split.test.queries) == len(split.test.targets) == len(split.test.excluded) == 10
    assert pairs_of(split.test, split.test.targets) < pairs_of(KNOWN.test, KNOWN.test.targets)
    assert pairs(split.train) == pairs(KNOWN.train)


def test_held_out_users_are_strangers_without_training_ratings_and_the_others_have_all_of_theirs() -> None:
    assert len(HELD_OUT) == 13
    assert pairs(SELECTIONS.train) == {(user, movie) for user, movie in pairs(RATINGS) if user not in HELD_OUT}
    for part in (SELECTIONS.test, SELECTIONS.validation):
        assert all(set(case.queries.users) == {STRANGER} for case in part.values())


@pytest.mark.parametrize("n", SELECTIONS.test)
def test_n_picks_are_given_and_all_other_likes_of_test_and_of_other_validation_users_are_to_be_found(n: int) -> None:
    found = []
    for case, users in ((SELECTIONS.test[n], 8), (SELECTIONS.validation[n], 5)):
        assert set(case.queries.histories.counts()) == {n}
        np.testing.assert_array_equal(case.excluded.indices, case.queries.histories.indices)
        found += movies_by_row(case.queries.histories, case.targets)
        assert len(case.queries) <= users
    likes = [set(LIKES.movies[LIKES.users == user].tolist()) for user in HELD_OUT]
    assert sorted(map(sorted, found)) == sorted(sorted(movies) for movies in likes if len(movies) > n)


def test_more_picks_are_the_fewer_and_some_more() -> None:
    fewer, more = (movies_by_row(SELECTIONS.test[n].queries.histories) for n in (1, 3))
    assert all(few < many for few, many in zip(fewer, more, strict=True))


def test_users_with_too_few_likes_are_left_out_for_that_number_of_picks() -> None:
    split = Selections.split(
        ratings_of(4, 6, 8, 1), seed=0, test_users=3, validation_users=0, min_likes=3, picks=(3, 4, 7, 8)
    )
    assert {n: (n + case.targets.counts()).tolist() for n, case in split.test.items()} == {
        3: [4, 6, 8],
        4: [6, 8],
        7: [8],
    }
    assert set(split.train.users) == {3}


def test_too_few_users_is_the_callers_mistake() -> None:
    with pytest.raises(UsageError, match="3 users cannot be held out: only 2 of 4 have 5 ratings of 4 stars or more"):
        Selections.split(ratings_of(4, 6, 8, 1), seed=0, test_users=2, validation_users=1, min_likes=5)


def arrays(value: object) -> list[npt.NDArray[np.generic]]:
    """All arrays inside nested tuples, in order."""
    if isinstance(value, np.ndarray):
        return [value]
    return [array for one in value for array in arrays(one)] if isinstance(value, tuple) else []


def content(split: KnownUsers | Selections) -> list[list[float]]:
    parts = [astuple(split.train), *(astuple(case) for pair in split.pairs() for case in pair)]
    return [array.tolist() for part in parts for array in arrays(part)]


def test_the_seed_alone_decides() -> None:
    def selections(seed: int) -> Selections:
        return Selections.split(RATINGS, seed=seed, test_users=8, validation_users=5, min_likes=6)

    assert content(selections(1)) == content(SELECTIONS) != content(selections(2))
    assert content(KnownUsers.split(RATINGS, seed=1)) == content(KNOWN) != content(KnownUsers.split(RATINGS, seed=2))
