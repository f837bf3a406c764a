"""Folding somebody into the rating model: their embedding from their ratings, the films' vectors as they are.

With z the normalised stars of the films N, b_i and q_i the films' biases and vectors, x_i = (q_i, 1), and the prior
mean m = |N|^-1/2 (sum of y_j over N) of `reelwise.models.rating.prior_mean`, the vector p and the bias b minimise

    sum over N of (z_i - b_i - p·q_i - b)^2  +  λ |p - m|^2  +  d b^2

a ridge regression towards the prior mean, with λ `fold_in_ridge` and d `bias_damping` of the hyper-parameters.
"""

from typing import NamedTuple

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.types import Floats
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.scaling import Scaling


class FoldIn(NamedTuple):
    """What it takes beside the films' vectors.

    Attributes:
        Y: float32, shape (movies, k); what the prior mean is made of.
        scaling: mu and sigma of the ratings that the model was fitted to.
    """

    Y: Floats
    scaling: Scaling

    def embed(self, Q: Floats, histories: CSR, config: MatrixFactorizationConfig) -> Floats:
        """The embeddings of people with these histories, biases folded in; float32, shape (histories, k + 2).

        Args:
            Q: the films' vectors, biases folded in, shape (movies, k + 2).
            histories: ratings in stars.
            config: with the weights λ and d.
        """
        k = self.Y.shape[1]
        vectors, biases = np.zeros((len(histories), k), np.float32), np.zeros(len(histories), np.float32)
        penalty = np.diag([config.fold_in_ridge] * k + [config.bias_damping])
        for row in range(len(histories)):
            movies, stars = histories[row]
            if len(movies) == 0:
                continue
            mean = np.append(self.Y[movies].sum(axis=0, dtype=np.float64) / np.sqrt(len(movies)), 0)
            X = np.column_stack([Q[movies, :k], np.ones(len(movies))]).astype(np.float64)
            z = (stars - self.scaling.mu - Q[movies, -1]) / self.scaling.sigma
            solved = mean + np.linalg.solve(X.T @ X + penalty, X.T @ (z - X @ mean))
            vectors[row], biases[row] = solved[:k], solved[k]
        sigma = self.scaling.sigma
        return np.column_stack([vectors * sigma, self.scaling.mu + sigma * biases, np.ones_like(biases)])
