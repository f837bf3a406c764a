"""Each kernel does what its NumPy reference says."""

from typing import NamedTuple

import numpy as np
import pytest

from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats
from reelwise.models.rating.kernels import (
    Blocks,
    Factors,
    Penalties,
    PriorMeans,
    decay_rows,
    decay_rows_reference,
    predict_pairs,
    predict_pairs_reference,
    sgd_step,
    sgd_step_reference,
    sum_rows,
    sum_rows_reference,
)
from reelwise.models.rating.stratified_sgd import sort_into_blocks

USERS, MOVIES, RATINGS = 30, 20, 400


class Problem(NamedTuple):
    factors: Factors
    prior_means: PriorMeans
    penalties: Penalties
    blocks: Blocks


@pytest.fixture(params=[1, 3, 64])
def problem(request: pytest.FixtureRequest) -> Problem:
    k, rng = request.param, np.random.default_rng(request.param)

    def normal(*shape: int) -> Floats:
        return rng.standard_normal(shape, np.float32)

    users, movies = (rng.integers(0, count, RATINGS).astype(np.int32) for count in (USERS, MOVIES))
    return Problem(
        Factors(normal(USERS, k) / k, normal(MOVIES, k) / k, normal(USERS), normal(MOVIES)),
        PriorMeans(normal(USERS, k), normal(MOVIES, k)),
        Penalties(abs(normal(USERS)), abs(normal(MOVIES)), abs(normal(USERS)), abs(normal(MOVIES))),
        sort_into_blocks(Interactions(users, movies, normal(RATINGS), (USERS, MOVIES))),
    )


def test_sgd_step_agrees_with_its_reference(problem: Problem) -> None:
    fast, slow = problem.factors.copy(), problem.factors.copy()
    chosen = np.arange(256, dtype=np.int64)
    sgd_step(fast, problem.blocks, chosen, np.float32(0.05))
    sgd_step_reference(slow, problem.blocks, chosen, np.float32(0.05))
    for computed, expected, before in zip(fast, slow, problem.factors, strict=True):
        assert not np.array_equal(computed, before)
        np.testing.assert_allclose(computed, expected, rtol=2e-4, atol=2e-5)


def test_sgd_step_leaves_other_blocks_alone(problem: Problem) -> None:
    factors, offsets = problem.factors.copy(), problem.blocks.offsets
    chosen = np.array([int(np.argmax(np.diff(offsets)))], np.int64)
    part = slice(offsets[chosen[0]], offsets[chosen[0] + 1])
    sgd_step(factors, problem.blocks, chosen, np.float32(0.05))
    changed = np.flatnonzero((factors.P != problem.factors.P).any(axis=1))
    assert set(changed) == set(problem.blocks.users[part])


def test_decay_rows_agrees_with_its_reference_and_leaves_other_rows_alone(problem: Problem) -> None:
    fast, slow, penalties = problem.factors.copy(), problem.factors.copy(), problem.penalties
    for decay, factors in ((decay_rows, fast), (decay_rows_reference, slow)):
        of_biases = factors.user_bias, penalties.user_bias
        decay(factors.P, problem.prior_means.P, penalties.user, *of_biases, np.float32(0.5), 3, USERS - 2)
    for computed, expected, before in ((fast.P, slow.P, problem.factors.P), (fast[2], slow[2], problem.factors[2])):
        np.testing.assert_allclose(computed, expected, rtol=1e-5, atol=1e-6)
        changed = (computed != before).reshape(USERS, -1).any(axis=1)
        assert changed.tolist() == [3 <= row < USERS - 2 for row in range(USERS)]


def test_decay_rows_ends_at_the_prior_means(problem: Problem) -> None:
    factors = problem.factors.copy()
    heavy = np.full(MOVIES, 1e3, np.float32)
    decay_rows(factors.Q, problem.prior_means.Q, heavy, factors.movie_bias, heavy, np.float32(1), 0, MOVIES)
    np.testing.assert_array_equal(factors.Q, problem.prior_means.Q)
    assert not factors.movie_bias.any()


def test_predict_pairs_agrees_with_its_reference(problem: Problem) -> None:
    fast, slow = np.empty((2, RATINGS), np.float32)
    predict_pairs(problem.factors, problem.blocks.users, problem.blocks.movies, fast)
    predict_pairs_reference(problem.factors, problem.blocks.users, problem.blocks.movies, slow)
    np.testing.assert_allclose(fast, slow, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("k", [1, 3, 64])
def test_sum_rows_agrees_with_its_reference(k: int) -> None:
    rng = np.random.default_rng(k)
    offsets = np.append(0, np.cumsum(rng.integers(0, 20, USERS)))
    indices = rng.integers(0, MOVIES, offsets[-1]).astype(np.int32)
    vectors, sums = rng.standard_normal((MOVIES, k), np.float32), np.full((USERS, k), 7, np.float32)
    sum_rows(offsets, indices, vectors, sums, 10, USERS)
    assert (sums[:10] == 7).all()
    np.testing.assert_allclose(sums[10:], sum_rows_reference(offsets, indices, vectors)[10:], rtol=1e-4, atol=1e-5)
