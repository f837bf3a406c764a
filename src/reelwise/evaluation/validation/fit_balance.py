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

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from reelwise.data.types import Counts, Floats
from reelwise.evaluation.metrics import PerUser, hits, ndcg, stratified_ndcg
from reelwise.evaluation.ranking import Ranker
from reelwise.evaluation.splitting import TestCase
from reelwise.evaluation.validation.shortlist import Shortlist
from reelwise.models.ranking.balance import discount

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
    cases = [*validation.values()]
    served, _ = _measure([Shortlist.of(well_known, case, fame) for case in cases], np.ones_like(fame), raters)
    best, chosen = 0.0, 0
    for step, (quality, stratified) in enumerate(_along_the_dial(model, cases, raters, fame)):
        if _expect_fall(served, quality, step / STEPS) > LARGEST_FALL:
            break
        if stratified > best:
            best, chosen = stratified, step
    return chosen / STEPS


def _expect_fall(served: PerUser, quality: PerUser, balance: float) -> float:
    """The fall to be expected at a balance, as a share, where these are the NDCG@10 of each user at 0 and there."""
    falls = (served - quality) / served.mean()
    precisions = len(falls) / max(float(falls.var()), 1e-12), EXPECTED_ERROR**-2
    expected = LARGEST_FALL * (balance / EXPECTED_AT) ** EXPECTED_POWER
    return float(np.average([falls.mean(), expected], weights=precisions))


def _along_the_dial(
    model: Ranker, cases: Sequence[TestCase], raters: Counts, fame: Floats
) -> Iterator[tuple[PerUser, float]]:
    """Each user's NDCG@10, and the mean stratified one, step by step."""
    shortlists = [Shortlist.of(model, case, fame) for case in cases]
    for step in range(LAST + 1):
        yield _measure(shortlists, discount(fame, step / STEPS), raters)


def _measure(shortlists: Sequence[Shortlist], weights: Floats, raters: Counts) -> tuple[PerUser, float]:
    """Each user's mean NDCG@10 over the numbers of picks, and the mean stratified one of all."""
    quality, stratified = [], []
    for one in shortlists:
        ranked = one.best(weights)
        found = hits(ranked, one.case.targets)
        quality.append(ndcg(found))
        stratified.append(stratified_ndcg(found, ranked, one.case.targets, raters).mean())
    return np.mean(quality, axis=0), float(np.mean(stratified))
