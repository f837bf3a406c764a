"""The arithmetic that metrics share; the others are in `reelwise.evaluation.measures`.

Ranking metrics are of binary relevance: a movie is a target or it is not. They are computed for many users at once and
kept per user, shape (users,), so that they can be averaged and bootstrapped. In the equations, rel_r is 1 where the
movie at rank r = 1..k is a target, and T is the number of targets.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import CSR
from reelwise.data.types import Counts, Doubles, Mask, Rows

PerUser = Doubles
Numbers = npt.NDArray[np.floating[Any]]

_FAME_OF_ANYTHING = 20.0  # ratings that each movie counts as having more, so that one without any does not outweigh all
_DRAWN_AT_ONCE = 2**18  # users of all resamples together: 2 MB


class Hits(NamedTuple):
    """Where the targets stand in ranked lists.

    Attributes:
        at: bool, shape (users, k); whether the movie at that rank, best first, is a target.
        targets: int64, shape (users,); how many targets each user has, found or not; at least 1.
    """

    at: Mask
    targets: Counts


def hits(ranked: Rows, targets: CSR) -> Hits:
    """Find the targets in ranked lists.

    Args:
        ranked: movie indices, best first, shape (users, k); -1 where a list is shorter than k.
        targets: for each user the movie indices to be found; their stars do not matter.

    Raises:
        ValueError: Raised when a user has no target, for whom no metric is defined, or the number of users differs.
    """
    if len(ranked) != len(targets):
        raise ValueError(f"{len(ranked)} ranked lists for {len(targets)} users")
    counts = targets.counts()
    if not counts.all():
        raise ValueError(f"user {int(np.argmin(counts))} has no targets; leave such users out")
    width = 1 + max(int(ranked.max(initial=0)), int(targets.indices.max(initial=0)))
    wanted = np.sort(targets.row_numbers() * width + targets.indices)
    given = np.arange(len(ranked), dtype=np.int64)[:, None] * width + ranked
    found = wanted[np.minimum(np.searchsorted(wanted, given), len(wanted) - 1)] == given
    return Hits((ranked >= 0) & found, counts)


def ndcg(found: Hits) -> PerUser:
    """Normalised discounted cumulative gain: early hits count more; 1 if no list could be better.

        NDCG@k = (Σ_r rel_r / log2(r + 1)) / (Σ_{r ≤ min(k, T)} 1 / log2(r + 1))

    Source: Järvelin, Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002.
    """
    ranks = np.arange(1, found.at.shape[1] + 1)
    gains = 1 / np.log2(ranks + 1)
    ideal = np.where(ranks <= found.targets[:, None], gains, 0).sum(axis=1)
    ndcgs: PerUser = np.where(found.at, gains, 0).sum(axis=1) / ideal
    return ndcgs


def stratified_ndcg(found: Hits, ranked: Rows, targets: CSR, raters: Rows, exponent: float = 0.5) -> PerUser:
    """NDCG in which finding a little-known movie counts more: a hit gains w_i in place of 1.

        w_i = (raters_i + 20)^-exponent

    The ideal list has the movies to be found with the largest weights first.

    Args:
        found: the hits of these lists and targets.
        ranked: movie indices, best first, shape (users, k); -1 where a list is shorter than k.
        targets: for each user the movie indices to be found.
        raters: how many training users rated each movie, shape (movies,).
        exponent: 0 is NDCG; at 1 every rating that is found counts the same, whichever movie it is of.

    Source: Steck, "Item popularity and recommendation accuracy", RecSys 2011, whose recall is weighed like that.
    """
    weights = stratified_weights(raters, exponent)
    return stratified_dcg(found, ranked, weights) / best_stratified_dcg(targets, weights, ranked.shape[1])


def stratified_weights(raters: Rows, exponent: float = 0.5) -> Doubles:
    """The w_i of `stratified_ndcg`, shape (movies,)."""
    weights: Doubles = (np.asarray(raters).astype(np.float64) + _FAME_OF_ANYTHING) ** -exponent
    return weights


def stratified_dcg(found: Hits, ranked: Rows, weights: Doubles) -> PerUser:
    """The gains of lists by these weights, shape (users,): `stratified_ndcg` before it is normalised."""
    gains = 1 / np.log2(np.arange(ranked.shape[1]) + 2)
    gained: PerUser = (np.where(found.at, weights[ranked], 0) * gains).sum(axis=1)
    return gained


def best_stratified_dcg(targets: CSR, weights: Doubles, k: int) -> PerUser:
    """The gains of the ideal lists of `k` movies by these weights, shape (users,)."""
    gains = 1 / np.log2(np.arange(k) + 2)
    users, of_targets = targets.row_numbers(), weights[targets.indices]
    best_first = np.lexsort((-of_targets, users))
    place = np.arange(len(users)) - targets.offsets[users]
    in_list = place < k
    gained = of_targets[best_first][in_list] * gains[place[in_list]]
    return np.bincount(users[in_list], gained, len(targets)).astype(np.float64)


def is_clear(gains: PerUser, errors: float = 1.0) -> bool:
    """Whether gains are above zero on average, by more than so many standard errors."""
    return bool(gains.mean() > errors * gains.std() / len(gains) ** 0.5)


class Interval(NamedTuple):
    """A confidence interval of a mean."""

    low: float
    high: float


def bootstrap_interval(per_user: Numbers, seed: int, level: float = 0.95, resamples: int = 1000) -> Interval:
    """The percentile bootstrap interval of the mean over users.

    Users are drawn with replacement `resamples` times; the interval holds the middle `level` of the means.

    Args:
        per_user: one figure per user, shape (users,).
        seed: of the draws.
        level: confidence, between 0 and 1.
        resamples: how often to draw.

    Source: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3.
    """
    rng = np.random.default_rng(seed)
    users = len(per_user)
    at_once = max(1, _DRAWN_AT_ONCE // users)
    means = [
        per_user[rng.integers(users, size=(min(at_once, resamples - start), users))].mean(axis=1)
        for start in range(0, resamples, at_once)
    ]
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def rmse(predicted: Numbers, stars: Numbers) -> float:
    """Root mean squared error, in stars: √(mean (predicted - stars)²). Both have shape (ratings,).

    Raises:
        ValueError: Raised when a prediction is missing (NaN) or infinite, or there are none; nothing is left out.
    """
    return float(np.sqrt(np.mean(np.square(_errors(predicted, stars)))))


def mae(predicted: Numbers, stars: Numbers) -> float:
    """Mean absolute error, in stars: mean |predicted - stars|. Both have shape (ratings,).

    Raises:
        ValueError: Raised as by `rmse`.
    """
    return float(np.mean(np.abs(_errors(predicted, stars))))


def _errors(predicted: Numbers, stars: Numbers) -> PerUser:
    if predicted.shape != stars.shape or len(stars) == 0:
        raise ValueError(f"{predicted.shape} predictions for {stars.shape} ratings")
    missing = np.count_nonzero(~np.isfinite(predicted))
    if missing:
        raise ValueError(f"{missing} of {len(predicted)} predictions are missing; every rating must be predicted")
    return predicted.astype(np.float64) - stars
