"""One list for several people: what suits all of them, with an eye on whoever it suits least.

Scores of different people are not of one size, so each person's are divided by the mean of that person's ten best. The
list is chosen film by film: next comes the film with the highest

    (1 - w) · mean over members of s(m, i)  +  w · s(worst off, i)

where s are the scaled scores, and worst off is the member whom the films chosen so far suit least, each discounted by
its rank as in NDCG.

Source of the compromise between average and least misery: Masthoff, "Group Recommender Systems", in "Recommender
Systems Handbook", 2011, section 22.3.
"""

import numpy as np

from reelwise.data.types import Doubles, Floats, Mask, Positions

WORST_OFF = 0.2
"""The weight w of the member who is worst off."""

_BEST = 10  # films, whose mean score a member's scores are measured by
_LEAST = 1e-6  # a mean of these that is no larger tells nothing


def rank_together(scores: Floats, allowed: Mask, n: int, worst_off: float = WORST_OFF) -> Positions:
    """The rows of the `n` films for all members together, in their order; fewer where fewer are allowed.

    Args:
        scores: of each film for each member, higher fits better, shape (members, films).
        allowed: which films may be shown, shape (films,).
        n: how many.
        worst_off: the weight of the member who is worst off, 0 to 1.
    """
    rows = np.flatnonzero(allowed)
    scaled = scale_scores(scores[:, rows])
    average, totals = scaled.mean(axis=0), np.zeros(len(scaled))
    left = np.ones(len(rows), np.bool_)
    chosen: list[int] = []
    for rank in range(min(n, len(rows))):
        value = (1 - worst_off) * average + worst_off * scaled[np.argmin(totals)]
        best = int(np.argmax(np.where(left, value, -np.inf)))
        chosen.append(best)
        left[best] = False
        totals += scaled[:, best] / np.log2(rank + 2)
    together: Positions = rows[np.array(chosen, np.intp)]
    return together


def scale_scores(scores: Floats) -> Doubles:
    """Each member's scores over the mean of that member's ten best, shape (members, films).

    They are 0 for somebody whom nothing suits, and who has no say.
    """
    first = max(scores.shape[1] - _BEST, 0)
    if scores.shape[1] == 0:
        return scores.astype(np.float64)
    best = np.partition(scores, first, axis=1)[:, first:].mean(axis=1, keepdims=True, dtype=np.float64)
    scaled: Doubles = np.where(best > _LEAST, scores / np.maximum(best, _LEAST), 0.0)
    return scaled
