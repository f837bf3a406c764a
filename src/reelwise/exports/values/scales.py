"""From the scales of film sites to stars out of five."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

_OUR_BEST = 5.0

# How often people give half a star, a star, and so on up to five, in per mille (counted in MovieLens latest-small).
_GIVEN = (14, 28, 18, 75, 55, 199, 130, 266, 85, 131)
_UP_TO = [share / sum(_GIVEN) for share in accumulate(_GIVEN)]

_DOUBT = 10
"""Ratings that a person must have before their own percentiles count for as much as the scale taken at its word."""


def to_five(value: float, best: float) -> float:
    """The stars of a number on a scale that ends at `best`."""
    return value * _OUR_BEST / best


def percentiles_to_five(scores: Sequence[float], best: float) -> list[float]:
    """Stars for scores whose meaning is the person's own: as many get five stars as people give, and so on.

    A score's place among all of them says what it means. Of few scores that says little, so they count together with
    `_DOUBT` scores that are spread evenly over the scale.

    Args:
        scores: from 0 to `best`.
        best: the end of the scale.

    Returns:
        From half a star to five, by halves; never fewer for a higher score.
    """
    ordered = sorted(scores)
    shares = [
        ((bisect_left(ordered, score) + bisect_right(ordered, score)) / 2 + _DOUBT * score / best)
        / (len(scores) + _DOUBT)
        for score in scores
    ]
    return [(min(bisect_left(_UP_TO, share), len(_UP_TO) - 1) + 1) / 2 for share in shares]
