"""What estimators are made with beside hyper-parameters."""

import os

import numpy as np

from reelwise.errors import UsageError


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
