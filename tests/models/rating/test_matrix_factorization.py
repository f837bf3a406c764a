import numpy as np
import pytest

from reelwise.data.ratings import MOVIELENS_SCALE
from reelwise.data.splitting import hold_out
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.matrix_factorization import RatingModel, fit_rating_model
from support.checkerboard import checkerboard

SETTINGS = MatrixFactorizationConfig(factors=4, epochs=60, learning_rate=0.05, regularisation=0.02)
RATINGS = checkerboard()
USERS, MOVIES = len(RATINGS.user_ids), len(RATINGS.movie_ids)


def fit(**options: object) -> RatingModel:
    return fit_rating_model(RATINGS.interactions(), USERS, MOVIES, SETTINGS, seed=1, **options)  # type: ignore[arg-type]


def test_the_checkerboard_is_learnt_for_pairs_that_were_never_seen() -> None:
    seen, unseen = hold_out(RATINGS.interactions(), 0.2, 0)
    model = fit_rating_model(seen, USERS, MOVIES, SETTINGS, seed=1)
    predicted = model.predict(unseen.users, unseen.movies, MOVIELENS_SCALE)
    assert np.abs(predicted - unseen.stars).mean() < 0.5
    assert ((predicted > 3) == (unseen.stars > 3)).mean() > 0.97


def test_the_product_of_the_folded_factors_is_the_predicted_stars() -> None:
    model = fit()
    assert model.P.shape == (USERS, 4 + 2)
    assert model.Q.shape == (MOVIES, 4 + 2)
    assert model.P.dtype == model.Q.dtype == np.float32
    users, movies = np.array([0, 3, 39]), np.array([2, 2, 29])
    product = (model.P @ model.Q.T)[users, movies]
    np.testing.assert_allclose(model.predict(users, movies, MOVIELENS_SCALE), np.clip(product, 0.5, 5), atol=1e-5)


def test_the_result_depends_on_the_seed_alone() -> None:
    once, twice = fit(threads=1), fit(threads=2)
    assert once.P.tobytes() == twice.P.tobytes()
    assert once.Q.tobytes() == twice.Q.tobytes()


def test_who_and_what_has_no_ratings_is_predicted_by_the_rest() -> None:
    model = fit_rating_model(RATINGS.interactions(), USERS + 1, MOVIES + 1, SETTINGS, seed=1)
    mean = RATINGS.mean_stars()
    assert float(model.P[-1] @ model.Q[-1]) == pytest.approx(mean, abs=1e-3)
    assert not model.P[-1, :4].any()
    assert not model.Q[-1, :4].any()


def test_any_scale_is_learnt_alike() -> None:
    seen = RATINGS.interactions()
    tenfold = fit_rating_model(seen._replace(stars=seen.stars * 20), USERS, MOVIES, SETTINGS, seed=1)
    plain = fit()
    np.testing.assert_allclose(tenfold.P @ tenfold.Q.T, (plain.P @ plain.Q.T) * 20, rtol=1e-2, atol=0.2)


def test_a_film_with_few_ratings_is_kept_from_the_ends_of_the_scale() -> None:
    rng = np.random.default_rng(0)
    seen = RATINGS.interactions()
    stars = np.where(seen.movies < 2, 5, rng.integers(1, 6, len(seen.stars))).astype(np.float32)
    rare = (seen.movies == 1) & (np.cumsum(seen.movies == 1) > 1)  # movie 1 keeps a single rating, movie 0 all
    model = fit_rating_model(seen._replace(stars=stars).where(~rare), USERS, MOVIES, SETTINGS, seed=1)
    assert model.Q[0, -1] > 2 * model.Q[1, -1] > 0


def test_equal_stars_everywhere_are_no_trouble() -> None:
    seen = RATINGS.interactions()
    model = fit_rating_model(seen._replace(stars=np.full_like(seen.stars, 3)), USERS, MOVIES, SETTINGS, seed=1)
    np.testing.assert_allclose(model.P @ model.Q.T, 3, atol=0.05)
