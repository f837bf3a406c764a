import numpy as np
import pytest

from reelwise.data.ratings import Interactions
from reelwise.models.rating.uncertainty import Residuals

USERS, MOVIES = 300, 200
ALL = np.repeat(np.arange(USERS, dtype=np.int32), MOVIES), np.tile(np.arange(MOVIES, dtype=np.int32), USERS)


def simulated(seed: int, of_users: np.ndarray, of_movies: np.ndarray, shrunk: float = 1.0) -> Interactions:
    """Every user rates every movie, always at 3 stars but for an error with the spread of_users · of_movies."""
    users, movies = ALL
    spread = of_users[users] * of_movies[movies] * shrunk
    return Interactions(users, movies, (3 + np.random.default_rng(seed).normal(0, spread)).astype(np.float32))


def as_predicted(seen: Interactions) -> np.ndarray:
    return np.full(len(seen.stars), 3, np.float32)


@pytest.fixture
def spreads() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    return np.exp(rng.normal(-0.3, 0.4, USERS)), np.exp(rng.normal(0, 0.3, MOVIES))


def test_the_true_spread_is_recovered_though_training_residuals_are_too_small(
    spreads: tuple[np.ndarray, np.ndarray],
) -> None:
    train, unseen, test = (simulated(seed, *spreads, shrunk) for seed, shrunk in ((1, 0.7), (2, 1.0), (3, 1.0)))
    residuals = Residuals.of(train, as_predicted(train), USERS, MOVIES)
    some = unseen.where(np.random.default_rng(6).random(len(unseen.stars)) < 0.1)
    found = residuals.spread(residuals.fit(some, as_predicted(some))).of(*ALL)
    truth = spreads[0][ALL[0]] * spreads[1][ALL[1]]
    assert found.dtype == np.float32
    assert np.abs(np.log(found / truth)).mean() < 0.1
    within = np.abs(test.stars - 3) <= found
    assert within.mean() == pytest.approx(0.683, abs=0.01)
    for surest in (truth < np.quantile(truth, 0.1), truth > np.quantile(truth, 0.9)):
        assert within[surest].mean() == pytest.approx(0.683, abs=0.03)


def test_where_errors_are_alike_the_spread_is_nearly_one_number() -> None:
    alike = np.full(USERS, 0.8), np.ones(MOVIES)
    train, unseen = simulated(1, *alike), simulated(2, *alike)
    residuals = Residuals.of(train, as_predicted(train), USERS, MOVIES)
    found = residuals.spread(residuals.fit(unseen, as_predicted(unseen)))
    assert found.of(*ALL) == pytest.approx(0.8, rel=0.05)


def test_the_coefficients_are_the_most_likely_ones(spreads: tuple[np.ndarray, np.ndarray]) -> None:
    train, unseen = simulated(1, *spreads), simulated(2, *spreads)
    residuals = Residuals.of(train, as_predicted(train), USERS, MOVIES)
    best = residuals.fit(unseen, as_predicted(unseen))

    def improbability(b0: float, b1: float, b2: float) -> float:
        logs = b0 + b1 * np.log(residuals.users)[ALL[0]] + b2 * np.log(residuals.movies)[ALL[1]]
        return float((logs + np.square(unseen.stars - 3) * np.exp(-logs)).mean())

    least = improbability(*best)
    for moved in np.vstack([np.eye(3), -np.eye(3)]) * 0.02:
        assert improbability(*(best + moved)) > least


def test_few_ratings_count_little_and_none_leave_the_overall_residual() -> None:
    seen = Interactions(
        np.array([0] * 3 + [1] * 2000, np.int32),
        np.array([0] * 2003, np.int32),
        np.array([5.0] * 3 + [3.5, 2.5] * 1000, np.float32),
    )
    residuals = Residuals.of(seen, as_predicted(seen), users=3, movies=2)
    overall = (3 * 4 + 2000 * 0.25) / 2003
    assert residuals.overall == pytest.approx(overall)
    assert residuals.users == pytest.approx([(12 + 20 * overall) / 23, (500 + 20 * overall) / 2020, overall])
    assert residuals.movies == pytest.approx([overall, overall])


@pytest.mark.parametrize("error", [0.0, 1e-3, 0.5, 50.0])
@pytest.mark.parametrize("count", [1, 3, 1000])
def test_spreads_are_positive_numbers_however_few_and_odd_the_errors_are(error: float, count: int) -> None:
    rng = np.random.default_rng(1)
    users, movies = rng.integers(0, 5, 1000).astype(np.int32), rng.integers(0, 4, 1000).astype(np.int32)
    train = Interactions(users, movies, (3 + rng.normal(0, 0.1, 1000) * (users > 0)).astype(np.float32))
    residuals = Residuals.of(train, as_predicted(train), 5, 4)
    unseen = Interactions(users[:count], movies[:count], np.full(count, 3 + error, np.float32))
    found = residuals.spread(residuals.fit(unseen, as_predicted(unseen))).of(*ALL_OF_FEW)
    assert np.isfinite(found).all()
    assert (found > 0).all()
    if count == 1000 and error:
        assert found == pytest.approx(error, rel=0.3)


def test_a_model_without_residuals_has_a_spread_nevertheless() -> None:
    seen = Interactions(np.zeros(3, np.int32), np.zeros(3, np.int32), np.full(3, 3, np.float32))
    residuals = Residuals.of(seen, as_predicted(seen), 1, 1)
    spread = residuals.spread(residuals.fit(seen, as_predicted(seen)))
    assert 0 < spread.of(seen.users, seen.movies)[0] < 0.01


ALL_OF_FEW = np.repeat(np.arange(5), 4), np.tile(np.arange(4), 5)
