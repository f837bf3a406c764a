import numpy as np
import pytest

from reelwise.data.interactions import Interactions
from reelwise.data.types import Doubles, Floats
from reelwise.models.rating.uncertainty import Residuals, Uncertainty

USERS, MOVIES = 300, 200
ALL = np.repeat(np.arange(USERS, dtype=np.int32), MOVIES), np.tile(np.arange(MOVIES, dtype=np.int32), USERS)


Stds = tuple[Doubles, Doubles]
"""The standard deviations of errors: each user's, and how many times as large they are on each movie."""


def simulate(seed: int, stds: Stds, shrunk: float = 1.0) -> Interactions:
    """Every user rates every movie, always at 3 stars but for an error."""
    users, movies = ALL
    std = stds[0][users] * stds[1][movies] * shrunk
    stars = (3 + np.random.default_rng(seed).normal(0, std)).astype(np.float32)
    return Interactions(users, movies, stars, (USERS, MOVIES))


def predict(ratings: Interactions) -> Floats:
    return np.full(len(ratings), 3, np.float32)


def measure(train: Interactions) -> Residuals:
    return Residuals.measure(train, predict(train))


def estimate(train: Interactions, unseen: Interactions) -> Uncertainty:
    residuals = measure(train)
    return residuals.to_uncertainty(residuals.fit_coefficients(unseen, predict(unseen)))


@pytest.fixture
def stds() -> Stds:
    rng = np.random.default_rng(5)
    return np.exp(rng.normal(-0.3, 0.4, USERS)), np.exp(rng.normal(0, 0.3, MOVIES))


def test_the_true_deviations_are_recovered_though_training_residuals_are_too_small(stds: Stds) -> None:
    train, unseen, test = (simulate(seed, stds, shrunk) for seed, shrunk in ((1, 0.7), (2, 1.0), (3, 1.0)))
    some = unseen.where(np.random.default_rng(6).random(len(unseen)) < 0.1)
    uncertainty = estimate(train, some)
    found, truth = uncertainty.std(*ALL), stds[0][ALL[0]] * stds[1][ALL[1]]
    assert found.dtype == np.float32
    assert np.abs(np.log(found / truth)).mean() < 0.1
    within = np.abs(test.stars - 3) <= found
    assert within.mean() == pytest.approx(0.683, abs=0.01)
    for part in (truth < np.quantile(truth, 0.1), truth > np.quantile(truth, 0.9)):
        assert within[part].mean() == pytest.approx(0.683, abs=0.03)
    of_some = uncertainty.of_users(np.array([7, 2]))
    np.testing.assert_array_equal(
        of_some.std(np.array([0, 1]), np.array([5, 6])), found[[7 * MOVIES + 5, 2 * MOVIES + 6]]
    )


def test_where_errors_are_alike_the_deviation_is_nearly_one_number() -> None:
    alike = np.full(USERS, 0.8), np.ones(MOVIES)
    assert estimate(simulate(1, alike), simulate(2, alike)).std(*ALL) == pytest.approx(0.8, rel=0.05)


def test_the_coefficients_are_the_most_likely_ones(stds: Stds) -> None:
    residuals, unseen = measure(simulate(1, stds)), simulate(2, stds)
    best = residuals.fit_coefficients(unseen, predict(unseen))

    def improbability(b0: float, b1: float, b2: float) -> float:
        logs = b0 + b1 * np.log(residuals.users)[ALL[0]] + b2 * np.log(residuals.movies)[ALL[1]]
        return float((logs + np.square(unseen.stars - 3) * np.exp(-logs)).mean())

    least = improbability(*best)
    for moved in np.vstack([np.eye(3), -np.eye(3)]) * 0.02:
        assert improbability(*(best + moved)) > least


def test_few_ratings_count_little_and_none_leave_the_overall_residual() -> None:
    users, movies = np.array([0] * 3 + [1] * 2000, np.int32), np.zeros(2003, np.int32)
    stars = np.array([5.0] * 3 + [3.5, 2.5] * 1000, np.float32)
    residuals = measure(Interactions(users, movies, stars, (3, 2)))
    overall = (3 * 4 + 2000 * 0.25) / 2003
    assert residuals.overall == pytest.approx(overall)
    assert residuals.users == pytest.approx([(12 + 20 * overall) / 23, (500 + 20 * overall) / 2020, overall])
    assert residuals.movies == pytest.approx([overall, overall])


@pytest.mark.parametrize("error", [0.0, 1e-3, 0.5, 50.0])
@pytest.mark.parametrize("count", [1, 3, 1000])
def test_deviations_are_positive_numbers_however_few_and_odd_the_errors_are(error: float, count: int) -> None:
    rng = np.random.default_rng(1)
    users, movies = rng.integers(0, 5, 1000).astype(np.int32), rng.integers(0, 4, 1000).astype(np.int32)
    stars = (3 + rng.normal(0, 0.1, 1000) * (users > 0)).astype(np.float32)
    unseen = Interactions(users[:count], movies[:count], np.full(count, 3 + error, np.float32), (5, 4))
    found = estimate(Interactions(users, movies, stars, (5, 4)), unseen).std(
        np.repeat(np.arange(5), 4), np.tile(np.arange(4), 5)
    )
    assert np.isfinite(found).all()
    assert (found > 0).all()
    if count == 1000 and error:
        assert found == pytest.approx(error, rel=0.3)


def test_where_every_rating_is_predicted_exactly_the_deviation_is_small_and_positive() -> None:
    one = Interactions(np.zeros(3, np.int32), np.zeros(3, np.int32), np.full(3, 3, np.float32), (1, 1))
    assert 0 < estimate(one, one).std(one.users, one.movies)[0] < 0.01
