"""Checks of arguments from Python: numbers, seeds and shares; each error names the argument."""

import os

import numpy as np

from reelwise.errors import UsageError


def check_from_one(name: str, value: int) -> int:
    """A number of things, from 1.

    Raises:
        UsageError: Raised when it is not a whole number from 1.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise UsageError(f"{name} is {value!r}; expected a whole number from 1")
    return int(value)


def check_seed(seed: int) -> int:
    """A seed of random choices.

    Raises:
        UsageError: Raised when it is not a whole number from 0 to 2^63 - 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**63:
        raise UsageError(f"the seed is {seed!r}; expected a whole number from 0 to 2^63 - 1")
    return int(seed)


def check_fraction(name: str, share: float) -> float:
    """A share of the ratings.

    Raises:
        UsageError: Raised when it is not above 0 and below 1.
    """
    if isinstance(share, bool) or not isinstance(share, int | float | np.number) or not 0 < share < 1:
        raise UsageError(f"{name} is {share!r}; expected a share of the ratings above 0 and below 1")
    return float(share)


def count_threads(wanted: int | None) -> int:
    """As many as wanted, else as many as this process may use.

    Raises:
        UsageError: Raised when that is no number from 1.
    """
    if wanted is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(wanted, bool) or not isinstance(wanted, int | np.integer) or wanted < 1:
        raise UsageError(f"threads is {wanted!r}; expected a whole number from 1, or None for all")
    return int(wanted)
