"""A row is shrunk by a law of its own number of ratings, however large the rest of the data are."""

import numpy as np
import pytest

from reelwise.data.interactions import Interactions
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.penalties import penalties_for


def ratings(users: list[int], movies: list[int], shape: tuple[int, int]) -> Interactions:
    return Interactions(np.array(users, np.int32), np.array(movies, np.int32), np.ones(len(users), np.float32), shape)


def test_weights_fall_with_the_root_of_a_row_s_ratings() -> None:
    config = MatrixFactorizationConfig(user_regularisation=0.8, movie_regularisation=2.5, bias_damping=5.0)
    found = penalties_for(ratings([0, 0, 0, 0, 1], [0, 1, 2, 3, 0], (3, 5)), config)
    assert found.user.tolist() == pytest.approx([0.4, 0.8, 0.8])  # the last user and the last movie have no ratings
    assert found.movie.tolist() == pytest.approx([2.5 / 2**0.5, 2.5, 2.5, 2.5, 2.5])
    assert found.user_bias.tolist() == pytest.approx([1.25, 5.0, 5.0])
    assert {array.dtype for array in found} == {np.dtype(np.float32)}


def test_what_others_rate_changes_nothing() -> None:
    config, users, movies = MatrixFactorizationConfig(), [0, 0, 1], [0, 1, 1]
    small = penalties_for(ratings(users, movies, (2, 2)), config)
    large = penalties_for(ratings(users + [2] * 50, [*movies, *range(2, 52)], (3, 52)), config)
    np.testing.assert_array_equal(large.user[:2], small.user)
    np.testing.assert_array_equal(large.movie[:2], small.movie)
