from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reelwise.data.splitting import hold_out
from reelwise.errors import ModelError
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.queries import STRANGER, Queries
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.rating.uncertainty import Coefficients
from support.models.checkerboard import checkerboard
from support.models.memory_store import MemoryStore

CONFIG = MatrixFactorizationConfig(
    factors=4, epochs=60, learning_rate=0.05, user_regularisation=0.1, movie_regularisation=0.1
)
TRAIN = checkerboard().interactions()
USERS, MOVIES = TRAIN.shape


def new(**options: Any) -> MatrixFactorization:
    return MatrixFactorization(CONFIG, seed=1, **options)


@pytest.fixture(scope="module")
def model() -> MatrixFactorization:
    return new().fit(TRAIN)


def test_the_checkerboard_is_learnt_for_pairs_that_were_never_seen() -> None:
    train, unseen = hold_out(TRAIN, 0.2, 0)
    predicted = new().fit(train).predict_rows(unseen.users, unseen.movies)
    assert np.abs(predicted - unseen.stars).mean() < 0.5
    assert ((predicted > 3) == (unseen.stars > 3)).mean() > 0.97


def test_the_product_of_the_folded_factors_is_the_predicted_stars(model: MatrixFactorization) -> None:
    assert model.P.shape == (USERS, 4 + 2)
    assert model.Q.shape == (MOVIES, 4 + 2)
    assert model.P.dtype == model.Q.dtype == np.float32
    users, movies = np.array([0, 3, 39]), np.array([2, 2, 29])
    product = (model.P @ model.Q.T)[users, movies]
    np.testing.assert_allclose(model.predict_rows(users, movies), np.clip(product, 0.5, 5), atol=1e-5)
    np.testing.assert_allclose(model.score(Queries.of_users(users))[range(3), movies], product, atol=1e-5)


def test_the_result_depends_on_the_seed_alone(model: MatrixFactorization) -> None:
    twice, other = new(threads=2).fit(TRAIN), MatrixFactorization(CONFIG, seed=2).fit(TRAIN)
    assert (model.P.tobytes(), model.Q.tobytes()) == (twice.P.tobytes(), twice.Q.tobytes())
    assert not np.array_equal(model.P, other.P)


def test_validation_ends_training_early_and_the_epochs_found_give_the_same_model() -> None:
    train, validation = hold_out(
        TRAIN.with_stars(np.random.default_rng(0).integers(1, 6, len(TRAIN)).astype("f4")), 0.2, 0
    )
    early = new().fit(train, validation=validation)
    rmse = np.sqrt(np.mean(np.square((early.P @ early.Q.T)[validation.users, validation.movies] - validation.stars)))
    assert early.best_epoch == np.argmin(early.validation_rmse) + 1 < len(early.validation_rmse) < CONFIG.epochs_for(0)
    assert min(early.validation_rmse) == pytest.approx(rmse, rel=1e-4)
    again = new().fit(train, epochs=early.best_epoch)
    assert again.P.tobytes() == early.P.tobytes()


def test_who_and_what_has_no_ratings_is_predicted_by_the_rest() -> None:
    model = new().fit(replace(TRAIN, shape=(USERS + 1, MOVIES + 1)))
    assert float(model.P[-1] @ model.Q[-1]) == pytest.approx(TRAIN.stars.mean(), abs=0.05)
    assert not model.Q[-1, :4].any()
    np.testing.assert_allclose(model.P[-1], model.P[:-1].mean(axis=0), atol=1e-6)


def test_somebody_unknown_is_told_what_people_give_a_film_on_average() -> None:
    model, movies = new().fit(TRAIN.where(TRAIN.users != 7)), np.arange(MOVIES)
    everybody = np.mean([model.P[user] @ model.Q.T for user in range(USERS) if user != 7], axis=0)
    for nobody in (7, STRANGER):  # a row without ratings, and no row at all
        np.testing.assert_allclose(model.predict_rows(np.full(MOVIES, nobody), movies), everybody, atol=1e-4)


def test_any_scale_is_learnt_alike(model: MatrixFactorization) -> None:
    tenfold = new().fit(TRAIN.with_stars(TRAIN.stars * 20))
    np.testing.assert_allclose(tenfold.P @ tenfold.Q.T, (model.P @ model.Q.T) * 20, rtol=1e-2, atol=0.2)


def test_a_film_with_few_ratings_is_kept_from_the_ends_of_the_scale() -> None:
    stars = np.random.default_rng(0).integers(1, 6, len(TRAIN)).astype(np.float32)
    stars[TRAIN.movies < 2] = 5
    rare = (TRAIN.movies == 1) & (np.cumsum(TRAIN.movies == 1) > 1)  # movie 1 keeps a single rating, movie 0 all
    model = new().fit(TRAIN.with_stars(stars).where(~rare))
    assert model.Q[0, -1] > 2 * model.Q[1, -1] > 0


def test_equal_stars_everywhere_are_no_trouble() -> None:
    model = new().fit(TRAIN.with_stars(np.full_like(TRAIN.stars, 3)))
    np.testing.assert_allclose(model.P @ model.Q.T, 3, atol=0.05)


@pytest.mark.parametrize("calibrated", [False, True])
def test_what_is_saved_is_loaded(calibrated: bool) -> None:
    model, store, rows = new().fit(TRAIN), MemoryStore(), np.arange(20)
    if calibrated:
        model.calibrate(TRAIN, Coefficients(0.1, 0.7, 0.3))
    model.save_arrays(store)
    loaded = MatrixFactorization(CONFIG).load_arrays(store, TRAIN.scale)
    for one in (model, loaded):
        again = MemoryStore()
        one.save_arrays(again)
        assert {name: array.tobytes() for name, array in again.items()} == {n: a.tobytes() for n, a in store.items()}
    queries = Queries.of_strangers(checkerboard().by_user)
    np.testing.assert_array_equal(loaded.score(queries), model.score(queries))
    assert (loaded.uncertainty is not None) is calibrated
    if model.uncertainty and loaded.uncertainty:
        np.testing.assert_array_equal(loaded.uncertainty.std(rows, rows), model.uncertainty.std(rows, rows))


@pytest.mark.parametrize("name", ["model_P", "model_Q", "rating_scaling", "rating_prior_Y"])
def test_a_broken_array_is_refused(model: MatrixFactorization, name: str) -> None:
    store = MemoryStore()
    model.save_arrays(store)
    store[name] = store[name][:1, :-1] if store[name].ndim == 2 else store[name][:1]
    with pytest.raises(ModelError, match=r"expected <f4|rating_"):
        MatrixFactorization(CONFIG).load_arrays(store)


def test_more_movies_leave_every_prediction_as_it_was_and_new_ones_are_average() -> None:
    model = new().fit(TRAIN)
    model.calibrate(TRAIN, Coefficients(0.1, 0.7, 0.3))
    places = np.arange(0, 2 * MOVIES, 2)
    more, histories = model.with_movies(places, 2 * MOVIES), checkerboard().by_user
    np.testing.assert_array_equal(more.Q[places], model.Q)
    np.testing.assert_allclose(more.P @ more.Q[1], model.P[:, -2], atol=1e-6)
    moved = histories.spread_columns(places.astype(np.int32))
    np.testing.assert_allclose(more.fold_in_rows(moved), model.fold_in_rows(histories), atol=1e-5)
    users = np.array([5, 3])
    some = more.of_users(users)
    np.testing.assert_array_equal(some.P, model.P[users])
    assert model.uncertainty
    assert some.uncertainty
    np.testing.assert_array_equal(
        some.uncertainty.std(np.arange(2), places[:2]), model.uncertainty.std(users, np.arange(2))
    )
