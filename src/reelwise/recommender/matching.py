"""Finding the existing user who best matches a selection."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Rows


class BestUser(NamedTuple):
    """The user index that matches best, on how many movies, and the mean of that user's stars on these."""

    user: int
    matched: int
    mean_stars: float


def best_user(by_movie: Rows, picks: npt.NDArray[np.integer], users: int) -> BestUser | None:
    """The user who rated most of the picked movies.

    Ties go to the higher mean of the user's stars on the matched movies, then to the lowest index.

    Args:
        by_movie: for each movie the user indices and stars.
        picks: distinct movie indices.
        users: how many users there are.

    Returns:
        None if nobody rated any of them.
    """
    rows = [by_movie[int(movie)] for movie in picks]
    raters = np.concatenate([users_of for users_of, _ in rows]) if rows else np.empty(0, np.int32)
    if len(raters) == 0:
        return None
    stars = np.concatenate([stars_of for _, stars_of in rows])
    counts = np.bincount(raters, minlength=users)
    most = int(counts.max())
    contends = counts[raters] == most
    sums = np.bincount(raters[contends], weights=stars[contends], minlength=users)
    sums[counts < most] = -np.inf  # sums of stars may be negative on an unusual scale
    winner = int(np.argmax(sums))  # the first of equals is the lowest index
    return BestUser(winner, most, float(sums[winner]) / most)
