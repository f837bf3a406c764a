"""The stars model: how many stars would this viewer give that movie?

    stars(u, i) = mu + b_u + b_i + p_u·q_i

fitted to the observed ratings by SGD with L2 regularisation. Training works on normalised stars z = (stars - mu)/sigma,
so that one set of hyper-parameters fits any rating scale.

Each row's L2 weight falls with its number of ratings n as n^-frequency_exponent (scaled to a mean of `regularisation`
over all ratings): rows with much evidence are shrunk less per rating. An exponent of 0 is the plain L2 of textbooks
(every rating shrinks its rows alike), 1 the same total penalty for every row. Vectors are not shrunk to zero but to
what is expected of them from who rated what; see `reelwise.models.rating.prior_mean`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Interactions, RatingScale
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.kernels import Factors, Floats, Penalties
from reelwise.models.rating.sgd import Epoch, Schedule, descend
from reelwise.models.rating.uncertainty import Residuals


@dataclass(frozen=True)
class RatingModel:
    """Factors with the biases folded in: `P[u] @ Q[i]` is the predicted stars.

    Attributes:
        P: float32, shape (users, k + 2); the last two columns are mu + b_u and 1.
        Q: float32, shape (movies, k + 2); the last two columns are 1 and b_i.
        best_epoch: the epoch the factors are from.
        validation_rmse: after each epoch, in stars; empty without validation ratings.
    """

    P: Floats
    Q: Floats
    best_epoch: int
    validation_rmse: tuple[float, ...]

    def predict(self, users: npt.NDArray[np.integer], movies: npt.NDArray[np.integer], scale: RatingScale) -> Floats:
        """Predicted stars of each (user, movie) pair of indices, clipped to the scale; float32, shape (pairs,)."""
        predicted = np.empty(len(users), np.float32)
        for start in range(0, len(users), 65_536):  # in parts, to keep the gathered rows small
            part = slice(start, start + 65_536)
            predicted[part] = np.einsum("nf,nf->n", self.P[users[part]], self.Q[movies[part]])
        return scale.clip(predicted)

    def residuals(self, train: Interactions, scale: RatingScale) -> Residuals:
        """What is left unexplained of the ratings that it was fitted to."""
        return Residuals.of(train, self.predict(train.users, train.movies, scale), len(self.P), len(self.Q))


def fit_rating_model(
    train: Interactions,
    users: int,
    movies: int,
    settings: MatrixFactorizationConfig,
    *,
    seed: int,
    threads: int = 1,
    validation: Interactions | None = None,
    stop_after: int | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> RatingModel:
    """Fit the stars model.

    A user or movie without any rating in `train` gets zero factors and a zero bias, so that its predictions are the
    mean plus what is known of the other side.

    Args:
        train: the ratings to fit.
        users: how many users there are, with or without ratings in `train`.
        movies: how many movies, likewise.
        settings: the hyper-parameters.
        seed: of the random start and the order of the updates; the same seed gives the same bytes.
        threads: how many work at a time; no effect on the result.
        validation: ratings for early stopping.
        stop_after: end after this many epochs of the schedule, as an earlier run with validation ratings found best.
        on_epoch: called after each epoch, with the RMSE in stars.

    Raises:
        FloatingPointError: if training diverges.
    """
    scaling = Scaling.of(train)
    start_seed, order_seed = (int(part) for part in np.random.SeedSequence(seed).generate_state(2))
    per_user, per_movie = np.bincount(train.users, minlength=users), np.bincount(train.movies, minlength=movies)
    descent = descend(
        _random_start(per_user > 0, per_movie > 0, settings, start_seed),
        penalties_of(per_user, per_movie, settings),
        settings.prior_ridge,
        scaling.normalised(train),
        Schedule(settings.epochs, settings.learning_rate, settings.patience, stop_after),
        seed=order_seed,
        threads=threads,
        validation=None if validation is None else scaling.normalised(validation),
        on_epoch=lambda epoch: on_epoch(_in_stars(epoch, float(scaling.sigma))),
    )
    return RatingModel(
        *scaling.folded(descent.factors),
        best_epoch=descent.best_epoch,
        validation_rmse=tuple(rmse * float(scaling.sigma) for rmse in descent.rmse),
    )


class Scaling(NamedTuple):
    """What training works on instead of stars: z = (stars - mu) / sigma."""

    mu: np.float32
    sigma: np.float32

    @classmethod
    def of(cls, seen: Interactions) -> Self:
        """The scaling that gives these ratings mean 0 and variance 1."""
        sigma = np.float32(seen.stars.std(dtype=np.float64)) or np.float32(1)
        return cls(np.float32(seen.stars.mean(dtype=np.float64)), sigma)

    def normalised(self, seen: Interactions) -> Interactions:
        """The ratings with z for stars."""
        return seen._replace(stars=(seen.stars - self.mu) / self.sigma)

    def folded(self, factors: Factors) -> tuple[Floats, Floats]:
        """Undo the normalisation, and fold mean and biases into two more columns of P and Q."""
        P, Q, user_bias, movie_bias = factors
        return (
            np.column_stack([P * self.sigma, self.mu + self.sigma * user_bias, np.ones_like(user_bias)]),
            np.column_stack([Q, np.ones_like(movie_bias), self.sigma * movie_bias]),
        )

    def unfolded(self, P: Floats, Q: Floats) -> Factors:
        """The factors that `folded` turns into these P and Q, whatever scaling they were folded with."""
        return Factors(
            P[:, :-2] / self.sigma, np.array(Q[:, :-2]), (P[:, -2] - self.mu) / self.sigma, Q[:, -1] / self.sigma
        )


def penalties_of(
    per_user: npt.NDArray[np.int64], per_movie: npt.NDArray[np.int64], settings: MatrixFactorizationConfig
) -> Penalties:
    """The L2 weights, from how many ratings each user and each movie has."""
    return Penalties(
        _weights(per_user, settings),
        _weights(per_movie, settings),
        _bias_weights(per_user, settings),
        _bias_weights(per_movie, settings),
    )


def _random_start(
    rated_by: npt.NDArray[np.bool_], rated: npt.NDArray[np.bool_], settings: MatrixFactorizationConfig, seed: int
) -> Factors:
    """Small random vectors, zero where there are no ratings; zero biases."""
    rng = np.random.default_rng(seed)

    def vectors(has_ratings: npt.NDArray[np.bool_]) -> Floats:
        spread = settings.initial_std * has_ratings[:, None]
        return (rng.standard_normal((len(has_ratings), settings.factors), np.float32) * spread).astype(np.float32)

    return Factors(
        vectors(rated_by), vectors(rated), np.zeros(len(rated_by), np.float32), np.zeros(len(rated), np.float32)
    )


def _weights(counts: npt.NDArray[np.int64], settings: MatrixFactorizationConfig) -> Floats:
    """The L2 weight of each row, from how many ratings it has."""
    raw = np.maximum(counts, 1) ** -settings.frequency_exponent
    mean_over_ratings = (raw * counts).sum() / counts.sum()
    weights: Floats = (raw * (settings.regularisation / mean_over_ratings)).astype(np.float32)
    return weights


def _bias_weights(counts: npt.NDArray[np.int64], settings: MatrixFactorizationConfig) -> Floats:
    """The L2 weight of each bias, per rating: all of a row's ratings together weigh `bias_damping`."""
    return np.divide(settings.bias_damping, np.maximum(counts, 1), dtype=np.float32)


def _in_stars(epoch: Epoch, sigma: float) -> Epoch:
    return Epoch(
        epoch.number, epoch.of, None if epoch.rmse is None else epoch.rmse * sigma, epoch.seconds, epoch.ratings
    )
