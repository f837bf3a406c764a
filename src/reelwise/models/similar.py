"""Films that the same people like."""

import numpy as np

from reelwise.data.types import Counts, Floats, Positions
from reelwise.models.top_n import top_n

_DAMPING = 30  # a film with this many ratings keeps half of its likeness


def find_similar(similarities: Floats, counts: Counts, movie: int, n: int) -> tuple[Positions, Floats]:
    """The rows of the `n` films most like `movie`, best first, and their likeness (at most 1).

    Likeness is the cosine of the films' vectors times c / (c + 30), with c the film's number of ratings: the direction
    of a vector that a handful of people shaped is mostly chance.

    Args:
        similarities: cosines of each film's vector and that of `movie`, shape (movies,).
        counts: number of ratings of each movie, shape (movies,).
        movie: the row of the film.
        n: how many.
    """
    likeness = (similarities * (counts / (counts + _DAMPING))).astype(np.float32)
    found = top_n(likeness, n, np.array([movie]))
    found = found[likeness[found] > 0]
    return found, likeness[found]
