from dataclasses import replace

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.models.baselines.biases import Biases
from reelwise.models.queries import STRANGER, Queries
from support.models.checkerboard import DISLIKE, LOVE, checkerboard

RATINGS = checkerboard()
TRAIN = RATINGS.interactions()
USERS, MOVIES = TRAIN.shape


def test_by_hand() -> None:
    users, movies = np.array([0, 0, 1], np.int32), np.array([0, 1, 0], np.int32)
    model = Biases(damping=1.0).fit(Interactions(users, movies, np.array([5, 2, 5], np.float32), (3, 3)))
    assert model.mu == 4
    # movie 0: (1 + 1) / (2 + 1); movie 1: -2 / (1 + 1)
    np.testing.assert_allclose(model.movie_bias, [2 / 3, -1, 0])
    # user 0: (5 - 4 - 2/3 + 2 - 4 + 1) / (2 + 1); user 1: (5 - 4 - 2/3) / (1 + 1)
    np.testing.assert_allclose(model.user_bias, [-2 / 9, 1 / 6, 0], rtol=1e-6)
    predicted = model.predict_rows(np.array([1, 2, 0]), np.array([1, 2, 0]))
    np.testing.assert_allclose(predicted, [4 + 1 / 6 - 1, 4, 4 - 2 / 9 + 2 / 3], rtol=1e-6)


@pytest.mark.parametrize("strangers", [False, True])
def test_whoever_has_a_history_gets_the_stars_that_are_predicted_for_its_user(strangers: bool) -> None:
    model = Biases().fit(TRAIN)
    users = np.full(USERS, STRANGER, np.int32) if strangers else np.arange(USERS, dtype=np.int32)
    scores = model.score(Queries(users, RATINGS.by_user))
    predicted = model.predict_rows(TRAIN.users, TRAIN.movies)
    np.testing.assert_allclose(scores[TRAIN.users, TRAIN.movies].clip(0.5, 5), predicted, rtol=1e-5)
    np.testing.assert_allclose(model.score(Queries.of_users(np.arange(USERS))), scores, rtol=1e-6)


def test_a_stranger_without_history_is_as_generous_as_all() -> None:
    model = Biases().fit(TRAIN)
    np.testing.assert_allclose(model.score(Queries.of_strangers(CSR.empty(1)))[0], model.mu + model.movie_bias)


def test_predictions_keep_to_the_scale_without_damping_and_for_movies_that_nobody_rated() -> None:
    model = Biases(damping=0.0).fit(replace(TRAIN, shape=(USERS + 1, MOVIES + 1)))
    predicted = model.predict_rows(np.array([USERS, 0]), np.array([MOVIES, MOVIES]))
    assert predicted[0] == pytest.approx(RATINGS.mean_stars())
    assert DISLIKE <= predicted[1] <= LOVE
