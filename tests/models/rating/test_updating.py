from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from reelwise.data.ratings import MOVIELENS_SCALE, Interactions
from reelwise.data.splitting import hold_out
from reelwise.models.config import MatrixFactorizationConfig, UpdateConfig
from reelwise.models.kernels import Integers
from reelwise.models.rating.matrix_factorization import RatingModel, fit_rating_model
from reelwise.models.rating.updating import Places, placed, update_rating_model

SETTINGS = MatrixFactorizationConfig(factors=4, prior_ridge=20)
USERS, MOVIES = 300, 120
OLD_USERS, OLD_MOVIES = 240, 100


class Story(NamedTuple):
    """Ratings of two tastes: those of the beginning, and all, with as many users and movies each, but for a test."""

    before: Interactions
    now: Interactions
    test: Interactions


def story() -> Story:
    """The first users rate the first movies; then newcomers of both kinds, and more by the first, too."""
    rng = np.random.default_rng(0)
    tastes, centred_embeddings = rng.standard_normal((USERS, 2)), rng.standard_normal((MOVIES, 2))
    users, movies = (axis.astype(np.int32) for axis in np.nonzero(rng.random((USERS, MOVIES)) < 0.35))
    stars = 3.2 + 0.6 * (tastes @ centred_embeddings.T)[users, movies] + 0.3 * rng.standard_normal(len(users))
    everything = Interactions(users, movies, np.clip(stars, 0.5, 5).astype(np.float32))
    now, test = hold_out(everything, 0.2, seed=1)
    early = rng.random(len(now.users)) < 0.8
    return Story(now.where(early & (now.users < OLD_USERS) & (now.movies < OLD_MOVIES)), now, test)


STORY = story()
OLD = fit_rating_model(STORY.before, OLD_USERS, OLD_MOVIES, SETTINGS, seed=1)


def places_of(old: int, now: int) -> Integers:
    rows = np.arange(now, dtype=np.int32)
    return np.where(rows < old, rows, -1).astype(np.int32)


PLACES = Places(places_of(OLD_USERS, USERS), places_of(OLD_MOVIES, MOVIES))


def updated(
    seen: Interactions = STORY.now,
    places: Places = PLACES,
    settings: MatrixFactorizationConfig = SETTINGS,
    update: UpdateConfig = UpdateConfig(),  # noqa: B008
    **options: object,
) -> RatingModel:
    return update_rating_model(OLD, places, seen, settings, update, seed=1, **options)  # type: ignore[arg-type]


def rmse(model: RatingModel, test: Interactions) -> float:
    return float(np.sqrt(np.mean(np.square(model.predict(test.users, test.movies, MOVIELENS_SCALE) - test.stars))))


def test_an_updated_model_is_better_than_the_old_one_and_about_as_good_as_one_from_scratch() -> None:
    scratch, model = fit_rating_model(STORY.now, USERS, MOVIES, SETTINGS, seed=1), updated()
    known = STORY.test.where((STORY.test.users < OLD_USERS) & (STORY.test.movies < OLD_MOVIES))
    assert rmse(model, known) < 0.98 * rmse(OLD, known)
    assert rmse(model, known) < 1.03 * rmse(scratch, known)
    assert rmse(model, STORY.test) < 1.05 * rmse(scratch, STORY.test)


@pytest.mark.parametrize("side", ["users", "movies"])
def test_newcomers_are_predicted_far_better_than_by_the_mean(side: str) -> None:
    first = {"users": OLD_USERS, "movies": OLD_MOVIES}[side]
    new = STORY.test.where(getattr(STORY.test, side) >= first)
    assert rmse(updated(), new) < 0.7 * np.std(new.stars)


def test_without_a_step_nothing_moves_though_the_mean_does() -> None:
    model = updated(settings=replace(SETTINGS, learning_rate=0))
    assert abs(STORY.now.stars.mean() - STORY.before.stars.mean()) > 1e-3
    np.testing.assert_allclose(model.P[:OLD_USERS] @ model.Q[:OLD_MOVIES].T, OLD.P @ OLD.Q.T, atol=1e-5)


def test_newcomers_start_at_what_is_expected_of_them() -> None:
    model = updated(settings=replace(SETTINGS, learning_rate=0))
    vectors, biases = model.P[OLD_USERS:, :-2], model.P[OLD_USERS:, -2]
    assert np.linalg.norm(vectors, axis=1).min() > 0
    np.testing.assert_allclose(biases, STORY.now.stars.mean(), atol=1e-5)


def test_predictions_hardly_move_where_nothing_is_new() -> None:
    same = Places(np.arange(OLD_USERS, dtype=np.int32), np.arange(OLD_MOVIES, dtype=np.int32))
    model = updated(STORY.before, same)
    predicted = OLD.P @ OLD.Q.T
    assert 0 < (model.P @ model.Q.T - predicted).std() < 0.05 * predicted.std()


def test_rows_are_found_wherever_they_were() -> None:
    backwards = OLD_USERS - 1 - np.arange(OLD_USERS, dtype=np.int32)
    seen = STORY.before._replace(users=backwards[STORY.before.users])
    model = updated(seen, Places(backwards, np.arange(OLD_MOVIES, dtype=np.int32)), replace(SETTINGS, learning_rate=0))
    np.testing.assert_allclose(model.P[::-1] @ model.Q.T, OLD.P @ OLD.Q.T, atol=1e-5)


def test_a_copy_has_zeros_for_newcomers() -> None:
    rows = np.array([[1, 2], [3, 4]], np.float32)
    assert placed(rows, np.array([-1, 1, 0, -1], np.int32)).tolist() == [[0, 0], [3, 4], [1, 2], [0, 0]]


@pytest.mark.parametrize("threads", [2, 5])
def test_the_result_depends_on_the_seed_alone(threads: int) -> None:
    one, many = updated(), updated(threads=threads)
    assert one.P.tobytes() == many.P.tobytes()
    assert one.Q.tobytes() == many.Q.tobytes()


def test_the_old_model_is_left_as_it_is() -> None:
    before = OLD.P.tobytes(), OLD.Q.tobytes()
    updated()
    assert (OLD.P.tobytes(), OLD.Q.tobytes()) == before


def test_passes_are_told_newcomers_first() -> None:
    told: list[Any] = []
    updated(update=UpdateConfig(newcomer_passes=2, passes=1), on_epoch=told.append)
    new = (STORY.now.users >= OLD_USERS) | (STORY.now.movies >= OLD_MOVIES)
    assert [(it.number, it.of, it.ratings) for it in told] == [
        (1, 3, new.sum()), (2, 3, new.sum()), (3, 3, len(new)),
    ]  # fmt: skip


def test_divergence_is_told() -> None:
    with pytest.raises(FloatingPointError, match="diverged"):
        updated(settings=replace(SETTINGS, learning_rate=100.0))
