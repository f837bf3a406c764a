import numpy as np
import pytest

from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ratings
from reelwise.data.vocabulary import Vocabulary

RATED = Ratings.from_columns(
    *(np.array([5, 6, 6]), np.array([10, 10, 12]), np.array([4.0, 2.0, 0.5], np.float32)),
    movies=Vocabulary.of([9, 10, 12, 13]),
)


def test_counts_and_means_are_those_of_the_ratings_and_none_have_no_mean() -> None:
    stats = MovieStats.measure(RATED.by_movie)
    assert [stats[row] for row in range(4)] == [(0, None), (2, 3.0), (1, 0.5), (0, None)]
    assert stats.means.tolist() == [0, 3, 0.5, 0]


def test_many_movies_are_measured_a_block_at_a_time() -> None:
    rng = np.random.default_rng(0)
    columns = rng.integers(0, 9, 8000), rng.integers(0, 3000, 8000), rng.integers(1, 6, 8000).astype(np.float32)
    by_movie = Ratings.from_columns(*columns).by_movie
    stats = MovieStats.measure(by_movie)
    assert stats.means == pytest.approx([by_movie[row][1].mean() for row in range(len(by_movie))])


def test_they_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        MovieStats.measure(RATED.by_movie).counts[0] = 9
