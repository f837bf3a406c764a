"""What a rating says about liking, on any rating scale."""

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import RatingScale, Stars

LIKED = 4.0  # stars out of five, and more
DISLIKED = 2.0  # and less
_TARGETS = ((1.0, 2.0, 3.0, 4.0, 5.0), (0.2, 0.25, 0.6, 1.0, 1.1))  # stars out of five, and what they aim at


def five_stars(stars: Stars, scale: RatingScale) -> Stars:
    """`stars` as if the scale ended at five; MovieLens' own stars stay as they are."""
    lowest = min(0.0, scale.low)
    return ((stars - lowest) * (5.0 / (scale.high - lowest))).astype(np.float32, copy=False)


def least_like(scale: RatingScale) -> float:
    """The fewest stars on `scale` that are a like."""
    lowest = min(0.0, scale.low)
    return lowest + LIKED * (scale.high - lowest) / 5


def is_like(stars: Stars, scale: RatingScale) -> npt.NDArray[np.bool_]:
    """Whether each rating is a like: at least four stars out of five."""
    return five_stars(stars, scale) >= LIKED


def targets(stars: Stars, scale: RatingScale) -> Stars:
    """What the taste model's product aims at for each rating: about 1 for a like, a fraction for less."""
    return np.interp(five_stars(stars, scale), *_TARGETS).astype(np.float32)
