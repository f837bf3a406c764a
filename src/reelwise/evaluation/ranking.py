"""Recommend to everybody in a test case, and measure."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats, Indices
from reelwise.evaluation.measures import (
    MRR,
    NDCG,
    Coverage,
    DistinctMovies,
    HitRate,
    MostShown,
    Novelty,
    RankedLists,
    Recall,
    StratifiedNDCG,
)
from reelwise.evaluation.metrics import PerUser, hits, ndcg
from reelwise.evaluation.splitting import TestCase
from reelwise.models.queries import Queries
from reelwise.models.top_n import top_k


class Ranker(Protocol):
    """Says which movies suit whom; every `Estimator` is one."""

    def score(self, queries: Queries) -> Floats:
        """How well each movie suits each query: finite, higher is better; float32, shape (queries, movies)."""


@dataclass(frozen=True)
class RankingFigures:
    """How good a ranker is in a test case.

    Attributes:
        ndcg: NDCG@k, shape (queries,), as are the next four.
        stratified_ndcg: NDCG@k in which little-known movies count more.
        recall: Recall@k.
        mrr: reciprocal rank of the first hit.
        hit: 1 where there is a hit, else 0.
        coverage: share of the catalogue that is recommended to anybody.
        distinct: how many movies that is.
        most_shown: share of lists with the movie that is in most of them.
        novelty: mean self-information of the recommended, in bits.
    """

    ndcg: PerUser
    stratified_ndcg: PerUser
    recall: PerUser
    mrr: PerUser
    hit: PerUser
    coverage: float
    distinct: float
    most_shown: float
    novelty: float

    def means(self) -> dict[str, float]:
        """Every figure by name, those per query as their mean."""
        return {name: float(np.mean(figure)) for name, figure in vars(self).items()}


def measure_ranker(ranker: Ranker, case: TestCase, train: Interactions, *, k: int = 10) -> RankingFigures:
    """Measure the first `k` recommendations of `ranker` in `case`.

    Args:
        ranker: fitted to `train`.
        case: queries and targets.
        train: what tells known movies from unknown ones, for novelty.
        k: the length of the lists.

    Raises:
        ValueError: Raised when a score is not finite.
    """
    lists = make_lists(ranker, case, train, k)
    return RankingFigures(
        NDCG(k).measure(lists),
        StratifiedNDCG(k).measure(lists),
        Recall(k).measure(lists),
        MRR(k).measure(lists),
        HitRate(k).measure(lists),
        Coverage(k).measure(lists),
        DistinctMovies(k).measure(lists),
        MostShown(k).measure(lists),
        Novelty(k).measure(lists),
    )


def make_lists(ranker: Ranker, case: TestCase, train: Interactions, k: int) -> RankedLists:
    """The first `k` recommendations of `ranker` in `case`, ready to be measured.

    Raises:
        ValueError: Raised when a score is not finite.
    """
    users = int(np.count_nonzero(train.counts_by_user()))
    return RankedLists(recommend(ranker, case, k), case.targets, train.counts_by_movie(), users)


def measure_ndcg(ranker: Ranker, case: TestCase, k: int = 10) -> PerUser:
    """NDCG@k alone, shape (queries,)."""
    return ndcg(hits(recommend(ranker, case, k), case.targets))


def recommend(ranker: Ranker, case: TestCase, k: int, *, batch: int = 256) -> Indices:
    """The best `k` movies for each query, best first; int32, shape (queries, k), -1 where fewer than `k` are left.

    At most `batch` queries are scored at a time, so that memory does not grow with their number.
    """
    ranked = np.empty((len(case.queries), k), np.int32)
    for start in range(0, len(ranked), batch):
        stop = min(start + batch, len(ranked))
        ranked[start:stop] = top_k(ranker.score(case.queries.part(start, stop)), k, case.excluded.part(start, stop))
    return ranked
