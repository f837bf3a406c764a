"""Choosing, on validation users, how lists are balanced between well known and hidden by default.

The rule: the largest balance at which, and up to which, NDCG@10 is at least 97.5 % of what it is at 0; but never beyond
the one at which stratified NDCG@10, in which little-known films count more, is highest. Both are means over the numbers
of picks. At 0 there are two kinds of lists, by the blend alone, as they are served, and by the blend pooled with the
linear part, as at any other balance; the one with the lower NDCG@10 counts, so that what few validation users make of
the difference between the two does not decide.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from reelwise.data.types import Counts, Doubles, Floats, Indices
from reelwise.evaluation.metrics import hits, ndcg, stratified_ndcg
from reelwise.evaluation.ranking import Ranker
from reelwise.evaluation.splitting import TestCase
from reelwise.models.ranking.balance import discount
from reelwise.models.top_n import top_k

LEAST_SHARE = 0.975  # of NDCG@10 at balance 0
_STEPS = 50  # of the dial
_LENGTH = 10  # of a list
_SHORTLIST = 500  # movies that are best in the middle of the dial, among which are those that are best elsewhere


def fit_balance(well_known: Ranker, model: Ranker, validation: Mapping[int, TestCase], raters: Counts) -> float:
    """The balance by the rule above.

    Args:
        well_known: what makes lists at balance 0, fitted to other users.
        model: whose scores are balanced otherwise, likewise.
        validation: by users to choose by, a test case for each number of picks.
        raters: how many of the other users rated each movie, shape (movies,).
    """

    def measure(ranker: Ranker, steps: Iterable[int]) -> Iterator[Doubles]:
        shortlists = [_Shortlist.of(ranker, case, raters) for case in validation.values()]
        for step in steps:
            weights = discount(raters, step / _STEPS)
            yield np.mean([shortlist.measure(weights, raters) for shortlist in shortlists], axis=0)

    (first, _), best, chosen = next(measure(well_known, [0])), 0.0, 0
    for step, (quality, stratified) in enumerate(measure(model, range(_STEPS + 1))):
        first = quality if step == 0 and quality < first else first
        if quality < LEAST_SHARE * first:
            break
        if stratified > best:
            best, chosen = stratified, step
    return chosen / _STEPS


@dataclass(frozen=True)
class _Shortlist:
    """A test case with the movies that may come first, best in the middle of the dial first.

    Attributes:
        case: the test case.
        movies: int32, shape (queries, movies); -1 where there are fewer.
        scores: float32, likewise.
    """

    case: TestCase
    movies: Indices
    scores: Floats

    @classmethod
    def of(cls, model: Ranker, case: TestCase, raters: Counts) -> Self:
        scores = model.score(case.queries)
        movies = top_k(scores * discount(raters, 0.5), min(_SHORTLIST, scores.shape[1]), case.excluded)
        return cls(case, movies, np.where(movies < 0, -np.inf, np.take_along_axis(scores, movies, 1)))

    def measure(self, weights: Floats, raters: Counts) -> tuple[float, float]:
        """NDCG@10 and stratified NDCG@10 with these weights."""
        fits, length = -self.scores * weights[self.movies], min(_LENGTH, self.movies.shape[1])
        first = np.argpartition(fits, length - 1, axis=1)[:, :length]
        order = np.argsort(np.take_along_axis(fits, first, 1), axis=1, kind="stable")
        ranked = np.take_along_axis(self.movies, np.take_along_axis(first, order, 1), 1)
        found = hits(ranked, self.case.targets)
        return float(ndcg(found).mean()), float(stratified_ndcg(found, ranked, self.case.targets, raters).mean())
