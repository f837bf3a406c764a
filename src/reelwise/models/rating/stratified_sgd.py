"""Epochs of SGD over ratings by several threads at a time, whose result does not depend on how many there are.

Users and movies are permuted at random and cut into `GRID` bands each; a block is the ratings of one user band on one
movie band. Inside, the rows of a band lie side by side, so that no two threads write to the same cache line.
An epoch has `GRID` rounds. Round r works on the blocks of the user bands b with the movie bands b xor r: they share no
user and no movie, so threads may take them in any order and the arithmetic stays the same. (Blocks that share nothing
are the idea of Gemulla et al., "Large-Scale Matrix Factorization with Distributed Stochastic Gradient Descent", KDD
2011, section 4.) Half the user bands meet the same half of the movie bands for half of the rounds in a row, a quarter
for a quarter, and so on. So threads wait for one another only as often as there are threads, not after each round.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from itertools import cycle
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import offsets_of
from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats, Indices, Offsets
from reelwise.models.rating.aligned_arrays import allocate_aligned
from reelwise.models.rating.kernels import Blocks, Factors, Penalties, PriorMeans, decay_rows, sgd_step

GRID = 16  # a power of two, not less than the threads that one machine lends; part of what the result depends on

_DECAYS = 8  # times per epoch; more of them cost time and gain next to nothing
_STRANDS = 64


class Permutation(NamedTuple):
    """The place of each user and of each movie in training."""

    users: Indices
    movies: Indices

    @classmethod
    def draw(cls, users: int, movies: int, rng: np.random.Generator) -> Self:
        """A random permutation of so many users and movies."""
        return cls(rng.permutation(np.int32(users)), rng.permutation(np.int32(movies)))

    def permute_arrays(self, pairs: Iterable[npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
        """Arrays by user and by movie in turn, with their rows in the order of places."""
        for array, places in zip(pairs, cycle(self), strict=False):
            permuted = allocate_aligned(*array.shape) if array.ndim == 2 else np.empty_like(array)
            permuted[places] = array
            yield permuted

    def permute(self, ratings: Interactions) -> Interactions:
        """The same ratings between places."""
        return replace(ratings, users=self.users[ratings.users], movies=self.movies[ratings.movies])

    def restore(self, factors: Factors) -> Factors:
        """Permuted factors, with their rows as they were before."""
        return Factors(*(array[places] for array, places in zip(factors, cycle(self), strict=False)))


def sort_into_blocks(ratings: Interactions) -> Blocks:
    """Sort ratings into GRID x GRID blocks, by the band of their user and of their movie.

    The first rows are the first band, and so on. The stars become the blocks' `z`.
    """
    users, movies = ratings.shape
    turns = _interleave(len(ratings))
    block = (_bands(ratings.users, users) * GRID + _bands(ratings.movies, movies))[turns].astype(np.int16)
    order = turns[np.argsort(block, kind="stable")]  # 16 bit: NumPy sorts these by radix
    return Blocks(ratings.users[order], ratings.movies[order], ratings.stars[order], offsets_of(block, GRID * GRID))


class StratifiedSGD:
    """Runs epochs over one set of ratings.

    Args:
        ratings: between places, their stars normalised.
        penalties: the L2 weights per rating, by place.
        pool: where threads come from.
        threads: how many of them; no effect on the result.
    """

    def __init__(self, ratings: Interactions, penalties: Penalties, pool: Executor, threads: int) -> None:
        users, movies = ratings.shape
        self._blocks = sort_into_blocks(ratings)
        counts = cycle((ratings.counts_by_user(), ratings.counts_by_movie()))
        self._weights = Penalties(
            *((each * count).astype(np.float32) for each, count in zip(penalties, counts, strict=False))
        )
        self._user_bands, self._movie_bands = _band_starts(users), _band_starts(movies)
        self._pool = pool
        self._parts = min(1 << (threads - 1).bit_length(), GRID)

    def run_epoch(self, factors: Factors, prior_means: PriorMeans, rates: Floats, rng: np.random.Generator) -> None:
        """Go through all ratings once, changing `factors`.

        Args:
            factors: by place.
            prior_means: what their vectors are shrunk to.
            rates: the step size in each round, float32, shape (GRID,).
            rng: for the order of the rounds.
        """
        turn = int(rng.integers(GRID))
        for stage in range(self._parts):
            working = [
                self._pool.submit(self._run_stage, part, stage, turn, factors, prior_means, rates)
                for part in range(self._parts)
            ]
            for done in working:
                done.result()

    def _run_stage(
        self, part: int, stage: int, turn: int, factors: Factors, prior_means: PriorMeans, rates: Floats
    ) -> None:
        """A stage's rounds on a part's user bands, and on the movie bands that they meet: nobody else has those."""
        size = GRID // self._parts
        users = np.arange(part * size, (part + 1) * size)
        for at in range(stage * size, (stage + 1) * size):
            movies = users ^ at ^ turn
            if at % (GRID // _DECAYS) == 0:
                rate = rates[at : at + GRID // _DECAYS].mean() / np.float32(_DECAYS)
                self._decay(users, movies, factors, prior_means, rate)
            sgd_step(factors, self._blocks, users * GRID + movies, rates[at])

    def _decay(
        self, users: Offsets, movies: Offsets, factors: Factors, prior_means: PriorMeans, rate: np.float32
    ) -> None:
        weights = self._weights
        rows = self._user_bands[users.min()], self._user_bands[users.max() + 1]
        decay_rows(factors.P, prior_means.P, weights.user, factors.user_bias, weights.user_bias, rate, *rows)
        rows = self._movie_bands[movies.min()], self._movie_bands[movies.max() + 1]
        decay_rows(factors.Q, prior_means.Q, weights.movie, factors.movie_bias, weights.movie_bias, rate, *rows)


def _interleave(count: int) -> Indices:
    """An order for ratings: the first of each of 64 stretches, then the second of each, and so on.

    Ratings come sorted by user. Where neighbours are of one user, each has to wait until the one before has changed the
    user's vector; of different users a processor works on several at a time.
    """
    length = -(-count // _STRANDS)
    turns = np.arange(length * _STRANDS, dtype=np.int32).reshape(_STRANDS, length).T.ravel()
    return turns[turns < count]


def _bands(places: Indices, count: int) -> Offsets:
    """The band of each place: GRID bands of like size."""
    return places.astype(np.int64) * GRID // count


def _band_starts(count: int) -> Offsets:
    """The first place of each band, and the end of the last."""
    return -(-np.arange(GRID + 1) * count // GRID)
