"""Likes and dislikes, on any rating scale."""

import numpy as np

from reelwise.data.interactions import Interactions, RatingScale
from reelwise.data.types import Mask, Stars
from reelwise.errors import UsageError

LIKED = 4.0  # stars out of five, and more
DISLIKED = 2.0  # and less


def five_stars(stars: Stars, scale: RatingScale) -> Stars:
    """`stars` as if the scale ended at five; MovieLens' own stars stay as they are."""
    lowest = min(0.0, scale.low)
    return ((stars - lowest) * (5.0 / (scale.high - lowest))).astype(np.float32, copy=False)


def from_five_stars(stars: float, scale: RatingScale) -> float:
    """Stars out of five on another scale, as far as that has them; the opposite of `five_stars`."""
    lowest = min(0.0, scale.low)
    return min(max(round(lowest + stars * (scale.high - lowest) / 5, 3), scale.low), scale.high)


def least_like(scale: RatingScale) -> float:
    """The fewest stars on `scale` that are a like."""
    lowest = min(0.0, scale.low)
    return lowest + LIKED * (scale.high - lowest) / 5


def is_like(stars: Stars, scale: RatingScale) -> Mask:
    """Whether each rating is a like: at least four stars out of five."""
    return five_stars(stars, scale) >= LIKED


def require_likes(ratings: Interactions) -> None:
    """Refuse ratings from which nothing can be learnt about what people like.

    Raises:
        UsageError: Raised when none is a like.
    """
    if not is_like(ratings.stars, ratings.scale).any():
        scale = ratings.scale
        raise UsageError(
            f"no rating reaches {least_like(scale):g} stars on the scale of {scale.low:g} to {scale.high:g}, so nobody "
            'likes anything; give the data\'s own scale, such as scale=(1, 10), or rating="" if the rows only say who '
            "watched what"
        )


def likes_of(ratings: Interactions) -> Interactions:
    """The ratings that are likes."""
    return ratings.where(is_like(ratings.stars, ratings.scale))
