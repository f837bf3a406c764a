"""Splitting ratings, by seed alone."""

import numpy as np

from reelwise.data.ratings import Interactions


def hold_out(seen: Interactions, fraction: float, seed: int) -> tuple[Interactions, Interactions]:
    """Two parts of `seen`: what is kept, and a random `fraction` (0 to 1) that is held out, each in its old order."""
    chosen = np.random.default_rng(seed).permutation(len(seen.stars)) < round(fraction * len(seen.stars))
    return seen.where(~chosen), seen.where(chosen)
