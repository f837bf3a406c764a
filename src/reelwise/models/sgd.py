"""Parallel stochastic gradient descent whose result depends on the seed alone, never on the number of threads.

Users and movies are dealt at random into `GRID` bands each; a block is the ratings of one user band on one movie band.
Inside, the rows of a band lie side by side, so that no two threads write to the same cache line.
An epoch has `GRID` rounds. In round r the blocks (b, b + r mod GRID) are worked on: they share no user and no movie,
so threads may take them in any order and the arithmetic stays the same. Between rounds the threads wait for one
another. (The rotation is that of Gemulla et al., "Large-Scale Matrix Factorization with Distributed Stochastic
Gradient Descent", KDD 2011, section 4.)
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Observations, offsets_of
from reelwise.models.expected import Expected, Incidence
from reelwise.models.kernels import Blocks, Centres, Factors, Integers, Penalties, predict_pairs, sgd_step

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


def deal_into_blocks(seen: Observations, users: int, movies: int) -> Blocks:
    """Sort ratings into GRID x GRID blocks, by the band of their user and of their movie.

    The first rows are the first band, and so on. `seen.stars` become the blocks' `z`.
    """
    block = _bands(seen.users, users) * GRID + _bands(seen.movies, movies)
    order = np.argsort(block.astype(np.int16), kind="stable")  # 16 bit: NumPy sorts these by radix
    return Blocks(seen.users[order], seen.movies[order], seen.stars[order], offsets_of(block, GRID * GRID))


def descend(
    start: Factors,
    penalties: Penalties,
    ridge: float,
    train: Observations,
    schedule: Schedule,
    *,
    seed: int,
    threads: int,
    validation: Observations | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> Descent:
    """Fit factors to the ratings in `train`; before each epoch the expected vectors are fitted to the factors.

    Args:
        start: where to start; left as it is.
        penalties: the L2 weights.
        ridge: the L2 weight in the fit of the expected vectors, see `reelwise.models.expected`.
        train: ratings, their stars normalised.
        schedule: epochs, step sizes, patience.
        seed: of the dealing into blocks and the order of rounds.
        threads: how many work at a time; no effect on the result.
        validation: ratings for early stopping, normalised likewise.
        on_epoch: called after each epoch.

    Raises:
        FloatingPointError: if the factors grow without bound.
    """
    threads = min(threads, GRID)
    rng = np.random.default_rng(seed)
    deal = Deal.of(len(start.P), len(start.Q), rng)
    factors, penalties = Factors(*deal.arrays(start)), Penalties(*deal.arrays(penalties))
    train = deal.ratings(train)
    if validation is not None:
        validation = deal.ratings(validation)
    users, movies, k = len(factors.P), len(factors.Q), factors.P.shape[1]
    epochs = schedule.stop_after or schedule.epochs
    best, best_epoch, rmse = factors, 0, list[float]()
    with ThreadPoolExecutor(threads) as pool, np.errstate(over="ignore", invalid="ignore"):
        sorting = [
            pool.submit(Incidence, train.users, train.movies, users, pool, threads),
            pool.submit(Incidence, train.movies, train.users, movies, pool, threads),
        ]
        blocks = pool.submit(deal_into_blocks, train, users, movies).result()
        by_user, by_movie = (it.result() for it in sorting)
        of_users = Expected(by_user, by_movie, penalties.user, k, ridge)
        of_movies = Expected(by_movie, by_user, penalties.movie, k, ridge)
        for epoch in range(1, epochs + 1):
            rate = np.float32(schedule.rate * (1 - (epoch - 1) / schedule.epochs))
            started = time.perf_counter()
            centres = Centres(of_users.fit(factors.P), of_movies.fit(factors.Q))
            for turn in rng.permutation(GRID):
                work_on_round(turn, factors, centres, penalties, blocks, rate, pool, threads)
            seconds = time.perf_counter() - started
            if validation is not None:
                rmse.append(_rmse(factors, validation))
            if not np.isfinite(rmse[-1] if rmse else factors.movie_bias.sum()):
                raise FloatingPointError("training diverged")
            on_epoch(Epoch(epoch, epochs, rmse[-1] if rmse else None, seconds, len(train.users)))
            if not rmse:
                best_epoch = epoch
            elif rmse[-1] == min(rmse):
                best, best_epoch = factors.copy(), epoch
            elif epoch - best_epoch >= schedule.patience:
                break
    return Descent(deal.undone(best), best_epoch, tuple(rmse))


def work_on_round(
    turn: int,
    factors: Factors,
    centres: Centres,
    penalties: Penalties,
    blocks: Blocks,
    rate: np.float32,
    pool: Executor,
    threads: int,
) -> None:
    """One SGD pass over the blocks of one round, changing `factors`; `turn`, 0 to GRID - 1, says which."""
    shares = _shares_of_round(turn, blocks, threads)
    for done in [pool.submit(sgd_step, factors, centres, penalties, blocks, share, rate) for share in shares]:
        done.result()


class Deal(NamedTuple):
    """The place of each user and of each movie after dealing: a permutation of its rows each."""

    users: Integers
    movies: Integers

    @classmethod
    def of(cls, users: int, movies: int, rng: np.random.Generator) -> Self:
        """A random deal of so many users and movies."""
        return cls(rng.permutation(np.int32(users)), rng.permutation(np.int32(movies)))

    def arrays(self, pairs: Iterable[npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
        """Arrays by user and by movie in turn, with their rows in the order of places."""
        for array, places in zip(pairs, cycle(self), strict=False):
            dealt = np.empty_like(array)
            dealt[places] = array
            yield dealt

    def ratings(self, seen: Observations) -> Observations:
        """The same ratings between places."""
        return Observations(self.users[seen.users], self.movies[seen.movies], seen.stars)

    def undone(self, factors: Factors) -> Factors:
        """Dealt factors, with their rows as they were before."""
        return Factors(*(array[places] for array, places in zip(factors, cycle(self), strict=False)))


def _bands(places: Integers, count: int) -> npt.NDArray[np.int64]:
    """The band of each place: GRID bands of like size."""
    return places.astype(np.int64) * GRID // count


def _shares_of_round(turn: int, blocks: Blocks, threads: int) -> list[npt.NDArray[np.int64]]:
    """The GRID blocks of one round, no two of which share a band, in shares of like size for the threads."""
    band = np.arange(GRID, dtype=np.int64)
    chosen = band * GRID + (band + turn) % GRID
    largest_first = chosen[np.argsort(blocks.offsets[chosen] - blocks.offsets[chosen + 1], kind="stable")]
    return [largest_first[start::threads] for start in range(threads)]


def _rmse(factors: Factors, validation: Observations) -> float:
    predicted = np.empty(len(validation.stars), np.float32)
    predict_pairs(factors, validation.users, validation.movies, predicted)
    return float(np.sqrt(np.mean(np.square(predicted - validation.stars), dtype=np.float64)))
