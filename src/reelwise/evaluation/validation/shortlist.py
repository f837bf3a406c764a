"""The movies that may come first at any balance, for many queries: what is tried again and again is looked at alone."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from reelwise.data.types import Floats, Indices
from reelwise.evaluation.ranking import Ranker
from reelwise.evaluation.splitting import TestCase
from reelwise.models.ranking.balance import discount

_MOVIES = 500  # that are best in the middle of the dial, among which are those that are best elsewhere
_BATCH = 256  # queries that are scored at a time
_LENGTH = 10  # of a list


@dataclass(frozen=True)
class Shortlist:
    """A test case with the movies that may come first, in no order.

    Attributes:
        case: the test case.
        movies: int32, shape (queries, movies); -1 where there are fewer.
        scores: float32, likewise.
    """

    case: TestCase
    movies: Indices
    scores: Floats

    @classmethod
    def of(cls, model: Ranker, case: TestCase, fame: Floats) -> Self:
        """The shortlist of a test case by some model's scores."""
        movies, scores, middle = [], [], discount(fame, 0.5)
        for start in range(0, len(case.queries), _BATCH):
            stop = min(start + _BATCH, len(case.queries))
            of_all, excluded = model.score(case.queries.part(start, stop)), case.excluded.part(start, stop)
            in_middle = of_all * middle
            in_middle[excluded.row_numbers(), excluded.indices] = -np.inf
            last = max(of_all.shape[1] - _MOVIES, 0)
            best = np.sort(np.argpartition(in_middle, last, axis=1)[:, last:], axis=1).astype(np.int32)
            left_out = np.take_along_axis(in_middle, best, 1) == -np.inf
            movies.append(np.where(left_out, np.int32(-1), best))
            scores.append(np.where(left_out, np.float32(-np.inf), np.take_along_axis(of_all, best, 1)))
        return cls(case, np.concatenate(movies), np.concatenate(scores))

    def best(self, weights: Floats) -> Indices:
        """The ten best movies with these weights, best first, shape (queries, 10)."""
        fits, length = -self.scores * weights[self.movies], min(_LENGTH, self.movies.shape[1])
        first = np.argpartition(fits, length - 1, axis=1)[:, :length]
        order = np.argsort(np.take_along_axis(fits, first, 1), axis=1, kind="stable")
        return np.take_along_axis(self.movies, np.take_along_axis(first, order, 1), 1)
