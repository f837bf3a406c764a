"""The best N of many scores."""

import numpy as np

from reelwise.data.types import Floats, Positions, Rows


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
