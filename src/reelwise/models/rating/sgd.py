"""Stochastic gradient descent from a start to the factors that predict best."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats
from reelwise.models.rating.epochs import Epoch
from reelwise.models.rating.kernels import Factors, Penalties, PriorMeans, predict_pairs
from reelwise.models.rating.prior_mean import Incidence, PriorMean
from reelwise.models.rating.stratified_sgd import GRID, Permutation, StratifiedSGD


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
    """The outcome of `descend`.

    Attributes:
        factors: of the best epoch.
        Y: the movies' vectors that users' prior means are made of, float32, shape (movies, k).
        best_epoch: the epoch that both are from.
        rmse: after each epoch; empty without validation ratings.
    """

    factors: Factors
    Y: Floats
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
    on_epoch: Callable[[Epoch], object] = lambda _: None,
) -> Descent:
    """Fit factors to the ratings in `train`; before each epoch the prior means are fitted to the factors.

    Args:
        start: where to start; left as it is.
        penalties: the L2 weights per rating.
        ridge: the L2 weight in the fit of the prior means, see `reelwise.models.rating.prior_mean`.
        train: ratings, their stars normalised.
        schedule: epochs, step sizes, patience.
        seed: of the permutation and the order of rounds.
        threads: how many work at a time; no effect on the result.
        validation: ratings for early stopping, normalised likewise.
        on_epoch: called after each epoch.

    Raises:
        FloatingPointError: Raised when the factors grow without bound.
    """
    threads = min(threads, GRID)
    rng = np.random.default_rng(seed)
    permutation = Permutation.draw(len(start.P), len(start.Q), rng)
    factors = Factors(*permutation.permute_arrays(start))
    penalties = Penalties(*permutation.permute_arrays(penalties))
    train = permutation.permute(train)
    if validation is not None:
        validation = permutation.permute(validation)
    users, movies, k = len(factors.P), len(factors.Q), factors.P.shape[1]
    epochs = schedule.stop_after or schedule.epochs
    best, best_Y, best_epoch, rmse = factors, None, 0, list[float]()
    sides = ThreadPoolExecutor(min(threads, 2))  # a pool of their own: what runs here waits for what runs in the other
    with ThreadPoolExecutor(threads) as pool, sides, np.errstate(over="ignore", invalid="ignore"):
        sorting = [
            pool.submit(Incidence, train.users, train.movies, users, pool, threads),
            pool.submit(Incidence, train.movies, train.users, movies, pool, threads),
        ]
        sgd = pool.submit(StratifiedSGD, train, penalties, pool, threads).result()
        by_user, by_movie = (incidence.result() for incidence in sorting)
        of_users = PriorMean(by_user, by_movie, penalties.user, k, ridge)
        of_movies = PriorMean(by_movie, by_user, penalties.movie, k, ridge)
        for epoch in range(1, epochs + 1):
            rates = np.full(GRID, schedule.rate * (1 - (epoch - 1) / schedule.epochs), np.float32)
            started = time.perf_counter()
            fitting = sides.submit(of_users.fit, factors.P), sides.submit(of_movies.fit, factors.Q)
            prior_means = PriorMeans(*(means.result() for means in fitting))
            sgd.run_epoch(factors, prior_means, rates, rng)
            seconds = time.perf_counter() - started
            if validation is not None:
                rmse.append(_rmse(factors, validation))
            if not np.isfinite(rmse[-1] if rmse else factors.movie_bias.sum()):
                raise FloatingPointError(
                    f"training diverged; the learning rate is {schedule.rate:g}, try a lower learning_rate "
                    "(--learning-rate)"
                )
            on_epoch(Epoch(epoch, epochs, rmse[-1] if rmse else None, seconds, len(train)))
            if not rmse:
                best_epoch = epoch
            elif rmse[-1] == min(rmse):
                best, best_Y, best_epoch = factors.copy(), of_users.Y.copy(), epoch
            elif epoch - best_epoch >= schedule.patience:
                break
    Y = of_users.Y if best_Y is None else best_Y
    return Descent(permutation.restore(best), Y[permutation.movies], best_epoch, tuple(rmse))


def _rmse(factors: Factors, validation: Interactions) -> float:
    predicted = np.empty(len(validation), np.float32)
    predict_pairs(factors, validation.users, validation.movies, predicted)
    return float(np.sqrt(np.mean(np.square(predicted - validation.stars), dtype=np.float64)))
