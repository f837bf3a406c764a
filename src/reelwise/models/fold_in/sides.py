"""The parts of both models that folding in needs: the films' vectors and targets, and the precision of a row."""

from functools import cached_property

import numpy as np

from reelwise.data.likes import five_stars
from reelwise.data.types import Doubles, Floats, Rows, Stars
from reelwise.errors import ModelError
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.fold_in import CANNOT_FOLD_IN
from reelwise.models.rating.matrix_factorization import MatrixFactorization

_STARS = (1.0, 2.0, 3.0, 4.0, 5.0)


class RankingSide:
    """The ranking model's part.

    Attributes:
        profiles: the profiles' vectors, float32, shape (profiles, k).
        precision: A, float64, shape (k, k).
    """

    def __init__(self, model: WeightedALS, config: FoldInConfig) -> None:
        self._model, self._config = model, config
        self.profiles = model.blend.vectors
        self.precision: Doubles = config.ranking_prior * model.prior_precision

    def features(self, movies: Rows) -> Doubles:
        """x_i, shape (movies, k)."""
        return self._model.Q[movies].astype(np.float64)

    def targets(self, stars: Stars) -> Doubles:
        """t_i, shape (movies,)."""
        return self._interpolate(stars, self._config.targets)

    def like_weights(self, stars: Stars) -> Doubles:
        """w_i, shape (movies,)."""
        return self._interpolate(stars, self._config.like_weights)

    def _interpolate(self, stars: Stars, values: tuple[float, ...]) -> Doubles:
        found: Doubles = np.interp(five_stars(stars, self._model.scale), _STARS, values)
        return found


class RatingSide:
    """The rating model's part, on normalised stars.

    Attributes:
        precision: A, float64, shape (k + 1, k + 1).
        mu: the mean of the stars that the model was fitted to.
        sigma: their standard deviation.

    Raises:
        ModelError: Raised when the model was made without what folding in takes.
    """

    def __init__(self, model: MatrixFactorization, users: Rows, config: FoldInConfig) -> None:
        if model.fold_in_parts is None:
            raise ModelError(CANNOT_FOLD_IN)
        self._model, self._users, self._parts = model, users, model.fold_in_parts
        self.mu, self.sigma = map(float, model.fold_in_parts.scaling)
        k = model.Q.shape[1] - 2
        self.precision: Doubles = np.diag([config.rating_ridge] * k + [config.bias_ridge])

    @cached_property
    def profiles(self) -> Floats:
        """The profiles' (p_u, b_u), float32, shape (profiles, k + 1)."""
        P = self._model.P[self._users]
        return (np.column_stack([P[:, :-2], P[:, -2] - self.mu]) / self.sigma).astype(np.float32)

    def features(self, movies: Rows) -> Doubles:
        """x_i = (q_i, 1), shape (movies, k + 1)."""
        return self._parts.features(self._model.Q, movies)

    def targets(self, movies: Rows, stars: Stars) -> Doubles:
        """z_i - b_i, shape (movies,)."""
        return self._parts.targets(self._model.Q, movies, stars)

    def fold_bias(self, row: Doubles) -> Floats:
        """A row (p, b) with the biases folded in, as the model's own are; float32, shape (k + 2,)."""
        return self._parts.fold_bias(row)
