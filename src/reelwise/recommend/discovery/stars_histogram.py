"""How many ratings there are of each number of stars."""

import math

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.interactions import RatingScale
from reelwise.data.ratings import Ratings
from reelwise.data.types import Stars

_STEP = 0.5  # stars, as MovieLens gives them
_MOST_BARS = 20  # on a scale that is too wide for that
_CHUNK = 1 << 20  # ratings at a time, so that no second array as long as the histories is made


def stars_of_model(model: Model, row: int | None = None) -> list[tuple[float, int]]:
    """The histogram of all ratings, or of those of one movie; empty where histories, or stars, were left out."""
    if model.histories is None or not model.predicts_stars:
        return []
    if row is not None and row >= len(model.histories.by_movie):  # a film that came since
        return []
    return stars_histogram(model.histories) if row is None else _count(model.histories.by_movie[row][1], model.scale)


def stars_histogram(ratings: Ratings) -> list[tuple[float, int]]:
    """Stars and how many ratings have them, from few stars to many; stars that nobody gave are left out.

    Stars between two steps count for the nearer one. A step is half a star, or on a wide scale a twentieth of it.
    """
    return _count(ratings.by_user.stars, ratings.scale)


def _count(stars: Stars, scale: RatingScale) -> list[tuple[float, int]]:
    low, high = scale
    step = _STEP if high - low <= _MOST_BARS * _STEP else (high - low) / _MOST_BARS
    counts = np.zeros(math.ceil((high - low) / step) + 1, np.int64)
    for start in range(0, len(stars), _CHUNK):
        steps = np.rint((stars[start : start + _CHUNK] - np.float32(low)) / np.float32(step)).astype(np.int64)
        counts += np.bincount(steps, minlength=len(counts))
    return [(low + step * at, int(count)) for at, count in enumerate(counts) if count]
