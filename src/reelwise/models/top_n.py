"""The best N of many scores."""

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.types import Floats, Indices, Mask, Positions, Rows

_OWN_BEST = 10  # movies that say what a good score is
LOWEST = -1e38
"""Less than any score."""

_GROUPS, _SMALLEST_GROUP = 8, 4  # groups for each of the n highest scores; how many scores make looking at groups pay


def normalise(scores: Floats, never: Rows) -> Floats:
    """Scores over the mean of the ten best; zero for a person whom even these do not fit.

    Args:
        scores: of one person, shape (movies,).
        never: rows of movies that are not recommended to this person.
    """
    best = scores[top_n(scores, _OWN_BEST, never)]
    unit = float(best.mean()) if len(best) else 0.0
    return scores / np.float32(unit) if unit > 0 else np.zeros_like(scores)


def top_n(scores: Floats, n: int, excluded: Rows) -> Positions:
    """The indices of the `n` highest scores, best first; among equal scores the lower index first.

    Args:
        scores: shape (movies,), finite.
        n: how many; fewer are returned where fewer are left.
        excluded: indices that are never returned.
    """
    scores = scores.copy()
    scores[excluded] = -np.inf
    contenders = np.flatnonzero(scores >= n_reach(scores, n))
    return contenders[np.argsort(-scores[contenders], kind="stable")[:n]]


def nth_highest(scores: Floats, n: int) -> float:
    """The `n`-th highest score, or the lowest there can be where there are fewer.

    What is lower than `n_reach` needs no ordering: with 3,883 scores that takes 8 µs instead of 22, with 83,000 48 µs
    instead of 470.

    Args:
        scores: finite, or -inf for what does not count, float32, shape (movies,).
        n: at least 1.
    """
    if len(scores) >= _GROUPS * _SMALLEST_GROUP * n:
        scores = scores[scores >= n_reach(scores, n)]
    return _nth_highest(scores, n)


def n_reach(scores: Floats, n: int) -> float:
    """A score that at least `n` reach, and not many more; the lowest there can be where there are fewer.

    The highest scores of groups stand for all: those that are among the n highest of these are n. Where scores stand by
    chance, a tenth more than n reach it.

    Args:
        scores: as for `nth_highest`.
        n: likewise.
    """
    groups = _GROUPS * n
    size = len(scores) // groups
    if size < _SMALLEST_GROUP:
        return _nth_highest(scores, n)
    return _nth_highest(scores[: groups * size].reshape(size, groups).max(axis=0), n)


def _nth_highest(scores: Floats, n: int) -> float:
    if n > len(scores):
        return LOWEST
    return max(float(np.partition(scores, len(scores) - n)[len(scores) - n]), LOWEST)


def top_k(scores: Floats, k: int, excluded: CSR, allowed: Mask | None = None) -> Indices:
    """The indices of the `k` highest scores of each row, best first; among equal scores the lower index first.

    Args:
        scores: finite, shape (rows, movies).
        k: how many.
        excluded: for each row the indices that are never returned.
        allowed: which indices may be returned at all, shape (movies,); by default all.

    Returns:
        int32, shape (rows, k); -1 where fewer than `k` are left.

    Raises:
        ValueError: Raised when a score is not finite.
    """
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite: a NaN has no rank, and infinities would pass for exclusion")
    candidates = np.ones(scores.shape, np.bool_) if allowed is None else np.tile(allowed, (len(scores), 1))
    candidates[excluded.row_numbers(), excluded.indices] = False
    last = max(scores.shape[1] - k, 0)
    least = np.partition(np.where(candidates, scores, -np.inf), last, axis=1)[:, last]
    rows, movies = np.nonzero(candidates & (scores >= least[:, None]))  # k per row, more where scores are equal
    order = np.lexsort((-scores[rows, movies], rows))  # stable: among equals the lower index stays first
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    best = np.full((len(scores), k), -1, np.int32)
    kept = place < k
    best[rows[kept], place[kept]] = movies[order][kept]
    return best
