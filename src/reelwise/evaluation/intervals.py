"""Whether predictions are as sure as they say: how many true stars lie within the stated interval."""

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

LEVELS = ("0.68", "0.90")
"""The shares of true stars that the intervals shall hold, as they are spelled in `metrics.json`."""


def measure_intervals(errors: npt.NDArray[np.float32], spread: npt.NDArray[np.float32]) -> dict[str, Any]:
    """The share of errors within the interval of each level, and the mean spread.

    Args:
        errors: true minus predicted stars, shape (ratings,).
        spread: the standard deviation that was stated for each, likewise.
    """
    return {
        "interval": {level: float((np.abs(errors) <= half_width(level) * spread).mean()) for level in LEVELS},
        "mean_spread": float(spread.mean(dtype=np.float64)),
    }


def half_width(level: str) -> float:
    """How many standard deviations the interval of that level reaches to each side."""
    return NormalDist().inv_cdf((1 + float(level)) / 2)


def intervals_in_words(interval: Mapping[str, float], mean_spread: float) -> str:
    """One line about what `measure_intervals` found."""
    shares = ", ".join(f"{share:.1%} ({float(level):.0%} interval)" for level, share in interval.items())
    return f"true stars within the stated margin: {shares}; the mean margin is {mean_spread:.2f} stars"
