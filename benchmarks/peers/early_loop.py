"""The training loop of the project that Reelwise replaces: plain Python, one rating after the other."""

import time

import numpy as np

from reelwise.data.interactions import Interactions

FACTORS = 20
PART = 0.01  # of an epoch is timed


def seconds_per_epoch(train: Interactions) -> float:
    """How long an epoch of it takes, from a random hundredth of one."""
    rng = np.random.default_rng(0)
    P, Q = (rng.normal(0, 0.1, (rows, FACTORS)) for rows in train.shape)
    chosen = rng.permutation(len(train))[: round(PART * len(train))]
    columns = (train.users, train.movies, train.stars)
    lines = list(zip(*(column[chosen].tolist() for column in columns), strict=True))
    started = time.perf_counter()
    _go_through(lines, P, Q, rate=0.005, penalty=0.02)
    return (time.perf_counter() - started) * len(train) / len(lines)


def _go_through(lines: list[tuple[int, int, float]], P: np.ndarray, Q: np.ndarray, rate: float, penalty: float) -> None:
    for u, m, r in lines:
        pred = np.dot(P[u], Q[m])
        error = r - pred
        p = P[u].copy()
        P[u] += rate * (error * Q[m] - penalty * P[u])
        Q[m] += rate * (error * p - penalty * Q[m])
