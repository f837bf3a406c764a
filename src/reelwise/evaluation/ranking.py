"""Recommend to every viewer of a trial, and measure."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import part, row_numbers
from reelwise.data.ratings import CSR, Indices, Interactions
from reelwise.evaluation.metrics import PerUser, catalogue_coverage, hit, hits, mrr, ndcg, novelty, recall
from reelwise.evaluation.splitting import Queries, TestCase

Scores = npt.NDArray[np.float32]


class Ranker(Protocol):
    """Whatever can say which movies suit which viewers."""

    def scores(self, viewers: Queries) -> Scores:
        """How well each movie suits each viewer: finite, higher is better; float32, shape (viewers, movies)."""


@dataclass(frozen=True)
class RankingFigures:
    """How good a ranker is in a trial.

    Attributes:
        ndcg: NDCG@k, shape (viewers,), as are the next three.
        recall: Recall@k.
        mrr: reciprocal rank of the first hit.
        hit: 1 where there is a hit, else 0.
        coverage: share of the catalogue that is recommended to anybody.
        novelty: mean self-information of the recommended, in bits.
    """

    ndcg: PerUser
    recall: PerUser
    mrr: PerUser
    hit: PerUser
    coverage: float
    novelty: float

    def means(self) -> dict[str, float]:
        """Every figure by name, those per viewer as their mean."""
        return {name: float(np.mean(figure)) for name, figure in vars(self).items()}


def evaluate(ranker: Ranker, trial: TestCase, train: Interactions, movies: int, *, k: int = 10) -> RankingFigures:
    """Measure the first `k` recommendations of `ranker` in `trial`.

    Args:
        ranker: fitted to `train`.
        trial: viewers and targets.
        train: what tells known movies from unknown ones, for novelty.
        movies: the size of the catalogue.
        k: the length of the lists.

    Raises:
        ValueError: if a score is not finite.
    """
    ranked = recommend(ranker, trial, k)
    found = hits(ranked, trial.targets)
    return RankingFigures(
        ndcg(found),
        recall(found),
        mrr(found),
        hit(found),
        catalogue_coverage(ranked, movies),
        novelty(ranked, np.bincount(train.movies, minlength=movies), int(np.count_nonzero(np.bincount(train.users)))),
    )


def recommend(ranker: Ranker, trial: TestCase, k: int, *, batch: int = 256) -> Indices:
    """The best `k` movies for each viewer, best first; int32, shape (viewers, k), -1 where fewer than `k` are left.

    At most `batch` viewers are scored at a time, so that memory does not grow with the number of viewers.
    """
    ranked = np.empty((len(trial.viewers), k), np.int32)
    for start in range(0, len(ranked), batch):
        stop = min(start + batch, len(ranked))
        ranked[start:stop] = top_k(ranker.scores(trial.viewers.part(start, stop)), k, part(trial.excluded, start, stop))
    return ranked


def top_k(scores: npt.NDArray[np.floating[Any]], k: int, excluded: CSR) -> Indices:
    """The indices of the `k` highest scores of each row, best first; among equal scores the lower index first.

    Args:
        scores: finite, shape (rows, movies).
        k: how many.
        excluded: for each row the indices that are never returned.

    Returns:
        int32, shape (rows, k); -1 where fewer than `k` are left.

    Raises:
        ValueError: if a score is not finite.
    """
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite: a NaN has no rank, and infinities would pass for exclusion")
    allowed = np.ones(scores.shape, np.bool_)
    allowed[row_numbers(excluded), excluded.indices] = False
    last = max(scores.shape[1] - k, 0)
    least = np.partition(np.where(allowed, scores, -np.inf), last, axis=1)[:, last]
    rows, movies = np.nonzero(allowed & (scores >= least[:, None]))  # k per row, more where scores are equal
    order = np.lexsort((-scores[rows, movies], rows))  # stable: among equals the lower index stays first
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    best = np.full((len(scores), k), -1, np.int32)
    kept = place < k
    best[rows[kept], place[kept]] = movies[order][kept]
    return best
