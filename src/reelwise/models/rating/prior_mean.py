"""The prior mean of a vector: what is expected of it before any stars are seen, from nothing but who rated what.

Which films somebody watched says much about their taste. So each film j has a vector y_j, and user u, who rated the
films N(u), has the prior mean

    m_u = |N(u)|^-1/2  sum over j in N(u) of y_j

to which SGD shrinks p_u. The y_j are fitted to the users' vectors by ridge regression: they minimise

    sum over u of w_u |p_u - m_u|^2  +  ridge * sum over j of |y_j|^2

(w_u: the weight with which p_u is shrunk, over all of u's ratings). For films the same holds with the roles swapped.
At the optimum this is the model of Koren, "Factorization Meets the Neighborhood", KDD 2008, section 4 (SVD++), in
both directions; but the sum over N(u) is needed once per epoch instead of once per rating, and nothing is left to add
to the vectors when training ends.
"""

from concurrent.futures import Executor

import numpy as np

from reelwise.data.csr import offsets_of, stable_order
from reelwise.data.types import Floats, Indices
from reelwise.models.rating.aligned_arrays import allocate_aligned
from reelwise.models.rating.kernels import sum_rows

_TINY = np.float32(1e-20)  # instead of zero below a fraction


class PriorMean:
    """The prior means of one side, users or movies, fitted to its vectors again and again.

    Args:
        columns_of_row: who rated what, by this side's rows.
        rows_of_column: the same by the other side's.
        penalties: how strongly SGD shrinks each row per rating, float32, shape (rows,).
        k: the length of the vectors.
        ridge: the L2 weight of each y.
    """

    def __init__(
        self, columns_of_row: "Incidence", rows_of_column: "Incidence", penalties: Floats, k: int, ridge: float
    ) -> None:
        self._columns_of_row, self._rows_of_column = columns_of_row, rows_of_column
        counts = np.diff(columns_of_row.offsets)
        self._scales = (np.maximum(counts, 1) ** -0.5).astype(np.float32)[:, None]
        self._weights = (counts * penalties).astype(np.float32)[:, None]
        self._ridge = np.float32(ridge)
        self._Y, self._residual, self._direction, self._next = (
            allocate_aligned(len(rows_of_column), k) for _ in range(4)
        )
        self._m, self._image, self._weighted = (allocate_aligned(len(columns_of_row), k) for _ in range(3))
        for array in (self._Y, self._residual, self._direction, self._m):
            array.fill(0)

    @property
    def Y(self) -> Floats:  # noqa: N802 - as in the equation
        """The vectors y of the other side's rows, float32, shape (columns, k); changed by the next call of `fit`."""
        return self._Y

    def fit(self, vectors: Floats) -> Floats:
        """Improve y by a step of conjugate gradients, each of the k coordinates for itself; return the new m.

        The direction takes account of the last call's (by the rule of Polak and Ribière, for the vectors have moved
        since), so that a single step per epoch follows the vectors closely.

        Args:
            vectors: of this side, float32, shape (rows, k).

        Returns:
            m, shaped likewise; changed by the next call.
        """
        residual, direction = self._gradient(vectors), self._direction
        before = self._residual
        turn = _dots(residual, residual) - _dots(residual, before)
        turn /= np.maximum(_dots(before, before), _TINY)
        direction *= np.maximum(turn, 0)
        direction += residual
        image = self._columns_of_row.sum_vectors(direction, self._image)
        image *= self._scales
        curvature = _dots(np.multiply(self._weights, image, out=self._weighted), image)
        curvature += self._ridge * _dots(direction, direction)
        length = _dots(residual, direction) / np.maximum(curvature, _TINY)
        self._m += np.multiply(length, image, out=image)
        self._Y += np.multiply(length, direction, out=before)
        self._residual, self._next = residual, before
        return self._m

    def _gradient(self, vectors: Floats) -> Floats:
        """Where the penalised squares fall fastest, in y."""
        difference = np.subtract(vectors, self._m, out=self._weighted)
        difference *= self._scales * self._weights
        gradient = self._rows_of_column.sum_vectors(difference, self._next)
        gradient -= self._ridge * self._Y
        return gradient


class Incidence:
    """The pairs that were rated, as sparse rows of ones.

    Args:
        rows: the row of each rating on one side, users or movies, int32, shape (ratings,).
        columns: its row on the other side, likewise.
        count: how many rows there are.
        pool: where sums are worked out.
        threads: how many parts they are cut into; no effect on the result.
    """

    def __init__(self, rows: Indices, columns: Indices, count: int, pool: Executor, threads: int) -> None:
        self.offsets = offsets_of(rows, count)
        self._columns = columns[stable_order(rows)]
        self._pool = pool
        self._cuts = np.searchsorted(self.offsets, np.linspace(0, len(rows), threads + 1))  # parts of like size
        self._cuts[[0, -1]] = 0, count

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def sum_vectors(self, vectors: Floats, out: Floats) -> Floats:
        """For each row the sum of the `vectors`, shape (columns, k), at its columns; fills `out` and returns it."""
        parts = zip(self._cuts[:-1], self._cuts[1:], strict=True)
        for done in [self._pool.submit(sum_rows, self.offsets, self._columns, vectors, out, *part) for part in parts]:
            done.result()
        return out


def _dots(left: Floats, right: Floats) -> Floats:
    """The dot product of each coordinate."""
    dots: Floats = np.einsum("nf,nf->f", left, right)
    return dots
