"""Test sets by ids: as test cases for a model, in words, and whether the model has seen them."""

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.dataset import Dataset
from reelwise.data.likes import is_like
from reelwise.data.splitting import Viewers
from reelwise.errors import UsageError
from reelwise.evaluation.splitting import MOST_QUERIES, TestCase
from reelwise.models.by_id.trained_on import TrainedOn
from reelwise.models.queries import Queries

HeldOut = Dataset | Viewers
"""Ratings held out, or people held out whole."""

_SEED = 0  # of who is asked for, where there are too many
_LOOKED_UP = 500  # ratings, to see whether a model was fitted to them


def to_test_case(test: HeldOut, known: TrainedOn) -> TestCase:
    """Whom to recommend to, and what is to be found, by the rows that a model was trained on.

    Of ratings: the likes of users who have training ratings, at most 10,000 users.

    Raises:
        UsageError: Raised when nothing is left to be found.
    """
    case = _of_viewers(test, known) if isinstance(test, Viewers) else _of_ratings(test, known)
    if len(case.queries) == 0:
        raise UsageError(
            "there is nothing to find: the test has no liked movie of the training data, by anybody who was asked for; "
            "split one data set into both parts"
        )
    return case


def has_seen(known: TrainedOn, test: HeldOut) -> bool:
    """Whether a model was trained on some of the ratings (of which a part is looked up), or on some of the people."""
    if isinstance(test, Viewers):
        rows = known.users.rows(test.users.ids)
        return bool(known.by_user.counts()[rows[rows >= 0]].any())
    users, movies = known.rows_of(test)
    for place in np.linspace(0, len(users) - 1, min(_LOOKED_UP, len(users))).astype(np.int64).tolist():
        if users[place] >= 0 and movies[place] >= 0 and movies[place] in known.by_user[users[place]][0]:
            return True
    return False


def describe(test: HeldOut) -> str:
    """What is held out, in words."""
    if isinstance(test, Viewers):
        shown = np.unique(test.shown.counts())
        given = f"{shown[0]}" if len(shown) == 1 else f"{shown[0]} to {shown[-1]}"
        return f"{len(test):,} people held out whole, {given} likes shown of each"
    return f"{len(test.ratings):,} ratings held out, of {test.name}"


def _of_viewers(viewers: Viewers, known: TrainedOn) -> TestCase:
    movies = known.movies.rows(viewers.movies.ids)
    shown, targets = (_translate(rows, movies) for rows in (viewers.shown, viewers.targets))
    asked = np.flatnonzero(targets.counts())
    shown = shown.take(asked)
    return TestCase(Queries.of_strangers(shown), shown, targets.take(asked))


def _of_ratings(test: Dataset, known: TrainedOn) -> TestCase:
    users, movies = known.rows_of(test)
    ratings = test.ratings.interactions()
    wanted = is_like(ratings.stars, ratings.scale) & (users >= 0) & (movies >= 0)
    wanted &= known.by_user.counts()[users] > 0
    asked = np.unique(users[wanted])
    asked = np.sort(np.random.default_rng(_SEED).permutation(asked)[:MOST_QUERIES])
    place = np.full(len(known.users), -1, np.int64)
    place[asked] = np.arange(len(asked))
    wanted &= place[users] >= 0
    histories = known.by_user.take(asked)
    targets = CSR.grouped(place[users[wanted]], movies[wanted], ratings.stars[wanted], len(asked))
    return TestCase(Queries(asked.astype(np.int32), histories), histories, targets)


def _translate(rows: CSR, movies: np.ndarray) -> CSR:
    """The same with `movies[index]` instead of each index; what has none is left out."""
    translated = movies[rows.indices]
    kept = translated >= 0
    return CSR.grouped(rows.row_numbers()[kept], translated[kept], rows.stars[kept], len(rows))
