"""The target of the ranking model for each rating."""

import numpy as np

from reelwise.data.interactions import RatingScale
from reelwise.data.likes import five_stars
from reelwise.data.types import Floats, Stars

_PREFERENCES = ((1.0, 2.0, 3.0, 4.0, 5.0), (0.2, 0.25, 0.6, 1.0, 1.1))  # stars out of five, and how much they are worth


def preference(stars: Stars, scale: RatingScale) -> Floats:
    """The target of the ranking model's product for each rating: about 1 for a like, a fraction for less."""
    return np.interp(five_stars(stars, scale), *_PREFERENCES).astype(np.float32)
