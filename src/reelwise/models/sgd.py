"""Parallel stochastic gradient descent whose result depends on the seed alone, never on the number of threads.

Users and movies are dealt at random into `GRID` bands each; a block is the ratings of one user band on one movie band.
An epoch has `GRID` rounds. In round r the blocks (b, b + r mod GRID) are worked on: they share no user and no movie,
so threads may take them in any order and the arithmetic stays the same. Between rounds the threads wait for one
another. (The rotation is that of Gemulla et al., "Large-Scale Matrix Factorization with Distributed Stochastic
Gradient Descent", KDD 2011, section 4.)
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reelwise.data.ratings import Observations, offsets_of
from reelwise.models.kernels import Blocks, Factors, Penalties, predict_pairs, sgd_step

GRID = 16  # more bands than threads that one machine lends; part of what the result depends on


@dataclass(frozen=True)
class Epoch:
    """What there is to tell after an epoch.

    Attributes:
        number: 1 for the first.
        of: how many there will be at most.
        rmse: on the validation ratings, in normalised stars; None without such ratings.
        seconds: spent on this epoch's updates.
        ratings: how many were visited.
    """

    number: int
    of: int
    rmse: float | None
    seconds: float
    ratings: int


@dataclass(frozen=True)
class Schedule:
    """How long to train, and with which step sizes.

    The step size falls in a straight line from `rate` to nearly zero over `epochs`. With validation ratings, training
    stops after `patience` epochs without a better RMSE, and the best epoch's factors are the result.
    `stop_after` ends it earlier on the same line of step sizes.
    """

    epochs: int
    rate: float
    patience: int
    stop_after: int | None = None


@dataclass(frozen=True)
class Descent:
    """The outcome of `descend`: the factors, the epoch they are from, and the RMSE after each epoch."""

    factors: Factors
    best_epoch: int
    rmse: tuple[float, ...]


def deal_into_blocks(seen: Observations, users: int, movies: int, rng: np.random.Generator) -> Blocks:
    """Sort ratings into GRID x GRID blocks; `seen.stars` become the blocks' `z`."""
    bands = [(rng.permutation(count) % GRID).astype(np.int32) for count in (users, movies)]
    block = bands[0][seen.users] * GRID + bands[1][seen.movies]
    order = np.argsort(block.astype(np.int16), kind="stable")  # 16 bit: NumPy sorts these by radix
    return Blocks(seen.users[order], seen.movies[order], seen.stars[order], offsets_of(block, GRID * GRID))


def descend(
    factors: Factors,
    penalties: Penalties,
    train: Observations,
    schedule: Schedule,
    *,
    seed: int,
    threads: int,
    validation: Observations | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> Descent:
    """Fit `factors`, in place, to the ratings in `train`.

    Args:
        factors: where to start.
        penalties: the L2 weights.
        train: ratings, their stars normalised.
        schedule: epochs, step sizes, patience.
        seed: of the dealing into blocks and the order of rounds.
        threads: how many work at a time; no effect on the result.
        validation: ratings for early stopping, normalised likewise.
        on_epoch: called after each epoch.

    Raises:
        FloatingPointError: if the factors grow without bound.
    """
    rng = np.random.default_rng(seed)
    blocks = deal_into_blocks(train, len(factors.P), len(factors.Q), rng)
    best, best_epoch, rmse = factors, 0, list[float]()
    with ThreadPoolExecutor(min(threads, GRID)) as pool:
        for epoch in range(1, (schedule.stop_after or schedule.epochs) + 1):
            rate = np.float32(schedule.rate * (1 - (epoch - 1) / schedule.epochs))
            started = time.perf_counter()
            for turn in rng.permutation(GRID):
                _work_through(pool, min(threads, GRID), factors, penalties, blocks, _blocks_of_round(turn), rate)
            seconds = time.perf_counter() - started
            if validation is not None:
                rmse.append(_rmse(factors, validation))
            if not np.isfinite(rmse[-1] if rmse else factors.movie_bias.sum()):
                raise FloatingPointError("training diverged")
            on_epoch(
                Epoch(
                    epoch, schedule.stop_after or schedule.epochs, rmse[-1] if rmse else None, seconds, len(train.users)
                )
            )
            if not rmse:
                best_epoch = epoch
            elif rmse[-1] == min(rmse):
                best, best_epoch = factors.copy(), epoch
            elif epoch - best_epoch >= schedule.patience:
                break
    return Descent(best, best_epoch, tuple(rmse))


def _blocks_of_round(turn: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The GRID blocks of one round; no two share a user band or a movie band."""
    band = np.arange(GRID, dtype=np.int64)
    return band * GRID + (band + turn) % GRID


def _work_through(
    pool: ThreadPoolExecutor,
    threads: int,
    factors: Factors,
    penalties: Penalties,
    blocks: Blocks,
    chosen: np.ndarray[tuple[int], np.dtype[np.int64]],
    rate: np.float32,
) -> None:
    """One round: each thread takes a contiguous share of the chosen blocks."""
    cuts = np.linspace(0, GRID, threads + 1).astype(int)
    shares = [chosen[start:stop] for start, stop in pairwise(cuts)]
    for done in [pool.submit(sgd_step, factors, penalties, blocks, share, rate) for share in shares]:
        done.result()


def _rmse(factors: Factors, validation: Observations) -> float:
    predicted = np.empty(len(validation.stars), np.float32)
    predict_pairs(factors, validation.users, validation.movies, predicted)
    return float(np.sqrt(np.mean(np.square(predicted - validation.stars), dtype=np.float64)))
