"""The regression that corrects a blend towards the picks; see `reelwise.models.ranking.blending`.

From v towards picks with vectors X, where A = (X F Xᵀ + I / weight)^-1:

    v + F Xᵀ A (1 - X v)

Without the jth pick, the pulls s = A (1 - X v) are less by s_j / A_jj times the jth column of A, which leaves 0 for the
jth itself. So one inverse does for all.
"""

from typing import NamedTuple, Self

import numpy as np

from reelwise.data.types import Floats


class Correction(NamedTuple):
    """Towards the picks of a selection, or of many with as many picks each.

    Attributes:
        X: the vectors of the picks, shape (..., picks, k).
        reach: X F, likewise.
        inverse: A, shape (..., picks, picks).
    """

    X: Floats
    reach: Floats
    inverse: Floats

    @classmethod
    def towards(cls, X: Floats, covariance: Floats, weight: float) -> Self:
        """The one towards these picks with a weight above 0; covariance is F, shape (k, k)."""
        reach = X @ covariance
        system = reach @ np.swapaxes(X, -1, -2) + np.eye(X.shape[-2], dtype=np.float32) / np.float32(weight)
        return cls(X, reach, np.linalg.inv(system).astype(np.float32))

    def by_all(self, vectors: Floats) -> Floats:
        """Vectors corrected by all picks of their selections, shape (..., k)."""
        misses = 1 - self.X @ vectors[..., None]
        moved: Floats = vectors + (np.swapaxes(self.reach, -1, -2) @ (self.inverse @ misses))[..., 0]
        return moved

    def by_all_but_each(self, vectors: Floats) -> Floats:
        """Vectors of one selection, shape (picks, k), each corrected by all picks but the one in its place."""
        misses: Floats = np.float32(1) - vectors @ self.X.T
        pulls: Floats = misses @ self.inverse
        pulls -= (pulls.diagonal() / self.inverse.diagonal())[:, None] * self.inverse
        moved: Floats = vectors + pulls @ self.reach
        return moved
