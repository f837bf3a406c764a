"""Comparisons of recommenders that take a second: fewer settings are tried, and fewer groups of people asked."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from reelwise.evaluation import baselines, groups


@contextmanager
def small_comparison() -> Iterator[None]:
    """Within it, `compare` tries and asks little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baselines, "NEIGHBOURS", (25, 50))
        patch.setattr(baselines, "EASE_FOR_SELECTIONS", (10.0, 100.0))
        patch.setattr(baselines, "EASE_FOR_HISTORIES", (10.0,))
        patch.setattr(baselines, "LINEAR_MIN_LIKES", (8,))
        patch.setattr(groups, "GROUPS", 20)
        yield
