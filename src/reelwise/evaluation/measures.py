"""Metrics as objects: what to measure, and of how long a list. The equations are in `reelwise.evaluation.metrics`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.types import Counts, Floats, Indices
from reelwise.errors import UsageError
from reelwise.evaluation import metrics
from reelwise.evaluation.metrics import Hits, PerUser


class Metric(ABC):
    """What is measured."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What it is called in tables."""


class StarsMetric(Metric):
    """A figure of predicted stars beside true ones."""

    @property
    def label(self) -> str:
        """The name of the class."""
        return type(self).__name__

    @abstractmethod
    def measure(self, predicted: Floats, stars: Floats) -> float:
        """The figure of predictions, shape (ratings,), each of which is there and finite."""


@dataclass(frozen=True)
class RMSE(StarsMetric):
    """Root mean squared error, in stars; lower is better."""

    def measure(self, predicted: Floats, stars: Floats) -> float:
        """√(mean (predicted - stars)²)."""
        return metrics.rmse(predicted, stars)


@dataclass(frozen=True)
class MAE(StarsMetric):
    """Mean absolute error, in stars; lower is better."""

    def measure(self, predicted: Floats, stars: Floats) -> float:
        """Mean |predicted - stars|."""
        return metrics.mae(predicted, stars)


@dataclass(frozen=True)
class RankedLists:
    """Ranked lists, and what they are measured by.

    Attributes:
        ranked: the recommended movies, best first, shape (queries, k); -1 where a list is shorter.
        targets: for each query the movies to be found, at least one.
        raters: how many training users rated each movie, shape (movies,).
        users: how many training users there are.
    """

    ranked: Indices
    targets: CSR
    raters: Counts
    users: int

    def first(self, k: int) -> "RankedLists":
        """The same lists, cut after `k` movies."""
        return RankedLists(self.ranked[:, :k], self.targets, self.raters, self.users)

    @cached_property
    def hits(self) -> Hits:
        """Where the targets stand."""
        return metrics.hits(self.ranked, self.targets)


@dataclass(frozen=True)
class RankingMetric(Metric):
    """A figure of recommendations beside what was to be found; higher is better unless said otherwise.

    Args:
        k: how long the lists are.

    Raises:
        UsageError: Raised when that is not a whole number from 1.
    """

    k: int = 10

    def __post_init__(self) -> None:
        """Refuse invalid lengths."""
        if isinstance(self.k, bool) or not isinstance(self.k, int | np.integer) or self.k < 1:
            raise UsageError(
                f"{type(self).__name__}({self.k!r}): expected the length of the lists, a whole number from 1"
            )

    @property
    def label(self) -> str:
        """The name of the class, and the length."""
        return f"{type(self).__name__}@{self.k}"

    @abstractmethod
    def measure(self, lists: RankedLists) -> PerUser | float:
        """One figure for each of the lists, cut to `k` already, shape (queries,); or one figure of them all."""


class NDCG(RankingMetric):
    """Normalised discounted cumulative gain: early hits count more; 1 if no list could be better."""

    def measure(self, lists: RankedLists) -> PerUser:
        """NDCG@k of each list."""
        return metrics.ndcg(lists.hits)


class StratifiedNDCG(RankingMetric):
    """NDCG in which finding a little-known movie counts more: a hit gains 1 / √(ratings + 20)."""

    def measure(self, lists: RankedLists) -> PerUser:
        """Stratified NDCG@k of each list."""
        return metrics.stratified_ndcg(lists.hits, lists.ranked, lists.targets, lists.raters)


class Recall(RankingMetric):
    """The share of all targets that was found."""

    def measure(self, lists: RankedLists) -> PerUser:
        """Recall@k of each list."""
        return metrics.recall(lists.hits)


class Precision(RankingMetric):
    """The share of the list that was to be found."""

    def measure(self, lists: RankedLists) -> PerUser:
        """Precision@k of each list."""
        return metrics.precision(lists.hits)


class MAP(RankingMetric):
    """Average precision: the mean of the precision at each hit."""

    def measure(self, lists: RankedLists) -> PerUser:
        """AP@k of each list."""
        return metrics.average_precision(lists.hits)


class MRR(RankingMetric):
    """The reciprocal rank of the first hit."""

    def measure(self, lists: RankedLists) -> PerUser:
        """RR@k of each list."""
        return metrics.mrr(lists.hits)


class HitRate(RankingMetric):
    """The share of lists with a hit."""

    def measure(self, lists: RankedLists) -> PerUser:
        """1 for each list with a hit, else 0."""
        return metrics.hit(lists.hits)


class Coverage(RankingMetric):
    """The share of the catalogue that is recommended to anybody."""

    def measure(self, lists: RankedLists) -> float:
        """Of all lists together."""
        return metrics.catalogue_coverage(lists.ranked, len(lists.raters))


class DistinctMovies(RankingMetric):
    """How many different movies are recommended to anybody."""

    def measure(self, lists: RankedLists) -> float:
        """Of all lists together."""
        return metrics.distinct_movies(lists.ranked)


class MostShown(RankingMetric):
    """The share of lists with the movie that is in most of them; lower is more varied."""

    def measure(self, lists: RankedLists) -> float:
        """Of all lists together."""
        return metrics.most_shown(lists.ranked)


class Novelty(RankingMetric):
    """How little known the recommended movies are: their mean self-information, in bits."""

    def measure(self, lists: RankedLists) -> float:
        """Of all lists together."""
        return metrics.novelty(lists.ranked, lists.raters, lists.users)
