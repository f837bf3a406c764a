"""How many ratings there are of each number of stars."""

import numpy as np
import pytest

from reelwise.data.interactions import RatingScale
from reelwise.data.ratings import Ratings
from reelwise.recommend.discovery import stars_histogram as module
from reelwise.recommend.discovery.stars_histogram import stars_histogram
from support.tiny_recommender import tiny_recommender


def ratings(stars: list[float], low: float = 0.5, high: float = 5.0) -> Ratings:
    ids = np.arange(1, len(stars) + 1, dtype=np.int64)
    return Ratings.from_columns(ids, ids, np.array(stars, np.float32), scale=RatingScale(low, high))


def test_stars_come_from_few_to_many_and_those_that_nobody_gave_are_left_out() -> None:
    assert stars_histogram(ratings([5, 0.5, 4, 4, 4.5])) == [(0.5, 1), (4.0, 2), (4.5, 1), (5.0, 1)]


def test_stars_between_two_steps_count_for_the_nearer_one() -> None:
    assert stars_histogram(ratings([3.9, 4.1, 4.3])) == [(4.0, 2), (4.5, 1)]


def test_a_wide_scale_has_few_bars() -> None:
    found = stars_histogram(ratings(np.linspace(-10, 10, 201).tolist(), -10, 10))
    assert [stars for stars, _ in found] == list(range(-10, 11))
    assert sum(count for _, count in found) == 201


def test_parts_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stars = np.random.default_rng(0).integers(1, 11, 1000) / 2
    whole = stars_histogram(ratings(stars.tolist()))
    monkeypatch.setattr(module, "_CHUNK", 7)
    assert stars_histogram(ratings(stars.tolist())) == whole
    assert whole == [(value, int((stars == value).sum())) for value in np.unique(stars).tolist()]


def test_no_ratings_have_no_histogram() -> None:
    assert stars_histogram(ratings([])) == []
    assert sum(count for _, count in tiny_recommender().service.stars_histogram) == 8
