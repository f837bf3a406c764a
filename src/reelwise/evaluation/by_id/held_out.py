"""Test sets by ids: as test cases for a model, in words, and whether the model has seen them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from reelwise.data.dataset import Dataset
from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.data.splitting import Viewers, rows_of
from reelwise.data.types import Indices, Rows
from reelwise.errors import UsageError
from reelwise.evaluation.splitting import MOST_QUERIES, TestCase
from reelwise.models.by_id.trained_on import TrainedOn
from reelwise.models.queries import STRANGER, Queries

HeldOut = Dataset | Viewers
"""Ratings held out, or people held out whole."""

_SEED = 0  # of who is asked for, where there are too many
_LOOKED_UP = 500  # ratings, to see whether a model was fitted to them


class CaseByRow(NamedTuple):
    """A test by the rows of one model.

    Attributes:
        case: whom to recommend to, and what is to be found.
        train: what the model was fitted to. Movies of the test that it does not know have rows behind its own: they are
            to be found like all others, and it never finds them.
    """

    case: TestCase
    train: Interactions


def people_of(test: HeldOut, models: Iterable[TrainedOn]) -> Rows:
    """The rows, in the test, of those who are asked for: the same people for each of the models.

    Of ratings: users with likes there, and with training ratings in one of the models at least; at most 10,000.
    """
    if isinstance(test, Viewers):
        return np.flatnonzero(test.targets.counts())
    is_known = np.any([_rows_with_ratings(known, test) >= 0 for known in models], axis=0)
    asked = np.flatnonzero(is_known & (likes_of(test.ratings.interactions()).counts_by_user() > 0))
    return np.sort(np.random.default_rng(_SEED).permutation(asked)[:MOST_QUERIES])


def to_test_case(test: HeldOut, known: TrainedOn, people: Rows) -> CaseByRow:
    """Whom to recommend to, and what is to be found, by the rows of a model.

    Args:
        test: what is held out.
        known: what the model was fitted to.
        people: those of `people_of`; whom the model does not know is asked for as a stranger of whom nothing is known.

    Raises:
        UsageError: Raised when the model knows nothing of what is to be found.
    """
    if isinstance(test, Viewers):
        movies, targets = known.movies.rows(test.movies.ids), test.targets.take(people)
        excluded = test.shown.take(people).translate(movies)
        queries = Queries.of_strangers(excluded)
    else:
        movies, targets = (
            known.movies.rows(test.ratings.movies.ids),
            rows_of(likes_of(test.ratings.interactions()), people),
        )
        users = _rows_with_ratings(known, test)[people]
        is_known = np.flatnonzero(users >= 0)
        excluded = known.by_user.take(users[is_known]).spread_rows(is_known, len(users))
        queries = Queries(users, excluded)
    if not (movies[targets.indices] >= 0).any():
        raise UsageError(
            "there is nothing to find: the test has no liked movie of the training data, by anybody who was asked for; "
            "split one data set into both parts"
        )
    train, unknown = known.interactions(), np.flatnonzero(movies < 0)
    movies[unknown] = train.shape[1] + np.arange(len(unknown))
    train = replace(train, shape=(train.shape[0], train.shape[1] + len(unknown)))
    return CaseByRow(TestCase(queries, excluded, targets.translate(movies)), train)


def tell_unknown(test: HeldOut, models: Mapping[str, TrainedOn]) -> Iterator[str]:
    """In sentences how much of the test models do not know."""
    named: dict[int, list[str]] = {}
    for name, known in models.items():
        named.setdefault(_count_unknown(test, known), []).append(name)
    for count, names in named.items():
        who = f"{', '.join(names)} {'does' if len(names) == 1 else 'do'} not know"
        if count and isinstance(test, Viewers):
            yield f"{count:,} movies to be found are some that {who}; they count as not found."
        elif count:
            yield f"{count:,} ratings are by users or of movies that {who}; they count, too."


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


def _rows_with_ratings(known: TrainedOn, test: Dataset) -> Indices:
    """The row in a model of each user of the test; `STRANGER` without training ratings."""
    rows = known.users.rows(test.ratings.users.ids)
    return np.where((rows >= 0) & (known.by_user.counts()[rows] > 0), rows, np.int32(STRANGER))


def _count_unknown(test: HeldOut, known: TrainedOn) -> int:
    if isinstance(test, Viewers):
        return int(np.count_nonzero(known.movies.rows(test.movies.ids)[test.targets.indices] < 0))
    users, movies = known.rows_of(test)
    return int(np.count_nonzero((users < 0) | (movies < 0)))
