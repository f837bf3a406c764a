"""Definite systems are solved by halves as any other way."""

import numpy as np
import pytest

from reelwise.models.least_squares import solve_definite


@pytest.mark.parametrize("rows", [1, 128, 129, 500])
def test_the_solution_is_that_of_the_system(rows: int) -> None:
    rng = np.random.default_rng(rows)
    factor, wanted = rng.standard_normal((rows, rows)), rng.standard_normal((rows, 7))
    A = factor @ factor.T + rows * np.eye(rows)
    found = solve_definite(A.astype(np.float32), (A @ wanted).astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted, atol=1e-3)
