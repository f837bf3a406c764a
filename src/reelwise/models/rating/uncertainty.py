"""How sure predicted stars are: the standard deviation of their error, for each user and movie.

Some people rate by whim, and some films divide their audience. So the standard deviation is a product of two numbers,

    s(u, i) = a_u · c_i        log s(u, i)² = b0 + b1 log r_u + b2 log r_i

with r_u and r_i the mean squared residuals of the fitted model on the training ratings of user u and of movie i, shrunk
to the overall mean r by `_PSEUDO_RATINGS` ratings of it:

    r_u = (sum of u's squared residuals + 20 r) / (number of u's ratings + 20)

Residuals of training ratings are too small, since the model has seen the stars. How much too small, and how much of the
difference between rows to believe, is what b0, b1 and b2 say: they maximise the likelihood of the errors e of ratings
that were not fitted, each taken as normal with mean 0 and variance s(u, i)². (A regression of e² with a logarithmic
link; see McCullagh and Nelder, "Generalized Linear Models", 1989, chapter 8.)
"""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.types import Doubles, Floats, Rows

_PSEUDO_RATINGS = 20
_LEAST_VARIANCE = 1e-6  # in stars²; what is predicted exactly would have no logarithm
_STEPS = 50


class Coefficients(NamedTuple):
    """b0, b1 and b2: how the standard deviation follows from the residuals of users and movies."""

    constant: float
    user: float
    movie: float


@dataclass(frozen=True)
class Uncertainty:
    """The standard deviations of the errors, in stars.

    Attributes:
        users: a_u, float32, shape (users,): each user's on an average film.
        movies: c_i, float32, shape (movies,): how many times as large it is on each movie.
    """

    users: Floats
    movies: Floats

    def std(self, users: Rows | int, movies: Rows) -> Floats:
        """s(u, i) of each pair of rows, or of one user and each movie, float32, shape (pairs,)."""
        deviations: Floats = self.users[users] * self.movies[movies]
        return deviations

    def of_users(self, users: Rows) -> "Uncertainty":
        """The uncertainty for some of the users, and all movies."""
        return Uncertainty(self.users[users], self.movies)


@dataclass(frozen=True)
class Residuals:
    """The variances of a fitted model's residuals, in stars².

    Attributes:
        users: r_u, shape (users,).
        movies: r_i, shape (movies,).
        overall: r.
    """

    users: Doubles
    movies: Doubles
    overall: float

    @classmethod
    def measure(cls, train: Interactions, predicted: Floats) -> Self:
        """The residuals of the ratings that a model was fitted to.

        Args:
            train: these ratings.
            predicted: the stars that the model predicts for them, shape (ratings,).
        """
        squares = np.square(train.stars - predicted)
        overall = max(float(squares.mean(dtype=np.float64)), _LEAST_VARIANCE)

        def shrink(rows: Rows, count: int) -> Doubles:
            sums = np.bincount(rows, squares, count) + _PSEUDO_RATINGS * overall
            variances: Doubles = sums / (np.bincount(rows, minlength=count) + _PSEUDO_RATINGS)
            return variances

        users, movies = train.shape
        return cls(shrink(train.users, users), shrink(train.movies, movies), overall)

    def fit_coefficients(self, unseen: Interactions, predicted: Floats) -> Coefficients:
        """The coefficients that make the errors on ratings that were not fitted most likely.

        Where such ratings are few, they stay near those by which all pairs have the variance r.

        Args:
            unseen: these ratings; a handful will do, some thousands are better.
            predicted: the stars that the model predicts for them.
        """
        squares = np.square((unseen.stars - predicted).astype(np.float64)) / self.overall
        X = np.column_stack(
            [
                np.ones(len(squares)),
                *(np.log(r / self.overall) for r in (self.users[unseen.users], self.movies[unseen.movies])),
            ]
        )
        constant, user, movie = fit_log_variance(X, squares, np.zeros(3)).tolist()
        return Coefficients(constant + (1 - user - movie) * float(np.log(self.overall)), user, movie)

    def to_uncertainty(self, coefficients: Coefficients) -> Uncertainty:
        """The uncertainty that follows from these residuals."""
        b0, b1, b2 = coefficients
        log_r = np.log(self.overall)
        return Uncertainty(
            users=np.exp((b0 + b1 * np.log(self.users) + b2 * log_r) / 2).astype(np.float32),
            movies=np.exp(b2 * (np.log(self.movies) - log_r) / 2).astype(np.float32),
        )


def fit_log_variance(X: Doubles, squares: Doubles, prior: Doubles) -> Doubles:
    """The b that make errors most likely whose variances are exp(X b); float64, shape (coefficients,).

    A weak prior keeps b sensible where errors are few: that each is off by about 1 from `prior`. Newton's steps are
    shortened where an error is smaller than expected, because they would lead too far.

    Args:
        X: shape (errors, coefficients).
        squares: the squared errors, shape (errors,).
        prior: where b starts, shape (coefficients,).
    """
    b = np.array(prior, np.float64)
    for _ in range(_STEPS):
        surprise = squares * np.exp(-np.einsum("nk,k->n", X, b))  # 1 on average, where the variances are right
        gradient = np.einsum("nk,n->k", X, surprise - 1) - (b - prior)
        curvature = np.einsum("nk,n,nl->kl", X, np.maximum(surprise, 1), X) + np.eye(len(b))
        step = np.linalg.solve(curvature, gradient)
        b += step
        if np.abs(step).max() < 1e-6:
            break
    return b
