"""Updating the rating model: new ratings are taken in from factors that exist, in a few passes instead of many.

1. The biases are unfolded with the new ratings' mean and standard deviation. New users and movies get rows.
2. The prior means (`reelwise.models.rating.prior_mean`) are fitted to known rows, by a few steps; a new row starts at
   its own. They stay fixed from here on.
3. SGD goes through the ratings of newcomers alone: they have the longest way to go.
4. SGD goes through all ratings.

The step size starts where training's did, and falls to nearly zero in 3 and again in 4; not only between passes but
from round to round, since there are few passes.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats, Indices, Mask
from reelwise.errors import Diverged
from reelwise.models.config import UpdateConfig
from reelwise.models.rating.epochs import Epoch
from reelwise.models.rating.kernels import Factors, Penalties, PriorMeans
from reelwise.models.rating.penalties import penalties_for
from reelwise.models.rating.prior_mean import Incidence, PriorMean
from reelwise.models.rating.scaling import Scaling
from reelwise.models.rating.stratified_sgd import GRID, Permutation, StratifiedSGD

if TYPE_CHECKING:
    from reelwise.models.rating.matrix_factorization import MatrixFactorization


class OlderRows(NamedTuple):
    """Where the users and movies were in the older model: int32 rows of its P and Q, -1 for newcomers."""

    users: Indices
    movies: Indices


def take_rows(array: Floats, rows: Indices) -> Floats:
    """A copy of these rows, zeros for a newcomer."""
    copy: Floats = array[rows]
    copy[rows < 0] = 0
    return copy


def update_factors(
    old: "MatrixFactorization",
    train: Interactions,
    scaling: Scaling,
    older: OlderRows,
    update: UpdateConfig,
    on_epoch: Callable[[Epoch], object],
) -> tuple[Factors, Floats]:
    """The updated factors, and Y of the prior means, both normalised; see `MatrixFactorization.update`.

    Raises:
        Diverged: Raised when the numbers grow without bound.
    """
    config = old.config
    start = Factors(*scaling.unfold_biases(take_rows(old.P, older.users), take_rows(old.Q, older.movies)))
    for bias, of_bias in ((start.user_bias, older.users), (start.movie_bias, older.movies)):
        bias[of_bias < 0] = 0
    rng = np.random.default_rng(old.seed)
    permutation = Permutation.draw(*train.shape, rng)
    factors = Factors(*permutation.permute_arrays(start))
    penalties = Penalties(*permutation.permute_arrays(penalties_for(train, config)))
    is_new = _IsNew(*permutation.permute_arrays(side < 0 for side in older))
    ratings = permutation.permute(scaling.normalise(train))
    of_newcomers = ratings.where(is_new.users[ratings.users] | is_new.movies[ratings.movies])
    threads = min(old.threads, GRID)
    with ThreadPoolExecutor(threads) as pool, np.errstate(over="ignore", invalid="ignore"):
        of_users, of_movies = _prior_means(factors, penalties, is_new, ratings, config.prior_ridge, pool, threads)
        for _ in range(update.prior_steps):
            means = PriorMeans(of_users.fit(factors.P), of_movies.fit(factors.Q))
        factors.P[is_new.users] = means.P[is_new.users]
        factors.Q[is_new.movies] = means.Q[is_new.movies]
        done = 0
        for part, passes in ((of_newcomers, update.newcomer_passes), (ratings, update.passes)):
            sgd = StratifiedSGD(part, penalties, pool, threads)
            for rates in _falling_rates(config.learning_rate, passes):
                started = time.perf_counter()
                sgd.run_epoch(factors, means, rates, rng)
                done += 1
                total = update.newcomer_passes + update.passes
                on_epoch(Epoch(done, total, None, time.perf_counter() - started, len(part)))
    if not np.isfinite(factors.movie_bias.sum()):
        raise Diverged("training diverged; this model cannot be updated with these ratings, train from scratch")
    return permutation.restore(factors), of_users.Y[permutation.movies]


class _IsNew(NamedTuple):
    """Which users and movies are newcomers."""

    users: Mask
    movies: Mask


def _prior_means(
    factors: Factors,
    penalties: Penalties,
    is_new: _IsNew,
    ratings: Interactions,
    ridge: float,
    pool: Executor,
    threads: int,
) -> tuple[PriorMean, PriorMean]:
    """The prior means of users and movies, to be fitted to the rows that are not new: a newcomer's weighs nothing."""
    by_user = Incidence(ratings.users, ratings.movies, len(factors.P), pool, threads)
    by_movie = Incidence(ratings.movies, ratings.users, len(factors.Q), pool, threads)
    k = factors.P.shape[1]
    return (
        PriorMean(by_user, by_movie, penalties.user * ~is_new.users, k, ridge),
        PriorMean(by_movie, by_user, penalties.movie * ~is_new.movies, k, ridge),
    )


def _falling_rates(rate: float, passes: int) -> Iterator[Floats]:
    """The step sizes of each pass, by round: in a straight line from `rate` to nearly zero."""
    rounds = passes * GRID
    return iter((rate * (1 - np.arange(rounds) / max(rounds, 1))).astype(np.float32).reshape(passes, GRID))
