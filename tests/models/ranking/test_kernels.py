"""The kernel does what its NumPy reference says."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from reelwise.models.ranking.kernels import WeightedRows, als_half_step, als_half_step_reference

USERS, MOVIES = 30, 20


def weighted_rows(rng: np.random.Generator) -> WeightedRows:
    """Five random entries for each user."""
    offsets = np.arange(0, 5 * USERS + 1, 5, dtype=np.int64)
    movies = np.concatenate([rng.permutation(MOVIES)[:5] for _ in range(USERS)]).astype(np.int32)
    weights, targets = rng.random((2, 5 * USERS), np.float32)
    return WeightedRows(offsets, movies, weights, targets)


@pytest.mark.parametrize("k", [1, 3, 64])
def test_als_half_step_reaches_its_reference(k: int) -> None:
    rng = np.random.default_rng(k)
    fixed, rows = rng.standard_normal((MOVIES, k), np.float32), weighted_rows(rng)
    gram, penalties = np.float32(0.3) * (fixed.T @ fixed), np.full(USERS, 0.5, np.float32)
    solved = np.zeros((USERS, k), np.float32)
    als_half_step(solved, fixed, gram, rows, penalties, 3 * k + 10, 0, USERS)
    np.testing.assert_allclose(solved, als_half_step_reference(fixed, gram, rows, penalties), rtol=5e-3, atol=5e-4)


@pytest.mark.parametrize("k", [8, 24])
def test_als_half_step_gives_the_same_bytes_in_every_thread(k: int) -> None:
    rng = np.random.default_rng(k)
    fixed, rows, penalties = (
        rng.standard_normal((MOVIES, k), np.float32),
        weighted_rows(rng),
        np.ones(USERS, np.float32),
    )

    def solve() -> bytes:
        solved = np.zeros((USERS, k), np.float32)
        als_half_step(solved, fixed, fixed.T @ fixed, rows, penalties, 3, 0, USERS)
        return solved.tobytes()

    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        assert len({solve(), first.submit(solve).result(), second.submit(solve).result()}) == 1


def test_als_half_step_improves_only_the_rows_it_is_given() -> None:
    rng = np.random.default_rng(1)
    fixed, solved = rng.standard_normal((MOVIES, 4), np.float32), np.ones((USERS, 4), np.float32)
    als_half_step(solved, fixed, fixed.T @ fixed, weighted_rows(rng), np.ones(USERS, np.float32), 3, 10, 20)
    changed = (solved != 1).all(axis=1)
    assert changed.tolist() == [10 <= row < 20 for row in range(USERS)]
