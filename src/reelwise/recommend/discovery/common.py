"""What the films of a group have in common: genres and decades."""

import numpy as np
import numpy.typing as npt

from reelwise.data.types import Floats

_TELLING_SHARE, _TELLING_LIFT = 0.33, 1.25  # of a genre that a group is named after
_MOST = {0: 0.7, 10: 0.75}  # the share of films that one decade, or two, must have to be named
_RECENT = 1990  # "and before" is said of earlier decades alone
_PRIOR = 5  # films of the pool's own mixture that are added to a group, so that few films tell little


def telling_genres(shares: Floats, size: int, usual: Floats) -> list[int]:
    """One or two genres that are common in a cluster and less so elsewhere, the most telling first.

    Args:
        shares: of the cluster's films that have each genre, shape (genres,).
        size: how many films the cluster has.
        usual: the shares among all films.
    """
    lift = (shares * size + usual * _PRIOR) / (size + _PRIOR) / np.maximum(usual, np.float32(1e-12))
    order = np.argsort(-lift * np.sqrt(shares), kind="stable")
    telling = [int(genre) for genre in order if shares[genre] >= _TELLING_SHARE and lift[genre] >= _TELLING_LIFT]
    return telling[:2] or [int(np.argmax(shares))]


def common_decades(decades: npt.NDArray[np.int16]) -> tuple[int | None, int | None]:
    """The first and the last decade of most films; None and last for old ones, None twice for films of all times."""

    def share(first: int, last: int) -> float:
        return float(((decades >= first) & (decades <= last)).mean())

    known = np.unique(decades[decades > 0]).tolist()
    for width in (0, 10):
        first = max(known, key=lambda first: share(first, first + width), default=0)
        if known and share(first, first + width) >= _MOST[width]:
            return first, first + width
    old = [last for last in known if last < _RECENT and share(1, last) >= _MOST[10]]
    return None, min(old, default=None)
