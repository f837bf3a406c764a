"""Ratings in which people come one after the other, a day apart, and tastes may drift from film to film."""

import numpy as np

from reelwise.data.interactions import Interactions

DAY = 86_400_000_000


def drifting_ratings(users: int = 300, movies: int = 40, liked: int = 6, *, drift: bool = True) -> Interactions:
    """Everybody likes some of ten films, and dislikes two others.

    With `drift` these ten are the first for whoever comes first and the last for whoever comes last, else always the
    first ten.
    """
    rng = np.random.default_rng(0)
    of_users, of_movies, stars = [], [], []
    for user in range(users):
        start = user * (movies - 10) // users if drift else 0
        likes = start + rng.choice(10, liked, replace=False)
        others = rng.choice(np.setdiff1d(np.arange(movies), np.arange(start, start + 10)), 2, replace=False)
        rated = np.sort(np.concatenate([likes, others]))
        of_users.append(np.full(len(rated), user))
        of_movies.append(rated)
        stars.append(np.where(np.isin(rated, likes), 5, 1))
    rows = np.concatenate(of_users).astype(np.int32)
    return Interactions(
        rows,
        np.concatenate(of_movies).astype(np.int32),
        np.concatenate(stars).astype(np.float32),
        (users, movies),
        times=rows * np.int64(DAY),
    )
