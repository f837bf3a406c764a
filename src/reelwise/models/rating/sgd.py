"""Stochastic gradient descent from a start to the factors that predict best."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from reelwise.data.ratings import Interactions
from reelwise.models.kernels import Factors, Penalties, PriorMeans, predict_pairs
from reelwise.models.rating.prior_mean import Incidence, PriorMean
from reelwise.models.rating.stratified_sgd import GRID, Epochs, Permutation


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


def descend(
    start: Factors,
    penalties: Penalties,
    ridge: float,
    train: Interactions,
    schedule: Schedule,
    *,
    seed: int,
    threads: int,
    validation: Interactions | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> Descent:
    """Fit factors to the ratings in `train`; before each epoch the expected vectors are fitted to the factors.

    Args:
        start: where to start; left as it is.
        penalties: the L2 weights per rating.
        ridge: the L2 weight in the fit of the expected vectors, see `reelwise.models.rating.prior_mean`.
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
    deal = Permutation.of(len(start.P), len(start.Q), rng)
    factors, penalties = Factors(*deal.arrays(start)), Penalties(*deal.arrays(penalties))
    train = deal.ratings(train)
    if validation is not None:
        validation = deal.ratings(validation)
    users, movies, k = len(factors.P), len(factors.Q), factors.P.shape[1]
    epochs = schedule.stop_after or schedule.epochs
    best, best_epoch, rmse = factors, 0, list[float]()
    sides = ThreadPoolExecutor(min(threads, 2))  # a pool of their own: what runs here waits for what runs in the other
    with ThreadPoolExecutor(threads) as pool, sides, np.errstate(over="ignore", invalid="ignore"):
        sorting = [
            pool.submit(Incidence, train.users, train.movies, users, pool, threads),
            pool.submit(Incidence, train.movies, train.users, movies, pool, threads),
        ]
        sweep = pool.submit(Epochs, train, penalties, pool, threads).result()
        by_user, by_movie = (it.result() for it in sorting)
        of_users = PriorMean(by_user, by_movie, penalties.user, k, ridge)
        of_movies = PriorMean(by_movie, by_user, penalties.movie, k, ridge)
        for epoch in range(1, epochs + 1):
            rates = np.full(GRID, schedule.rate * (1 - (epoch - 1) / schedule.epochs), np.float32)
            started = time.perf_counter()
            fitting = sides.submit(of_users.fit, factors.P), sides.submit(of_movies.fit, factors.Q)
            centres = PriorMeans(*(it.result() for it in fitting))
            sweep(factors, centres, rates, rng)
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


def _rmse(factors: Factors, validation: Interactions) -> float:
    predicted = np.empty(len(validation.stars), np.float32)
    predict_pairs(factors, validation.users, validation.movies, predicted)
    return float(np.sqrt(np.mean(np.square(predicted - validation.stars), dtype=np.float64)))
