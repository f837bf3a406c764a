"""One person's row of a factorisation, as a least squares.

With the vectors x_i of the films rated and a target t_i for each, the row p minimises

    sum over films of (t_i - p·x_i)^2  +  (p - m)ᵀ A (p - m)

so that p = m + (A + XᵀX)^-1 (Xᵀt - XᵀX m). The prior mean m may depend on everything that is known of the person, and
A on how much that is; only XᵀX and Xᵀt are kept.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from reelwise.data.types import Doubles, Floats

_SMALL = 128  # rows that are inverted as they are


def solve_definite(A: Floats, B: Floats) -> Floats:
    """X with A X = B, by halves: the second half of X follows once the first is eliminated.

    That is matrix products nearly all of the way, which BLAS is several times as fast at as LAPACK at solving.

    Args:
        A: symmetric and positive definite, shape (n, n).
        B: shape (n, m).
    """
    if len(A) <= _SMALL:
        return np.asarray(np.linalg.inv(A) @ B, np.float32)
    half = len(A) // 2
    reached = solve_definite(A[:half, :half], np.hstack([A[:half, half:], B[:half]]))
    reach, first = np.hsplit(reached, [len(A) - half])
    second = solve_definite(A[half:, half:] - A[half:, :half] @ reach, B[half:] - A[half:, :half] @ first)
    return np.vstack([first - reach @ second, second])


@dataclass(frozen=True)
class LeastSquares:
    """The sums over a person's ratings.

    Attributes:
        gram: XᵀX, float64, shape (d, d).
        moment: Xᵀt, float64, shape (d,).
    """

    gram: Doubles
    moment: Doubles

    @classmethod
    def of(cls, X: Doubles, targets: Doubles) -> Self:
        """The sums over some ratings: X of shape (ratings, d), and their targets."""
        return cls(X.T @ X, X.T @ targets)

    def solve(self, mean: Floats | Doubles, precision: Doubles) -> Doubles:
        """p, shape (d,).

        Args:
            mean: the prior mean m.
            precision: A.
        """
        solved: Doubles = mean + np.linalg.solve(precision + self.gram, self.moment - self.gram @ mean)
        return solved
