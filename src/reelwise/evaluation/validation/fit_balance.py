"""Choosing, on validation users, how lists are balanced between well known and hidden by default.

The rule: the largest balance at which, and up to which, NDCG@10 falls by no more than 2.5 % of what lists have at 0, as
these are served there; but never beyond the one at which stratified NDCG@10, in which little-known films count more, is
highest, and never beyond 0.6. Both are means over the numbers of picks.

The fall that validation users show is off by as much as it is itself: 300 of MovieLens 1M leave a standard error of
0.8 % of NDCG@10, and the 45 of MovieLens latest-small one of 2 %. So it counts by its precision beside what is expected
of any data, the fall on MovieLens 1M:

    fall = (measured / error² + expected / 0.7 %²) / (1 / error² + 1 / 0.7 %²)
    expected = 2.5 % · (balance / 0.385)^3.5
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from reelwise.data.types import Counts, Doubles, Floats
from reelwise.evaluation.metrics import (
    PerUser,
    best_stratified_dcg,
    hits,
    ndcg,
    stratified_dcg,
    stratified_weights,
)
from reelwise.evaluation.ranking import Ranker, measure_ndcg
from reelwise.evaluation.splitting import TestCase
from reelwise.evaluation.validation.shortlist import Shortlist
from reelwise.models.ranking.balance import discount
from reelwise.models.side_by_side import side_by_side

LARGEST_FALL = 0.025  # of NDCG@10
EXPECTED_AT, EXPECTED_POWER, EXPECTED_ERROR = 0.385, 3.5, 0.007
STEPS, LAST = 50, 30  # of the dial; and the one at 0.6


def fit_balance(
    well_known: Ranker, model: Ranker, validation: Mapping[int, TestCase], raters: Counts, fame: Floats
) -> float:
    """The balance by the rule above.

    Args:
        well_known: what makes lists at balance 0, fitted to other users.
        model: whose scores are balanced otherwise, likewise.
        validation: by users to choose by, a test case for each number of picks.
        raters: how many of the other users rated each movie, shape (movies,).
        fame: how well known each movie is, likewise.
    """
    found = side_by_side(lambda case: _try_the_dial(well_known, model, case, raters, fame), validation.values())
    served, quality, stratified = (np.mean(of_cases, axis=0) for of_cases in zip(*found, strict=True))
    cheap = [_expect_fall(served, quality[step], step / STEPS) <= LARGEST_FALL for step in range(LAST + 1)]
    affordable = stratified[: [*cheap, False].index(False)]
    return int(np.argmax(affordable)) / STEPS if len(affordable) else 0.0


def _expect_fall(served: PerUser, quality: PerUser, balance: float) -> float:
    """The fall to be expected at a balance, as a share, where these are the NDCG@10 of each user at 0 and there."""
    falls = (served - quality) / served.mean()
    precisions = len(falls) / max(float(falls.var()), 1e-12), EXPECTED_ERROR**-2
    expected = LARGEST_FALL * (balance / EXPECTED_AT) ** EXPECTED_POWER
    return float(np.average([falls.mean(), expected], weights=precisions))


class _Tried(NamedTuple):
    """What was found in a test case: NDCG@10 of each user as lists are served at 0, and along the dial; and the rest.

    Attributes:
        served: shape (users,).
        quality: shape (steps, users).
        stratified: the mean stratified one, shape (steps,).
    """

    served: PerUser
    quality: Doubles
    stratified: Doubles


def _try_the_dial(well_known: Ranker, model: Ranker, case: TestCase, raters: Counts, fame: Floats) -> _Tried:
    shortlist, weights = Shortlist.of(model, case, fame), stratified_weights(raters)
    lists = [shortlist.best(discount(fame, step / STEPS)) for step in range(LAST + 1)]
    found = [hits(ranked, case.targets) for ranked in lists]
    gained = [stratified_dcg(*of_step, weights) for of_step in zip(found, lists, strict=True)]
    stratified = gained / best_stratified_dcg(case.targets, weights, lists[0].shape[1])
    return _Tried(
        measure_ndcg(well_known, case), np.array([ndcg(of_step) for of_step in found]), stratified.mean(axis=1)
    )
