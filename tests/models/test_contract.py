"""What every model keeps to, on the checkerboard, where the right answer is known: even users like even movies."""

from dataclasses import replace

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.data.types import Doubles, Floats, freeze
from reelwise.errors import ModelError, UsageError
from reelwise.models.base import Estimator, RatingPredictor
from reelwise.models.queries import STRANGER, Queries
from reelwise.models.registry import MODELS, model_class
from support.models.checkerboard import checkerboard
from support.models.memory_store import MemoryStore
from support.models.small_models import IMPERSONAL, new_model

RATINGS = checkerboard(users=60, movies=50, share=0.6)
USERS, MOVIES = len(RATINGS.users), len(RATINGS.movies)
TIMES = np.arange(len(RATINGS)) * 86_400_000_000  # a rating each day
TRAIN = replace(RATINGS.interactions(), shape=(USERS + 1, MOVIES + 1), times=TIMES)  # the last of each has no ratings
freeze(TRAIN.users, TRAIN.movies, TRAIN.stars)

each_model = pytest.mark.parametrize("name", MODELS)
each_personal_model = pytest.mark.parametrize("name", [name for name in MODELS if name not in IMPERSONAL])


@pytest.fixture(scope="module")
def fitted() -> dict[str, Estimator]:
    """Every model, fitted to the board."""
    return {name: new_model(name).fit(TRAIN) for name in MODELS}


def histories_of(*histories: list[int]) -> CSR:
    """People who love these movies, by row."""
    rows = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
    movies = np.array([movie for history in histories for movie in history], np.int32)
    return CSR.grouped(rows, movies, np.full(len(movies), 5, np.float32), len(histories))


KNOWN = Queries.of_users(np.arange(USERS))
STRANGERS = Queries.of_strangers(histories_of([0, 4, 10], [1, 5, 11], [7, 3], [2, 8], [0, 2, 4, 6, 8, 12, 14]))
NOBODY_KNOWS = Queries(np.array([STRANGER, USERS], np.int32), histories_of([], []))
EVERYBODY = Queries(
    np.concatenate([KNOWN.users, STRANGERS.users, NOBODY_KNOWS.users]),
    CSR.grouped(STRANGERS.histories.row_numbers() + USERS, STRANGERS.histories.indices, STRANGERS.histories.stars,
                USERS + len(STRANGERS) + 2),
)  # fmt: skip


def best_colours(scores: Floats, histories: CSR) -> Doubles:
    """The share of odd rows among the best three movies that are not in the history; shape (queries,)."""
    scores = np.where(histories.indicators(scores.shape[1]) > 0, -np.inf, scores)
    odd: Doubles = (np.argsort(-scores, axis=1)[:, :3] % 2).mean(axis=1)
    return odd


@each_model
def test_fitting_returns_the_model_and_forgets_what_it_was_fitted_to_before(
    name: str, fitted: dict[str, Estimator]
) -> None:
    model = new_model(name)
    others = TRAIN.with_stars(6 - TRAIN.stars)
    assert model.fit(others) is model
    assert model.score(EVERYBODY).shape == (len(EVERYBODY), MOVIES + 1)
    np.testing.assert_array_equal(model.fit(TRAIN).score(EVERYBODY), fitted[name].score(EVERYBODY))


@each_model
def test_fitting_leaves_the_ratings_as_they_are(name: str) -> None:
    train = TRAIN.where(np.ones(len(TRAIN), np.bool_))
    new_model(name).fit(train)
    for part in ("users", "movies", "stars"):
        np.testing.assert_array_equal(getattr(train, part), getattr(TRAIN, part))


@each_model
def test_scores_are_finite_numbers_for_everybody(name: str, fitted: dict[str, Estimator]) -> None:
    scores = fitted[name].score(EVERYBODY)
    assert scores.dtype == np.float32
    assert scores.shape == (len(EVERYBODY), MOVIES + 1)
    assert np.isfinite(scores).all()


@each_model
def test_nobody_s_scores_depend_on_who_else_is_asked_for(name: str, fitted: dict[str, Estimator]) -> None:
    model = fitted[name]
    alone = [model.score(EVERYBODY.part(row, row + 1))[0] for row in range(len(EVERYBODY))]
    np.testing.assert_allclose(model.score(EVERYBODY), alone, rtol=1e-4, atol=1e-5)
    assert model.score(EVERYBODY.part(0, 0)).shape == (0, MOVIES + 1)


@each_personal_model
def test_known_users_get_their_own_colour_first(name: str, fitted: dict[str, Estimator]) -> None:
    odd = best_colours(fitted[name].score(KNOWN), RATINGS.by_user)
    np.testing.assert_array_equal(odd, np.arange(USERS) % 2)


@each_personal_model
def test_strangers_get_the_colour_of_their_history_first(name: str, fitted: dict[str, Estimator]) -> None:
    odd = best_colours(fitted[name].score(STRANGERS), STRANGERS.histories)
    assert odd.tolist() == [0, 1, 1, 0, 0]


@each_model
def test_what_is_saved_scores_as_before(name: str, fitted: dict[str, Estimator]) -> None:
    store, model = MemoryStore(), fitted[name]
    model.save_arrays(store)
    loaded = type(model)(model.config).load_arrays(store)
    assert loaded.config == model.config
    np.testing.assert_array_equal(loaded.score(EVERYBODY), model.score(EVERYBODY))
    if isinstance(model, RatingPredictor) and isinstance(loaded, RatingPredictor):
        rows = np.arange(MOVIES)
        np.testing.assert_array_equal(loaded.predict_rows(rows, rows), model.predict_rows(rows, rows))


@each_model
def test_what_was_never_saved_cannot_be_loaded(name: str) -> None:
    with pytest.raises(ModelError):
        new_model(name).load_arrays(MemoryStore())


@each_model
def test_predicted_stars_are_on_the_scale(name: str, fitted: dict[str, Estimator]) -> None:
    model = fitted[name]
    if not isinstance(model, RatingPredictor):
        return
    users, movies = np.mgrid[: USERS + 1, : MOVIES + 1].reshape(2, -1)
    stars = model.predict_rows(users, movies)
    assert stars.dtype == np.float32
    assert stars.shape == users.shape
    assert TRAIN.scale.low <= stars.min() < stars.max() <= TRAIN.scale.high


@each_model
def test_a_model_is_found_by_its_name_in_any_case(name: str) -> None:
    assert model_class(name.upper()) is model_class(name)
    assert model_class(name).name == name


def test_unknown_names_are_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"there is no model 'SVD'; choose one of matrix-factorization, .*EASE"):
        model_class("SVD")
