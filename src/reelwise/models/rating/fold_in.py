"""Folding somebody into the rating model: their embedding from their ratings, the films' vectors as they are.

With z the normalised stars of the films N, b_i and q_i the films' biases and vectors, x_i = (q_i, 1), and the prior
mean m = |N|^-1/2 (sum of y_j over N) of `reelwise.models.rating.prior_mean`, the vector p and the bias b minimise

    sum over N of (z_i - b_i - p·q_i - b)^2  +  λ |p - m|^2  +  d b^2

a ridge regression towards the prior mean, with λ `fold_in_ridge` and d `bias_damping` of the hyper-parameters.
"""

from typing import NamedTuple

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.types import Doubles, Floats, Rows, Stars
from reelwise.errors import ModelError
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.least_squares import LeastSquares
from reelwise.models.rating.scaling import Scaling

CANNOT_FOLD_IN = "this rating model cannot fold anybody in; train it again"


class FoldIn(NamedTuple):
    """The parts that it takes beside the films' vectors.

    Attributes:
        Y: float32, shape (movies, k); what the prior mean is made of; None where the model has no prior means.
        scaling: mu and sigma of the ratings that the model was fitted to.
    """

    Y: Floats | None
    scaling: Scaling

    def features(self, Q: Floats, movies: Rows) -> Doubles:
        """x_i, float64, shape (movies, k + 1); Q are the films' vectors, biases folded in, shape (movies, k + 2)."""
        features: Doubles = np.column_stack([Q[movies, :-2], np.ones(len(movies))]).astype(np.float64)
        return features

    def targets(self, Q: Floats, movies: Rows, stars: Stars) -> Doubles:
        """z_i - b_i, float64, shape (movies,)."""
        mu, sigma = map(float, self.scaling)
        targets: Doubles = (stars.astype(np.float64) - mu - Q[movies, -1]) / sigma
        return targets

    def fold_bias(self, row: Doubles) -> Floats:
        """A row (p, b) with the biases folded in, as the model's own are; float32, shape (k + 2,)."""
        mu, sigma = map(float, self.scaling)
        return np.append(row[:-1] * sigma, [mu + sigma * row[-1], 1]).astype(np.float32)

    def embed(self, Q: Floats, histories: CSR, config: MatrixFactorizationConfig) -> Floats:
        """The embeddings of people with these histories, biases folded in; float32, shape (histories, k + 2).

        Args:
            Q: the films' vectors, biases folded in, shape (movies, k + 2).
            histories: ratings in stars.
            config: with the weights λ and d.

        Raises:
            ModelError: Raised when the model was made without prior means.
        """
        if self.Y is None:
            raise ModelError(CANNOT_FOLD_IN)
        k = self.Y.shape[1]
        found = np.tile(self.fold_bias(np.zeros(k + 1)), (len(histories), 1))
        penalty = np.diag([config.fold_in_ridge] * k + [config.bias_damping])
        for row in range(len(histories)):
            movies, stars = histories[row]
            if len(movies):
                mean = np.append(self.Y[movies].sum(axis=0, dtype=np.float64) / np.sqrt(len(movies)), 0)
                known = LeastSquares.of(self.features(Q, movies), self.targets(Q, movies, stars))
                found[row] = self.fold_bias(known.solve(mean, penalty))
        return found
