"""Late likes count, old ones hardly or less; what is late is told by the data."""

from dataclasses import replace

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.errors import UsageError
from reelwise.models.base import Estimator
from reelwise.models.baselines.popular_lately import PopularDecayed, PopularLately
from reelwise.models.queries import Queries

DAY = 86_400_000_000
LIKES = [(0, 40), (0, 30), (0, 20), (0, 15), (1, 4), (1, 2), (2, 100), (3, 1), (3, 0)]  # movie, days ago
TRAIN = Interactions(
    np.arange(len(LIKES), dtype=np.int32),
    np.array([movie for movie, _ in LIKES], np.int32),
    np.array([5] * (len(LIKES) - 2) + [1, 1], np.float32),  # nobody likes the last movie
    (len(LIKES), 4),
    times=np.array([1_000 * DAY - days * DAY for _, days in LIKES]),
)


def order(model: Estimator) -> list[int]:
    scores = model.score(Queries.of_strangers(CSR.empty(1)))[0]
    return [int(movie) for movie in np.argsort(-scores, kind="stable")]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (PopularLately(days=7), [1, 0, 2, 3]),  # of those that nobody liked lately, the one with more likes comes first
        (PopularLately(days=365), [0, 1, 2, 3]),
        (PopularDecayed(half_life=7), [1, 0, 2, 3]),
        (PopularDecayed(half_life=1000), [0, 1, 2, 3]),
    ],
)
def test_late_likes_lead(model: Estimator, expected: list[int]) -> None:
    assert order(model.fit(TRAIN)) == expected


def test_a_like_counts_half_after_the_half_life() -> None:
    likes = PopularDecayed(half_life=2).fit(TRAIN).likes
    assert likes[1] == pytest.approx(2**-2 + 2**-1)


@pytest.mark.parametrize("model", [PopularLately(), PopularDecayed()])
def test_ratings_without_times_are_refused(model: Estimator) -> None:
    with pytest.raises(UsageError, match="have no times"):
        model.fit(replace(TRAIN, times=None))


def test_no_time_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="half_life is 0"):
        PopularDecayed(half_life=0)
    with pytest.raises(UsageError, match="days is 0"):
        PopularLately(days=0)
