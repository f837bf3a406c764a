"""Updating the stars model: new ratings are taken in from factors that exist, in a few passes instead of many.

1. The factors are unfolded to the new ratings' mean and spread. New users and movies get rows.
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
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Interactions
from reelwise.models.config import MatrixFactorizationConfig, UpdateConfig
from reelwise.models.kernels import Factors, Floats, Integers, Penalties, PriorMeans
from reelwise.models.rating.matrix_factorization import RatingModel, Scaling, penalties_of
from reelwise.models.rating.prior_mean import Incidence, PriorMean
from reelwise.models.rating.sgd import Epoch
from reelwise.models.rating.stratified_sgd import GRID, Epochs, Permutation


class Places(NamedTuple):
    """Where the users and movies were in the older model: int32 rows of its P and Q, -1 for newcomers."""

    users: Integers
    movies: Integers


def placed(rows: Floats, places: Integers) -> Floats:
    """A copy of the `rows` at these places, zeros for a newcomer."""
    copy = rows[places]
    copy[places < 0] = 0
    return copy


def update_rating_model(
    old: RatingModel,
    places: Places,
    seen: Interactions,
    settings: MatrixFactorizationConfig,
    update: UpdateConfig,
    *,
    seed: int,
    threads: int = 1,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> RatingModel:
    """Take new ratings into a stars model.

    Args:
        old: the model as it was; left as it is.
        places: where each user and each movie of `seen` was in `old`.
        seen: all ratings as they are now, old and new.
        settings: the hyper-parameters that `old` was fitted with.
        update: how many steps and passes.
        seed: of the order of the updates; the same seed gives the same bytes.
        threads: how many work at a time; no effect on the result.
        on_epoch: called after each pass; there is no RMSE.

    Raises:
        FloatingPointError: if training diverges.
    """
    scaling = Scaling.of(seen)
    start = scaling.unfolded(placed(old.P, places.users), placed(old.Q, places.movies))
    for bias, its_places in ((start.user_bias, places.users), (start.movie_bias, places.movies)):
        bias[its_places < 0] = 0
    penalties = penalties_of(
        np.bincount(seen.users, minlength=len(start.P)), np.bincount(seen.movies, minlength=len(start.Q)), settings
    )
    rng = np.random.default_rng(seed)
    deal = Permutation.of(len(start.P), len(start.Q), rng)
    factors, penalties = Factors(*deal.arrays(start)), Penalties(*deal.arrays(penalties))
    is_new = _IsNew(*deal.arrays(at < 0 for at in places))
    ratings = deal.ratings(scaling.normalised(seen))
    of_newcomers = ratings.where(is_new.users[ratings.users] | is_new.movies[ratings.movies])
    threads = min(threads, GRID)
    with ThreadPoolExecutor(threads) as pool, np.errstate(over="ignore", invalid="ignore"):
        centres = _expected(factors, penalties, is_new, ratings, settings.prior_ridge, update, pool, threads)
        factors.P[is_new.users] = centres.P[is_new.users]
        factors.Q[is_new.movies] = centres.Q[is_new.movies]
        done = 0
        for part, passes in ((of_newcomers, update.newcomer_passes), (ratings, update.passes)):
            sweep = Epochs(part, penalties, pool, threads)
            for rates in _falling(settings.learning_rate, passes):
                started = time.perf_counter()
                sweep(factors, centres, rates, rng)
                done += 1
                of = update.newcomer_passes + update.passes
                on_epoch(Epoch(done, of, None, time.perf_counter() - started, len(part.users)))
    if not np.isfinite(factors.movie_bias.sum()):
        raise FloatingPointError("training diverged")
    return RatingModel(*scaling.folded(deal.undone(factors)), best_epoch=update.passes, validation_rmse=())


class _IsNew(NamedTuple):
    """Which users and movies are newcomers."""

    users: npt.NDArray[np.bool_]
    movies: npt.NDArray[np.bool_]


def _expected(
    factors: Factors,
    penalties: Penalties,
    is_new: _IsNew,
    ratings: Interactions,
    ridge: float,
    update: UpdateConfig,
    pool: Executor,
    threads: int,
) -> PriorMeans:
    """What is expected of every row, fitted to the rows that are not new: a newcomer's weighs nothing."""
    by_user = Incidence(ratings.users, ratings.movies, len(factors.P), pool, threads)
    by_movie = Incidence(ratings.movies, ratings.users, len(factors.Q), pool, threads)
    of_users = PriorMean(by_user, by_movie, penalties.user * ~is_new.users, factors.P.shape[1], ridge)
    of_movies = PriorMean(by_movie, by_user, penalties.movie * ~is_new.movies, factors.P.shape[1], ridge)
    for _ in range(update.expected_steps):
        centres = PriorMeans(of_users.fit(factors.P), of_movies.fit(factors.Q))
    return centres


def _falling(rate: float, passes: int) -> Iterator[Floats]:
    """The step sizes of each pass, by round: in a straight line from `rate` to nearly zero."""
    rounds = passes * GRID
    return iter((rate * (1 - np.arange(rounds) / max(rounds, 1))).astype(np.float32).reshape(passes, GRID))
