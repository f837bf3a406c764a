"""Choosing the settings of a baseline on people of the training data, so that it is a fair one."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.data.splitting import Viewers, draw_users
from reelwise.evaluation.baselines import baselines_for_histories, baselines_for_selections
from reelwise.evaluation.by_id.held_out import HeldOut
from reelwise.evaluation.ranking import measure_ndcg
from reelwise.evaluation.splitting import KnownUsers, TestCase
from reelwise.models.base import Estimator
from reelwise.models.by_id.trained_on import TrainedOn
from reelwise.models.queries import Queries
from reelwise.models.registry import model_class

_SEED = 0  # of who is held out to choose by
_MOST, _FEWEST = 300, 30  # people to choose by


class ChosenBaseline(NamedTuple):
    """A baseline that is not fitted yet, and in words how its setting was chosen; "" where there was no choice."""

    model: Estimator
    how: str = ""


def choose_setting(name: str, known: TrainedOn, test: HeldOut) -> ChosenBaseline:
    """The baseline of that name by the setting that ranks best, by NDCG@10, for people of the training data.

    They are held out as the test is: people whole, of whom as much is shown; or some of each user's likes.

    Raises:
        UsageError: Raised when the baseline cannot be fitted to such data.
    """
    of_people = isinstance(test, Viewers)
    settings = (baselines_for_selections() if of_people else baselines_for_histories()).get(name, {})
    if len(settings) < 2:
        return ChosenBaseline(next(iter(settings.values()), model_class(name)()))
    train, case = _hold_out_people(known, test) if isinstance(test, Viewers) else _hold_out_likes(known)
    if len(case.queries) < _FEWEST:
        return ChosenBaseline(model_class(name)(), "its defaults, since there are too few people to choose by")
    ordered = [*settings.items()]
    best, model = ordered[climb(len(ordered), lambda place: _measure(ordered[place][1], train, case))]
    return ChosenBaseline(model, f"{best}, on {len(case.queries):,} people of the training data")


def climb(count: int, measure: Callable[[int], float]) -> int:
    """The best of `count` places: from the middle to whichever neighbour is better, until none is.

    Settings stand in order, so that quality rises to the best and falls behind it; half of them need no fit then.
    """
    best = count // 2
    known = {best: measure(best)}
    while True:
        for place in {best - 1, best + 1} & {*range(count)} - {*known}:
            known[place] = measure(place)
        better = max(known, key=lambda place: known[place])
        if better == best:
            return best
        best = better


def _measure(model: Estimator, train: Interactions, case: TestCase) -> float:
    fitted = type(model)(model.config).fit(train, progress=False)  # another one, so that only one is in memory
    return float(measure_ndcg(fitted, case).mean())


def _hold_out_people(known: TrainedOn, viewers: Viewers) -> tuple[Interactions, TestCase]:
    ratings, given = known.interactions(), int(np.median(viewers.shown.counts()))
    eligible = int(np.count_nonzero(likes_of(ratings).counts_by_user() > given))
    drawn = draw_users(ratings, min(_MOST, eligible // 8), given + 1, _SEED)
    shown = drawn.shown(given, drawn.users)
    train = ratings.where(~np.isin(ratings.users, drawn.users))
    return train, TestCase(Queries.of_strangers(shown), shown, drawn.rest(given, drawn.users))


def _hold_out_likes(known: TrainedOn) -> tuple[Interactions, TestCase]:
    split = KnownUsers.split(known.interactions(), seed=_SEED, most_queries=_MOST)
    return split.train, split.validation
