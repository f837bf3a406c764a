"""The best N of many scores."""

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.types import Floats, Indices, Mask, Positions, Rows

_OWN_BEST = 10  # movies that say what a good score is


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
    allowed = np.ones(len(scores), np.bool_)
    allowed[excluded] = False
    candidates = np.flatnonzero(allowed)
    scores = scores[candidates]
    if n < len(scores):
        least = np.partition(scores, len(scores) - n)[len(scores) - n]
        contenders = np.flatnonzero(scores >= least)  # n of them, more where scores are equal
        candidates, scores = candidates[contenders], scores[contenders]
    return candidates[np.argsort(-scores, kind="stable")[:n]]


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
