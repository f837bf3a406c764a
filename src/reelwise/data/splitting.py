"""Splitting ratings, by seed alone."""

import numpy as np

from reelwise.data.interactions import Interactions


def hold_out(ratings: Interactions, fraction: float, seed: int) -> tuple[Interactions, Interactions]:
    """Two parts of `ratings`: what is kept, and a random `fraction` (0 to 1) held out, each in its old order."""
    chosen = np.random.default_rng(seed).permutation(len(ratings)) < round(fraction * len(ratings))
    return ratings.where(~chosen), ratings.where(chosen)
