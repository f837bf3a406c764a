"""Who is recommended to, what is known of them, and what is to be found.

Two protocols. `KnownUsers`: the model has seen part of every user's history. `Selections`: users that the model has
never seen name a few movies they like (strong generalisation: Marlin, "Collaborative Filtering: A Machine Learning
Perspective", 2004, section 3.3). In both, the whole catalogue is ranked; candidates are never sampled, since that
changes which recommender looks better (Krichene, Rendle, "On Sampled Metrics for Item Recommendation", KDD 2020).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import grouped, part
from reelwise.data.ratings import CSR, Indices, Interactions, Ratings
from reelwise.errors import UsageError

LIKED = 4.0
PICKS = (1, 3, 5, 10, 20)


@dataclass(frozen=True)
class Queries:
    """Whom to recommend to.

    Attributes:
        users: int32, shape (viewers,); the user index of each viewer. Held-out users have no ratings in training.
        picks: for each viewer the movies they are known to like, with their stars: a selection, or a train history.
    """

    users: Indices
    picks: CSR

    def __len__(self) -> int:
        return len(self.users)

    def selections(self) -> list[Indices]:
        """The picks of each viewer, without their stars."""
        return [self.picks[row][0] for row in range(len(self))]

    def part(self, start: int, stop: int) -> "Queries":
        """The viewers from `start` up to `stop`."""
        return Queries(self.users[start:stop], part(self.picks, start, stop))


@dataclass(frozen=True)
class TestCase:
    """Queries, and for each of them what must not be recommended and what is to be found.

    Attributes:
        viewers: whom to recommend to.
        excluded: movies that are never recommended to a viewer, picks among them.
        targets: the movies to be found, at least one per viewer; none of them excluded.
    """

    __test__: ClassVar[bool] = False  # pytest takes every class of such a name for one of its own

    viewers: Queries
    excluded: CSR
    targets: CSR


@dataclass(frozen=True)
class KnownUsers:
    """A random part of every user's positives is held out.

    What was rated below the threshold plays no part: it is neither trained on nor excluded nor a target.

    Attributes:
        train: the positives to train on.
        validation: picks and excluded are the user's `train`; for choosing settings.
        test: picks are the user's `train`, excluded are `train` and validation targets; for the figures.
        shape: the number of users and of movies.
    """

    train: Interactions
    validation: TestCase
    test: TestCase
    shape: tuple[int, int]

    @classmethod
    def split(cls, ratings: Ratings, *, seed: int, liked: float = LIKED, share: float = 0.1) -> Self:
        """Split each user's positives at random.

        Of n positives, `share` · n rounded down are test, as many validation, but one each at least: of 2 positives one
        is test, of 1 none. With a threshold of 3 this is the protocol of RecBole's ratio split by user.

        Args:
            ratings: all ratings.
            seed: of the order in which each user's positives are dealt.
            liked: the stars from which a rating is a positive.
            share: of validation and of test, each.
        """
        users = len(ratings.user_ids)
        likes = _likes(ratings, liked)
        counts = np.bincount(likes.users, minlength=users)
        held_out = np.maximum(np.floor(share * counts), 1)
        tests, validations = np.where(counts >= 2, held_out, 0), np.where(counts >= 3, held_out, 0)
        place = _random_places(likes.users, np.random.default_rng(seed))
        is_test = place < tests[likes.users]
        is_validation = ~is_test & (place < (tests + validations)[likes.users])
        is_train = ~(is_test | is_validation)

        def trial(excluded: npt.NDArray[np.bool_], targets: npt.NDArray[np.bool_]) -> TestCase:
            chosen = np.flatnonzero(np.bincount(likes.users[targets], minlength=users))
            return _trial(chosen, likes.where(is_train), likes.where(excluded), likes.where(targets), users)

        return cls(
            likes.where(is_train),
            trial(is_train, is_validation),
            trial(is_train | is_validation, is_test),
            (users, len(ratings.movie_ids)),
        )


@dataclass(frozen=True)
class Selections:
    """Some users are held out whole; some of their likes are given, the other likes are to be found.

    Attributes:
        train: all ratings of all other users. Indices are those of the whole; held-out users have no ratings here.
        validation: a trial for each number of picks, of users to choose settings by.
        test: likewise of other users, for the figures.
        shape: the number of users and of movies.
    """

    train: Interactions
    validation: Mapping[int, TestCase]
    test: Mapping[int, TestCase]
    shape: tuple[int, int]

    @classmethod
    def split(
        cls,
        ratings: Ratings,
        *,
        seed: int,
        test_users: int = 1000,
        validation_users: int = 500,
        min_likes: int = 30,
        liked: float = LIKED,
        picks: Sequence[int] = PICKS,
    ) -> Self:
        """Hold out users, and draw their picks.

        A user's picks are the first n of one random order of their likes, so that 3 picks are 2 more than 1 pick. A
        user with n likes or fewer is left out for n; a number of picks that leaves nobody is left out whole.

        Args:
            ratings: all ratings.
            seed: of users and picks.
            test_users: how many users to hold out for the figures.
            validation_users: how many others to hold out for choosing settings.
            min_likes: users with fewer likes are not held out.
            liked: the stars from which a rating is a like.
            picks: the numbers of picks.

        Raises:
            UsageError: if too few users have enough likes.
        """
        users = len(ratings.user_ids)
        rng = np.random.default_rng(seed)
        likes = _likes(ratings, liked)
        counts = np.bincount(likes.users, minlength=users)
        eligible = np.flatnonzero(counts >= max(min_likes, 1))
        held_out = test_users + validation_users
        if held_out > len(eligible):
            raise UsageError(
                f"{held_out} users cannot be held out: only {len(eligible)} of {users} have {min_likes} ratings "
                f"of {liked:g} stars or more; hold out fewer users, or ask for fewer likes"
            )
        drawn = rng.permutation(eligible)[:held_out]
        place = _random_places(likes.users, rng)

        def trials(chosen: npt.NDArray[np.int64]) -> Mapping[int, TestCase]:
            enough = {n: np.sort(chosen[counts[chosen] > n]) for n in picks}
            return MappingProxyType({n: trial(n, viewers) for n, viewers in enough.items() if len(viewers)})

        def trial(n: int, viewers: npt.NDArray[np.int64]) -> TestCase:
            given = likes.where(place < n)
            return _trial(viewers, given, given, likes.where(place >= n), users)

        seen = ratings.interactions()
        stays = np.ones(users, np.bool_)
        stays[drawn] = False
        return cls(
            seen.where(stays[seen.users]),
            trials(drawn[test_users:]),
            trials(drawn[:test_users]),
            (users, len(ratings.movie_ids)),
        )


def _likes(ratings: Ratings, liked: float) -> Interactions:
    seen = ratings.interactions()
    return seen.where(seen.stars >= liked)


def _random_places(users: Indices, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """The place, from 0, of each like in a random order of its user's likes; `users` is ascending."""
    order = np.lexsort((rng.random(len(users)), users))
    places = np.empty(len(users), np.int64)
    places[order] = np.arange(len(users)) - np.searchsorted(users, users)
    return places


def _trial(
    viewers: npt.NDArray[np.int64], picks: Interactions, excluded: Interactions, targets: Interactions, users: int
) -> TestCase:
    """A trial of the `viewers` (user indices); interactions of other users are left out."""
    row = np.full(users, -1, np.int64)
    row[viewers] = np.arange(len(viewers))

    def rows(seen: Interactions) -> CSR:
        seen = seen.where(row[seen.users] >= 0)
        return grouped(row[seen.users], seen.movies, seen.stars, len(viewers))

    return TestCase(Queries(viewers.astype(np.int32), rows(picks)), rows(excluded), rows(targets))
