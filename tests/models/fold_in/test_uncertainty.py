"""How sure predictions are for somebody who was folded in."""

import numpy as np
import pytest

from reelwise.data.types import Floats
from reelwise.models.fold_in.folding import Folding
from reelwise.models.fold_in.uncertainty import FoldInUncertainty, calibrate, regressors
from support.models.small_folding import folding as small_folding

ALL = np.arange(40)
NOISE = 0.5
AS_EXPECTED = FoldInUncertainty((0.0, 1.0, 0.0), NOISE, np.ones(40, np.float32))


@pytest.fixture(scope="module")
def folding() -> Folding:
    return small_folding()


def std(folding: Folding, uncertainty: FoldInUncertainty, movies: list[int], stars: list[float]) -> Floats:
    history = folding.fold(np.array(movies, np.int64), np.array(stars, np.float32))
    return uncertainty.std(folding, history, folding.embed(history), ALL)


def test_without_ratings_it_is_the_variance_of_the_prior(folding: Folding) -> None:
    x = folding.rating.features(ALL)
    variance = NOISE * (1 + np.einsum("nk,kl,nl->n", x, np.linalg.inv(folding.rating.precision), x))
    np.testing.assert_allclose(std(folding, AS_EXPECTED, [], []), folding.rating.sigma * np.sqrt(variance), rtol=1e-5)


def test_each_rating_makes_it_surer(folding: Folding) -> None:
    few, many = std(folding, AS_EXPECTED, [1, 2], [5, 1]), std(folding, AS_EXPECTED, [1, 2, 3, 4], [5, 1, 5, 1])
    assert (many < few).all()


def test_whoever_rates_by_whim_is_predicted_less_surely(folding: Folding) -> None:
    uncertainty = FoldInUncertainty((0.0, 1.0, 1.0), NOISE, np.ones(40, np.float32))
    movies = list(range(1, 13))
    plain = std(folding, uncertainty, movies, [5, 1] * 6)
    odd = std(folding, uncertainty, movies, [5, 1, 1, 5] * 3)
    assert (odd > plain).all()


def test_films_that_divide_people_are_predicted_less_surely(folding: Folding) -> None:
    dividing = np.ones(40, np.float32)
    dividing[7] = 2
    found = std(folding, AS_EXPECTED._replace(movies=dividing), [1], [5])
    ratios = found / std(folding, AS_EXPECTED, [1], [5])
    assert ratios[7] > 1.3
    np.testing.assert_allclose(np.delete(ratios, 7), 1)


def test_coefficients_are_found_again_from_errors_made_by_them(folding: Folding) -> None:
    rng, made = np.random.default_rng(0), (0.4, 1.3, 0.8)
    described = []
    for length in range(1, 40):
        movies = rng.choice(40, length, replace=False)
        history = folding.fold(movies, rng.integers(1, 6, length).astype(np.float32))
        described.append(
            regressors(
                folding, history, folding.embed(history).rating_row, np.repeat(ALL, 100), NOISE, AS_EXPECTED.movies
            )
        )
    X = np.concatenate(described)
    errors = folding.rating.sigma * rng.standard_normal(len(X)) * np.exp(X @ made / 2)
    found = calibrate(X, errors, folding.rating.sigma, NOISE, AS_EXPECTED.movies)
    np.testing.assert_allclose(found.coefficients, made, atol=0.1)
