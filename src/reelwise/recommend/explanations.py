"""Why a film is recommended: how much its score falls when a film that the viewer likes is taken out."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
_MOST = 3
_LEAST_SHARE = 0.05  # a pick that carries less of the score than this is no reason to tell


class Reason(NamedTuple):
    """A film that carries another: its row, and its share of the score (0 to 1)."""

    movie: int
    share: float


def reasons(
    viewer: Floats, without: Floats, carriers: npt.NDArray[np.integer], films: Floats
) -> list[tuple[Reason, ...]]:
    """For each of `films` the carriers that its score falls most without, largest share first.

    A share is the fall over the score, or over the sum of all falls where that is larger; so shares are positive and
    sum to at most 1. A film whose score is not positive has no reasons.

    Args:
        viewer: the viewer's vector, shape (k,).
        without: the viewer's vector if one carrier is taken out, shape (carriers, k).
        carriers: rows of the films that the viewer likes, shape (carriers,).
        films: the vectors of the films to explain, shape (films, k).
    """
    scores = films @ viewer
    falls = np.maximum(scores[:, None] - films @ without.T, 0)
    whole = np.maximum(scores, falls.sum(axis=1))
    shares = np.where(scores[:, None] > 0, falls / np.maximum(whole, 1e-12)[:, None], 0)
    order = np.argsort(-shares, axis=1, kind="stable")[:, :_MOST]
    return [
        tuple(Reason(int(carriers[at]), float(share[at])) for at in best if share[at] >= _LEAST_SHARE)
        for share, best in zip(shares, order, strict=True)
    ]
