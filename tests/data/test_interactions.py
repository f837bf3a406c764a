"""How many ratings there are of each number of stars."""

import numpy as np
import pytest

from reelwise.data import interactions
from reelwise.data.interactions import MOVIELENS_SCALE, Histogram, RatingScale


def histogram(stars: list[float], scale: RatingScale = MOVIELENS_SCALE) -> Histogram:
    return scale.histogram(np.array(stars, np.float32))


def test_stars_come_from_few_to_many_and_those_that_nobody_gave_are_left_out() -> None:
    assert histogram([5, 0.5, 4, 4, 4.5]) == [(0.5, 1), (4.0, 2), (4.5, 1), (5.0, 1)]
    assert histogram([]) == []


def test_stars_between_two_steps_count_for_the_nearer_one() -> None:
    assert histogram([3.9, 4.1, 4.3]) == [(4.0, 2), (4.5, 1)]


def test_a_wide_scale_has_few_bars() -> None:
    found = histogram(np.linspace(-10, 10, 201).tolist(), RatingScale(-10, 10))
    assert [stars for stars, _ in found] == list(range(-10, 11))
    assert sum(count for _, count in found) == 201


def test_parts_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stars = np.random.default_rng(0).integers(1, 11, 1000) / 2
    whole = histogram(stars.tolist())
    monkeypatch.setattr(interactions, "_CHUNK", 7)
    assert histogram(stars.tolist()) == whole
    assert whole == [(value, int((stars == value).sum())) for value in np.unique(stars).tolist()]
