"""Who is recommended to, what is known of them, and what is to be found.

Three protocols. `KnownUsers`: the model has seen part of every user's history. `Selections`: users that the model has
never seen name a few movies they like (strong generalisation: Marlin, "Collaborative Filtering: A Machine Learning
Perspective", 2004, section 3.3). `AtMoment`: only what was there before one moment, the same for everybody, is known,
so that nothing is learnt from the future (Ji et al., "A Critical Study on Data Leakage in Recommender System Offline
Evaluation", TOIS 2023). In all, the whole catalogue is ranked; candidates are never sampled, since that changes which
recommender looks better (Krichene, Rendle, "On Sampled Metrics for Item Recommendation", KDD 2020).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Self

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.likes import is_like, likes_of
from reelwise.data.splitting import choose_latest, draw_users, random_places, rows_of
from reelwise.data.types import Mask, Rows
from reelwise.errors import UsageError
from reelwise.models.queries import STRANGER, Queries

PICKS = (1, 3, 5, 10, 20)
MOST_QUERIES = 10_000  # by known users; more would only take longer


@dataclass(frozen=True)
class TestCase:
    """Queries, and for each of them what must not be recommended and what is to be found.

    Attributes:
        queries: whom to recommend to.
        excluded: movies that are never recommended to somebody, those of the history among them.
        targets: the movies to be found, at least one per query; none of them excluded.
    """

    __test__: ClassVar[bool] = False  # pytest takes every class of such a name for one of its own

    queries: Queries
    excluded: CSR
    targets: CSR


@dataclass(frozen=True)
class KnownUsers:
    """A random part of every user's likes is held out.

    Attributes:
        train: all other ratings.
        validation: histories and excluded are what `train` has of the user; for choosing settings.
        test: likewise, but validation targets are excluded, too; for the figures.
    """

    train: Interactions
    validation: TestCase
    test: TestCase

    @classmethod
    def split(cls, ratings: Interactions, *, seed: int, share: float = 0.1, most_queries: int = MOST_QUERIES) -> Self:
        """Split each user's likes at random.

        Of n likes, `share` · n rounded down are test, as many validation, but one each at least: of 2 likes one is
        test, of 1 none. On ratings that are all likes this is the protocol of RecBole's ratio split by user.

        Args:
            ratings: in the order of user.
            seed: of the order in which each user's likes are dealt.
            share: of validation and of test, each.
            most_queries: if more users have targets, a random sample of them is asked for.
        """
        users = np.arange(ratings.shape[0])
        is_candidate = is_like(ratings.stars, ratings.scale)
        likes = ratings.users[is_candidate]
        counts = np.bincount(likes, minlength=len(users))
        held_out = np.maximum(np.floor(share * counts), 1)
        tests, validations = np.where(counts >= 2, held_out, 0), np.where(counts >= 3, held_out, 0)
        place = np.full(len(ratings), len(ratings))  # behind all that is held out, where a rating is not a like
        place[is_candidate] = random_places(likes, np.random.default_rng(seed))
        is_test = place < tests[ratings.users]
        is_validation = ~is_test & (place < (tests + validations)[ratings.users])
        train = ratings.where(~(is_test | is_validation))

        def case(excluded: Interactions, is_target: Mask) -> TestCase:
            targets = ratings.where(is_target)
            asked = np.flatnonzero(targets.counts_by_user())
            asked = np.sort(np.random.default_rng(seed).permutation(asked)[:most_queries])
            queries = Queries(asked.astype(np.int32), rows_of(train, asked))
            return TestCase(queries, rows_of(excluded, asked), rows_of(targets, asked))

        return cls(train, case(train, is_validation), case(ratings.where(~is_test), is_test))

    def pairs(self) -> list[tuple[TestCase, TestCase]]:
        """The test case to choose by, and that to measure by."""
        return [(self.validation, self.test)]


@dataclass(frozen=True)
class Selections:
    """Some users are held out whole; some of their likes are given, the other likes are to be found.

    Attributes:
        train: all ratings of all other users. Rows are those of the whole; held-out users have no ratings here.
        validation: a test case for each number of picks, by users to choose settings by.
        test: likewise by other users, for the figures.
        validation_users: rows of the former users.
        test_users: rows of the latter.
    """

    train: Interactions
    validation: Mapping[int, TestCase]
    test: Mapping[int, TestCase]
    validation_users: Rows
    test_users: Rows

    @classmethod
    def split(
        cls,
        ratings: Interactions,
        *,
        seed: int,
        test_users: int = 1000,
        validation_users: int = 500,
        min_likes: int = 30,
        picks: Sequence[int] = PICKS,
    ) -> Self:
        """Hold out users, and draw their picks.

        A user's picks are the first n of one random order of their likes, so that 3 picks are 2 more than 1 pick. A
        user with n likes or fewer is left out for n; a number of picks that leaves nobody is left out whole.

        Args:
            ratings: in the order of user.
            seed: of users and picks.
            test_users: how many users to hold out for the figures.
            validation_users: how many others to hold out for choosing settings.
            min_likes: users with fewer likes are not held out.
            picks: the numbers of picks.

        Raises:
            UsageError: Raised when too few users have enough likes.
        """
        drawn = draw_users(ratings, test_users + validation_users, min_likes, seed)
        counts = drawn.likes.counts_by_user()

        def cases(chosen: Rows) -> Mapping[int, TestCase]:
            enough = {n: np.sort(chosen[counts[chosen] > n]) for n in picks}
            return MappingProxyType({n: case(n, users) for n, users in enough.items() if len(users)})

        def case(n: int, users: Rows) -> TestCase:
            given = drawn.shown(n, users)
            return TestCase(Queries.of_strangers(given), given, drawn.rest(n, users))

        train = ratings.where(~np.isin(ratings.users, drawn.users))
        to_choose, to_measure = drawn.users[test_users:], drawn.users[:test_users]
        return cls(train, cases(to_choose), cases(to_measure), to_choose, to_measure)

    def pairs(self) -> list[tuple[TestCase, TestCase]]:
        """For each number of picks the test case to choose by, and that to measure by."""
        return [(self.validation[n], test) for n, test in self.test.items()]


@dataclass(frozen=True)
class AtMoment:
    """One moment for everybody: what was rated before is known, and what is liked from then on is to be found.

    Attributes:
        train: all ratings before that moment. Rows are those of the whole.
        later: all others.
        known_users: those who had rated something before.
        newcomers: those who had not, of whom nothing is known.
    """

    train: Interactions
    later: Interactions
    known_users: TestCase
    newcomers: TestCase

    @classmethod
    def split(cls, ratings: Interactions, *, share: float, seed: int, most_queries: int = MOST_QUERIES) -> Self:
        """Split at the moment from which a `share` of the ratings is.

        Args:
            ratings: in the order of user, with times.
            share: of the ratings, those from that moment on.
            seed: of who is asked for, if more users than `most_queries` have targets.
            most_queries: of known users and of newcomers, each.

        Raises:
            UsageError: Raised when the ratings have no times, or all the same.
        """
        if ratings.times is None:
            raise UsageError("these ratings have no times to split by; name their column, or split at random")
        is_late = choose_latest(ratings.times, share)
        train, later = ratings.where(~is_late), ratings.where(is_late)
        targets = likes_of(later)
        is_known, has_targets = train.counts_by_user() > 0, targets.counts_by_user() > 0

        def case(among: Mask) -> TestCase:
            asked = np.random.default_rng(seed).permutation(np.flatnonzero(among & has_targets))[:most_queries]
            asked = np.sort(asked).astype(np.int32)
            known = rows_of(train, asked)
            users = np.where(is_known[asked], asked, np.int32(STRANGER))
            return TestCase(Queries(users, known), known, rows_of(targets, asked))

        return cls(train, later, case(is_known), case(~is_known))
