"""How many of the films that are recommended from a selection come without a reason."""

from collections.abc import Mapping

import numpy as np
from threadpoolctl import threadpool_limits

from reelwise.data.types import Counts
from reelwise.evaluation.splitting import TestCase
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.retrieval_sketch import Sketch
from reelwise.recommend.explanations import explain
from reelwise.recommend.ordering.balances import Balances

_MOST = 200  # users
_LENGTH = 10  # of a list


def share_unexplained(
    ranking: WeightedALS, raters: Counts, balance: float, cases: Mapping[int, TestCase]
) -> list[float]:
    """For each test case the share of the films in lists that have no explanation; of 200 users at most.

    Args:
        ranking: the ranking model.
        raters: how many users rated each movie, shape (movies,).
        balance: of the lists.
        cases: selections of strangers.
    """
    balances = Balances(ranking, Sketch.build(ranking.Q, ranking.P, np.flatnonzero(raters)))
    with threadpool_limits(limits=1, user_api="blas"):  # products are small, and threads would wait for each other
        return [_share(ranking, balances, balance, case) for case in cases.values()]


def _share(ranking: WeightedALS, balances: Balances, balance: float, case: TestCase) -> float:
    missing: list[bool] = []
    for picks in case.queries.picks()[:_MOST]:
        selection = ranking.blend.select(picks.tolist())
        order = balances.order(selection.vector, picks, balance)
        rows, _ = order.best(_LENGTH, picks)
        reasons = explain(order.of(rows), order.falls(rows, selection.without_each()), picks)
        missing += [not of_film for of_film in reasons]
    return float(np.mean(missing))
