from concurrent.futures import ThreadPoolExecutor

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.splitting import hold_out
from reelwise.data.types import Floats, Indices
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.rating.prior_mean import Incidence, PriorMean

ROWS, COLUMNS, K, RIDGE = 30, 20, 3, 0.5


def who_rated_what(seed: int = 0) -> tuple[Indices, Indices]:
    """A random half of all pairs; the last row and the last column have none."""
    seen = np.random.default_rng(seed).random((ROWS - 1, COLUMNS - 1)) < 0.5
    rows, columns = np.nonzero(seen)
    return rows.astype(np.int32), columns.astype(np.int32)


def fit(vectors: Floats, penalties: Floats, times: int, threads: int = 1) -> tuple[Floats, Floats]:
    """The means m, and the vectors y that they are made of."""
    rows, columns = who_rated_what()
    with ThreadPoolExecutor(threads) as pool:
        by_row = Incidence(rows, columns, ROWS, pool, threads)
        by_column = Incidence(columns, rows, COLUMNS, pool, threads)
        prior_mean = PriorMean(by_row, by_column, penalties, K, RIDGE)
        for _ in range(times):
            m = prior_mean.fit(vectors)
    return m, prior_mean.Y


def problem() -> tuple[Floats, Floats]:
    rng = np.random.default_rng(1)
    return rng.standard_normal((ROWS, K), np.float32), rng.random(ROWS, np.float32)


def test_steps_lead_to_the_exact_solution_of_the_ridge_regression() -> None:
    vectors, penalties = problem()
    X = np.zeros((ROWS, COLUMNS))
    X[who_rated_what()] = 1
    counts = X.sum(axis=1)
    X /= np.sqrt(np.maximum(counts, 1))[:, None]
    weighted = X.T * (counts * penalties)
    Y = np.linalg.solve(weighted @ X + RIDGE * np.eye(COLUMNS), weighted @ vectors)
    m, y = fit(vectors, penalties, times=60)
    np.testing.assert_allclose(m, X @ Y, atol=1e-3)
    np.testing.assert_allclose(y, Y, atol=1e-2)


def test_the_number_of_threads_makes_no_difference() -> None:
    vectors, penalties = problem()
    once, *others = ([array.tobytes() for array in fit(vectors, penalties, 3, threads)] for threads in (1, 2, 7))
    assert others == [once, once]


def test_nothing_is_expected_of_who_rated_nothing() -> None:
    m, y = fit(*problem(), times=3)
    assert not m[-1].any()
    assert not y[-1].any()


def test_what_people_rate_tells_what_they_like() -> None:
    """Everybody rates mostly the kind of film they like, and the stars are noisy."""
    rng = np.random.default_rng(0)
    suits = np.arange(300)[:, None] % 2 == np.arange(60) % 2
    users, movies = (axis.astype(np.int32) for axis in np.nonzero(rng.random(suits.shape) < np.where(suits, 0.3, 0.06)))
    stars = (np.where(suits[users, movies], 4, 2) + rng.integers(-1, 2, len(users))).astype(np.float32)
    train, test = hold_out(Interactions(users, movies, stars, suits.shape), 0.2, seed=1)

    def rmse(ridge: float) -> float:
        model = MatrixFactorization(
            factors=4, user_regularisation=0.4, movie_regularisation=0.8, prior_ridge=ridge, seed=1
        ).fit(train)
        return float(np.sqrt(np.mean(np.square((model.P @ model.Q.T)[test.users, test.movies] - test.stars))))

    nothing_is_expected = 1e6
    assert rmse(5) < 0.96 * rmse(nothing_is_expected)
