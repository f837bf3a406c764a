"""Each kernel does what its NumPy reference says."""

from typing import NamedTuple

import numpy as np
import pytest

from reelwise.data.ratings import Interactions
from reelwise.models.kernels import (
    Blocks,
    Factors,
    Floats,
    Penalties,
    PriorMeans,
    WeightedRows,
    als_half_step,
    als_half_step_reference,
    decay_rows,
    decay_rows_reference,
    predict_pairs,
    predict_pairs_reference,
    sgd_step,
    sgd_step_reference,
    sum_rows,
    sum_rows_reference,
)
from reelwise.models.rating.stratified_sgd import deal_into_blocks

USERS, MOVIES, RATINGS = 30, 20, 400


class Problem(NamedTuple):
    factors: Factors
    centres: PriorMeans
    penalties: Penalties
    blocks: Blocks


@pytest.fixture(params=[1, 3, 64])
def problem(request: pytest.FixtureRequest) -> Problem:
    rng = np.random.default_rng(request.param)

    def normal(*shape: int) -> Floats:
        return rng.standard_normal(shape, np.float32)

    seen = Interactions(
        rng.integers(0, USERS, RATINGS).astype(np.int32),
        rng.integers(0, MOVIES, RATINGS).astype(np.int32),
        normal(RATINGS),
    )
    k = request.param
    return Problem(
        Factors(normal(USERS, k) / k, normal(MOVIES, k) / k, normal(USERS), normal(MOVIES)),
        PriorMeans(normal(USERS, k), normal(MOVIES, k)),
        Penalties(abs(normal(USERS)), abs(normal(MOVIES)), abs(normal(USERS)), abs(normal(MOVIES))),
        deal_into_blocks(seen, USERS, MOVIES),
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
    factors = problem.factors.copy()
    offsets = problem.blocks.offsets
    chosen = np.array([int(np.argmax(np.diff(offsets)))], np.int64)
    part = slice(offsets[chosen[0]], offsets[chosen[0] + 1])
    sgd_step(factors, problem.blocks, chosen, np.float32(0.05))
    changed = np.flatnonzero((factors.P != problem.factors.P).any(axis=1))
    assert set(changed) == set(problem.blocks.users[part])


def test_pull_rows_agrees_with_its_reference_and_leaves_other_rows_alone(problem: Problem) -> None:
    fast, slow = problem.factors.copy(), problem.factors.copy()
    for pull, it in ((decay_rows, fast), (decay_rows_reference, slow)):
        its_penalties = problem.penalties.user, it.user_bias, problem.penalties.user_bias
        pull(it.P, problem.centres.P, *its_penalties, np.float32(0.5), 3, USERS - 2)
    for computed, expected, before in ((fast.P, slow.P, problem.factors.P), (fast[2], slow[2], problem.factors[2])):
        np.testing.assert_allclose(computed, expected, rtol=1e-5, atol=1e-6)
        changed = (computed != before).reshape(USERS, -1).any(axis=1)
        assert changed.tolist() == [3 <= row < USERS - 2 for row in range(USERS)]


def test_pull_rows_ends_at_the_centres(problem: Problem) -> None:
    factors = problem.factors.copy()
    heavy = np.full(MOVIES, 1e3, np.float32)
    decay_rows(factors.Q, problem.centres.Q, heavy, factors.movie_bias, heavy, np.float32(1), 0, MOVIES)
    np.testing.assert_array_equal(factors.Q, problem.centres.Q)
    assert not factors.movie_bias.any()


def test_predict_pairs_agrees_with_its_reference(problem: Problem) -> None:
    fast, slow = np.empty((2, RATINGS), np.float32)
    predict_pairs(problem.factors, problem.blocks.users, problem.blocks.movies, fast)
    predict_pairs_reference(problem.factors, problem.blocks.users, problem.blocks.movies, slow)
    np.testing.assert_allclose(fast, slow, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("k", [1, 3, 64])
def test_sum_rows_agrees_with_its_reference(k: int) -> None:
    rng = np.random.default_rng(k)
    rows, vectors = weighted_rows(rng), rng.standard_normal((MOVIES, k), np.float32)
    sums = np.full((USERS, k), 7, np.float32)
    sum_rows(rows.offsets, rows.indices, vectors, sums, 10, USERS)
    assert (sums[:10] == 7).all()
    expected = sum_rows_reference(rows.offsets, rows.indices, vectors)
    np.testing.assert_allclose(sums[10:], expected[10:], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("k", [1, 3, 64])
def test_als_half_step_reaches_its_reference(k: int) -> None:
    rng = np.random.default_rng(k)
    fixed = rng.standard_normal((MOVIES, k), np.float32)
    rows = weighted_rows(rng)
    gram = np.float32(0.3) * (fixed.T @ fixed)
    penalties = np.full(USERS, 0.5, np.float32)
    solved = np.zeros((USERS, k), np.float32)
    als_half_step(solved, fixed, gram, rows, penalties, 3 * k + 10, 0, USERS)
    np.testing.assert_allclose(solved, als_half_step_reference(fixed, gram, rows, penalties), rtol=5e-3, atol=5e-4)


def test_als_half_step_improves_only_the_rows_it_is_given() -> None:
    rng = np.random.default_rng(1)
    fixed = rng.standard_normal((MOVIES, 4), np.float32)
    solved = np.ones((USERS, 4), np.float32)
    als_half_step(solved, fixed, fixed.T @ fixed, weighted_rows(rng), np.ones(USERS, np.float32), 3, 10, 20)
    assert (solved[:10] == 1).all()
    assert (solved[20:] == 1).all()
    assert (solved[10:20] != 1).all()


def weighted_rows(rng: np.random.Generator) -> WeightedRows:
    """Five random entries for each user."""
    offsets = np.arange(0, 5 * USERS + 1, 5, dtype=np.int64)
    movies = np.concatenate([rng.permutation(MOVIES)[:5] for _ in range(USERS)]).astype(np.int32)
    weights, aims = rng.random((2, 5 * USERS), np.float32)
    return WeightedRows(offsets, movies, weights, aims)
