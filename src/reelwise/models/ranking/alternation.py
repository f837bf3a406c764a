"""Alternating between users and movies: each half-step improves one side's vectors while the other's are fixed.

A half-step takes every row a few conjugate-gradient steps from where it stands (Takács, Pilászy, Tikk, "Applications of
the Conjugate Gradient Method for Implicit Feedback Collaborative Filtering", RecSys 2011). Rows do not depend on one
another, so the result is the same for any number of threads; and BLAS has but one, as the last bits of what it adds up
depend on how many it has.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import TracebackType
from typing import Self

import numpy as np

from reelwise.data.csr import offsets_of, stable_order
from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats, Indices
from reelwise.models.config import WeightedALSConfig
from reelwise.models.preference import preference
from reelwise.models.ranking.kernels import WeightedRows, als_half_step
from reelwise.models.side_by_side import one_thread_per_product

_SHARES = 32  # pieces of work per half-step, so that threads end at about the same time


class Alternation:
    """Fits P and Q to ratings; to be used in a `with` block, which ends its threads.

    Args:
        train: the ratings.
        P: where the users start, shape (users, k); left as it is.
        Q: where the movies start, shape (movies, k); left as it is.
        config: hyper-parameters.
        threads: how many work at a time; no effect on the result.
    """

    def __init__(self, train: Interactions, P: Floats, Q: Floats, config: WeightedALSConfig, threads: int) -> None:
        targets = preference(train.stars, train.scale)
        users, movies = train.shape
        self._by_user = _group(train.users, train.movies, targets, users)
        self._by_movie = _group(train.movies, train.users, targets, movies)
        self._config = config
        self._pool = ThreadPoolExecutor(threads)
        self.P, self.Q = P.copy(), Q.copy()
        self.Q[np.diff(self._by_movie.offsets) == 0] = 0  # or what is left of the random start would stay there

    def __enter__(self) -> Self:
        self._limits = one_thread_per_product()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown()
        self._limits.restore_original_limits()

    def iterate(self) -> None:
        """Improve the users' vectors, then the movies'."""
        self.solve_users()
        self._half_step(self.Q, self.P, self._by_movie)

    def solve_users(self) -> None:
        """Improve the users' vectors alone."""
        self._half_step(self.P, self.Q, self._by_user)

    def _half_step(self, solved: Floats, fixed: Floats, rows: WeightedRows) -> None:
        config = self._config
        gram = np.float32(config.missing_weight) * (fixed.T @ fixed)
        size = np.diff(rows.offsets) + config.missing_weight * len(fixed)
        penalties = (config.regularisation * size**config.frequency_exponent).astype(np.float32)
        cuts = np.searchsorted(rows.offsets, np.linspace(0, rows.offsets[-1], _SHARES + 1))
        cuts[0], cuts[-1] = 0, len(solved)
        for done in [
            self._pool.submit(als_half_step, solved, fixed, gram, rows, penalties, config.steps, start, stop)
            for start, stop in pairwise(cuts.tolist())
        ]:
            done.result()


def _group(rows: Indices, columns: Indices, targets: Floats, count: int) -> WeightedRows:
    """The ratings as sparse rows, each entry with weight 1."""
    order = stable_order(rows)
    return WeightedRows(offsets_of(rows, count), columns[order], np.ones(len(rows), np.float32), targets[order])
