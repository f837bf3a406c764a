"""Metrics as objects: what to measure, and of how long a list.

In the equations, rel_r is 1 where the movie at rank r = 1..k is one to be found, and T is the number of these.
"""

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
    """A figure of models."""

    @property
    @abstractmethod
    def label(self) -> str:
        """The heading in tables."""


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

    @property
    def recommended(self) -> Indices:
        """The movies in all lists, one list after the other."""
        return self.ranked[self.ranked >= 0]


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
    """The share of all targets that was found: Σ_r rel_r / T.

    Divided by T, as textbooks and RecBole do, and not by min(k, T): with more than k targets it cannot reach 1.
    """

    def measure(self, lists: RankedLists) -> PerUser:
        """Recall@k of each list."""
        shares: PerUser = lists.hits.at.sum(axis=1) / lists.hits.targets
        return shares


class Precision(RankingMetric):
    """The share of the list that was to be found: Σ_r rel_r / k; a shorter list counts as k long."""

    def measure(self, lists: RankedLists) -> PerUser:
        """Precision@k of each list."""
        shares: PerUser = lists.hits.at.mean(axis=1)
        return shares


class MAP(RankingMetric):
    """Average precision, the mean of the precision at each hit: Σ_r rel_r · (hits up to r) / r / min(k, T).

    Source: Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 2008, section 8.4; cut at k.
    """

    def measure(self, lists: RankedLists) -> PerUser:
        """AP@k of each list."""
        at, targets = lists.hits
        ranks = np.arange(1, at.shape[1] + 1)
        averages: PerUser = np.where(at, at.cumsum(axis=1) / ranks, 0).sum(axis=1) / np.minimum(targets, len(ranks))
        return averages


class MRR(RankingMetric):
    """The reciprocal rank of the first hit, 0 without one.

    Source: Voorhees, "The TREC-8 Question Answering Track Report", 1999.
    """

    def measure(self, lists: RankedLists) -> PerUser:
        """RR@k of each list."""
        at = lists.hits.at
        return np.where(at.any(axis=1), 1 / (1 + at.argmax(axis=1)), 0.0)


class HitRate(RankingMetric):
    """The share of lists with a hit."""

    def measure(self, lists: RankedLists) -> PerUser:
        """1 for each list with a hit, else 0."""
        return np.where(lists.hits.at.any(axis=1), 1.0, 0.0)


class Coverage(RankingMetric):
    """The share of the catalogue that is recommended to anybody.

    Source: Ge, Delgado-Battenfeld, Jannach, "Beyond accuracy", RecSys 2010, section 3.1.
    """

    def measure(self, lists: RankedLists) -> float:
        """Of all lists together."""
        return len(np.unique(lists.recommended)) / len(lists.raters)


class DistinctMovies(RankingMetric):
    """How many different movies are recommended to anybody."""

    def measure(self, lists: RankedLists) -> float:
        """Of all lists together."""
        return len(np.unique(lists.recommended))


class MostShown(RankingMetric):
    """The share of lists with the movie that is in most of them; lower is more varied."""

    def measure(self, lists: RankedLists) -> float:
        """Of all lists together.

        Raises:
            ValueError: Raised when nothing is recommended at all.
        """
        if len(lists.recommended) == 0:
            raise ValueError("nothing is recommended, so nothing is shown most")
        return int(np.bincount(lists.recommended).max()) / len(lists.ranked)


class Novelty(RankingMetric):
    """How little known the recommended movies are: the mean of -log2(raters_i / users) over these, in bits.

    0 if everybody has rated all that is recommended; each bit more means half as well known. A movie that nobody rated
    counts as rated by one.

    Source: Zhou et al., "Solving the apparent diversity-accuracy dilemma of recommender systems", PNAS 107(10), 2010.
    """

    def measure(self, lists: RankedLists) -> float:
        """Of all lists together.

        Raises:
            ValueError: Raised when nothing is recommended at all.
        """
        if len(lists.recommended) == 0:
            raise ValueError("nothing is recommended, so novelty is not defined")
        return float(-np.log2(np.maximum(lists.raters[lists.recommended], 1) / lists.users).mean())
