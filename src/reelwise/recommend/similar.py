"""Films that the same people like."""

import numpy as np
import numpy.typing as npt

from reelwise.recommend.top_n import top_n

_DAMPING = 30  # a film with this many ratings keeps half of its likeness


def similar(
    cosines: npt.NDArray[np.float32], counts: npt.NDArray[np.int64], movie: int, n: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """The rows of the `n` films most like `movie`, best first, and their likeness (at most 1).

    Likeness is the cosine of the films' vectors times c / (c + 30), with c the film's number of ratings: the direction
    of a vector that a handful of people shaped is mostly chance.

    Args:
        cosines: of each film's vector and that of `movie`, shape (movies,).
        counts: number of ratings of each movie, shape (movies,).
        movie: the row of the film.
        n: how many.
    """
    likeness = (cosines * (counts / (counts + _DAMPING))).astype(np.float32)
    found = top_n(likeness, n, np.array([movie]))
    found = found[likeness[found] > 0]
    return found, likeness[found]
