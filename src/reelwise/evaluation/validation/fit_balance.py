"""Choosing, on validation users, how lists are balanced between well known and hidden by default.

The rule: the largest balance at which, and up to which, NDCG@10 is at least 97.5 % of what it is at 0; but never beyond
the one at which stratified NDCG@10, in which little-known films count more, is highest, and never beyond 0.6. Both are
means over the numbers of picks. So that noise among few validation users does not decide:

- At 0 there are two kinds of lists, by the blend alone, as they are served, and by the blend pooled with the linear
  part, as at any other balance. The one with the lower NDCG@10 counts.
- What the standard error of the fall is more than 0.5 % counts as fallen, too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from reelwise.data.types import Counts, Floats, Indices
from reelwise.evaluation.metrics import PerUser, hits, ndcg, stratified_ndcg
from reelwise.evaluation.ranking import Ranker
from reelwise.evaluation.splitting import TestCase
from reelwise.models.ranking.balance import discount
from reelwise.models.top_n import top_k

LEAST_SHARE = 0.975  # of NDCG@10 at balance 0
NOISE = 0.005  # of the same; the standard error that is let pass
STEPS, LAST = 50, 30  # of the dial; and the one at 0.6
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

    def measure(ranker: Ranker, steps: Iterable[int]) -> Iterator[tuple[PerUser, float]]:
        shortlists = [_Shortlist.of(ranker, case, raters) for case in validation.values()]
        for step in steps:
            weights = discount(raters, step / STEPS)
            found = [shortlist.measure(weights, raters) for shortlist in shortlists]
            quality, stratified = (np.mean(figures, axis=0) for figures in zip(*found, strict=True))
            yield quality, float(stratified.mean())

    served, _ = next(measure(well_known, [0]))
    best, chosen, at_0 = 0.0, 0, served
    for step, (quality, stratified) in enumerate(measure(model, range(LAST + 1))):
        at_0 = quality if step == 0 else at_0
        first = min(float(served.mean()), float(at_0.mean()))
        error = float((quality - at_0).std()) / len(quality) ** 0.5
        if quality.mean() - max(error - NOISE * first, 0) < LEAST_SHARE * first:
            break
        if stratified > best:
            best, chosen = stratified, step
    return chosen / STEPS


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

    def measure(self, weights: Floats, raters: Counts) -> tuple[PerUser, PerUser]:
        """NDCG@10 and stratified NDCG@10 with these weights, shape (queries,)."""
        fits, length = -self.scores * weights[self.movies], min(_LENGTH, self.movies.shape[1])
        first = np.argpartition(fits, length - 1, axis=1)[:, :length]
        order = np.argsort(np.take_along_axis(fits, first, 1), axis=1, kind="stable")
        ranked = np.take_along_axis(self.movies, np.take_along_axis(first, order, 1), 1)
        found = hits(ranked, self.case.targets)
        return ndcg(found), stratified_ndcg(found, ranked, self.case.targets, raters)
