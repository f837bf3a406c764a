"""How many ratings there are of each number of stars."""

import math

import numpy as np

from reelwise.data.ratings import Ratings

_STEP = 0.5  # stars, as MovieLens gives them
_MOST_BARS = 20  # on a scale that is too wide for that
_CHUNK = 1 << 20  # ratings at a time, so that no second array as long as the histories is made


def stars_histogram(ratings: Ratings) -> list[tuple[float, int]]:
    """Stars and how many ratings have them, from few stars to many; stars that nobody gave are left out.

    Stars between two steps count for the nearer one. A step is half a star, or on a wide scale a twentieth of it.
    """
    low, high = ratings.scale
    step = _STEP if high - low <= _MOST_BARS * _STEP else (high - low) / _MOST_BARS
    counts = np.zeros(math.ceil((high - low) / step) + 1, np.int64)
    stars = ratings.by_user.stars
    for start in range(0, len(stars), _CHUNK):
        steps = np.rint((stars[start : start + _CHUNK] - np.float32(low)) / np.float32(step)).astype(np.int64)
        counts += np.bincount(steps, minlength=len(counts))
    return [(low + step * at, int(count)) for at, count in enumerate(counts) if count]
