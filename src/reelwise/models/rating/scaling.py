"""Between stars and what training works on: z = (stars - mu) / sigma, so that hyper-parameters fit any rating scale."""

from typing import NamedTuple, Self

import numpy as np

from reelwise.data.interactions import LARGEST_STARS, Interactions
from reelwise.data.types import Floats
from reelwise.errors import ModelError
from reelwise.storage.arrays import ArrayStore

_LEAST_SIGMA = 1e-6


class Scaling(NamedTuple):
    """The mean mu and the standard deviation sigma of the stars."""

    mu: np.float32
    sigma: np.float32

    @classmethod
    def measure(cls, ratings: Interactions) -> Self:
        """The scaling that gives these ratings mean 0 and variance 1."""
        sigma = np.float32(ratings.stars.std(dtype=np.float64)) or np.float32(1)
        return cls(np.float32(ratings.stars.mean(dtype=np.float64)), sigma)

    @classmethod
    def load(cls, store: ArrayStore, name: str) -> Self:
        """The scaling in an array.

        Raises:
            ModelError: Raised when it is missing or invalid.
        """
        scaling = cls(*store.read(name, "<f4", (2,)))
        if not _LEAST_SIGMA <= scaling.sigma <= LARGEST_STARS:
            least, most = f"{_LEAST_SIGMA:g}", f"{LARGEST_STARS:g}"
            raise ModelError(f"{store.path(name)}: sigma is {scaling.sigma:g}, expected {least} to {most}")
        return scaling

    def normalise(self, ratings: Interactions) -> Interactions:
        """The ratings with z for stars."""
        return ratings.with_stars((ratings.stars - self.mu) / self.sigma)

    def fold_biases(self, P: Floats, Q: Floats, user_bias: Floats, movie_bias: Floats) -> tuple[Floats, Floats]:
        """Undo the normalisation, and fold mean and biases into two more columns of P and Q.

        The columns are mu + sigma b_u and 1 in P, 1 and sigma b_i in Q; so a product is a number of stars.
        """
        return (
            np.column_stack([P * self.sigma, self.mu + self.sigma * user_bias, np.ones_like(user_bias)]),
            np.column_stack([Q, np.ones_like(movie_bias), self.sigma * movie_bias]),
        )

    def unfold_biases(self, P: Floats, Q: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """P, Q, user and movie biases that `fold_biases` turns into these, whatever scaling they were folded with."""
        return P[:, :-2] / self.sigma, np.array(Q[:, :-2]), (P[:, -2] - self.mu) / self.sigma, Q[:, -1] / self.sigma
