"""How many people rated each movie, and what they gave on average."""

import numpy as np
import pytest

from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ratings
from support.tiny_recommender import tiny_model


def test_counts_and_means_are_those_of_the_ratings() -> None:
    model = tiny_model()
    row = dict(zip(model.history.movie_ids.tolist(), range(6), strict=True))
    assert model.popularity[row[1]] == (2, 4.0)
    assert model.popularity[row[2571]] == (2, 4.25)
    assert model.popularity[row[7001]] == (1, 2.0)


def test_a_movie_that_nobody_rated_has_no_mean() -> None:
    ids, stars = np.array([5, 6]), np.array([4.0, 2.0], np.float32)
    rated = Ratings.from_columns(ids, np.array([10, 10]), stars, known_movies=np.array([9, 10, 11]))
    popularity = MovieStats.of(rated.by_movie)
    assert [popularity[row] for row in range(3)] == [(0, None), (2, 3.0), (0, None)]


def test_it_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        tiny_model().popularity.counts[0] = 9
