"""Whether predictions are as sure as they say: how many true stars lie within the stated interval."""

from statistics import NormalDist

import numpy as np

from reelwise.data.types import Floats

LEVELS = ("0.68", "0.90")
"""The shares of true stars that the intervals are to hold, as they are spelled in `metrics.json`."""


def measure_intervals(errors: Floats, std: Floats) -> dict[str, float]:
    """The share of errors within the interval of each level.

    Args:
        errors: true minus predicted stars, shape (ratings,).
        std: the standard deviation that was stated for each, likewise.
    """
    return {level: float((np.abs(errors) <= half_width(level) * std).mean()) for level in LEVELS}


def half_width(level: str) -> float:
    """How many standard deviations the interval of that level reaches to each side."""
    return NormalDist().inv_cdf((1 + float(level)) / 2)
