import numpy as np
import pytest

from reelwise.data.interactions import RatingScale
from reelwise.data.likes import five_stars, is_like, least_like


@pytest.mark.parametrize(
    ("scale", "stars", "liked"),
    [
        (RatingScale(0.5, 5), [0.5, 3.5, 4, 5], [False, False, True, True]),
        (RatingScale(1, 5), [1, 3, 4, 5], [False, False, True, True]),
        (RatingScale(1, 10), [1, 7, 8, 10], [False, False, True, True]),
        (RatingScale(-10, 10), [-10, 5, 6, 10], [False, False, True, True]),
    ],
)
def test_a_like_is_four_out_of_five_on_any_scale(scale: RatingScale, stars: list[float], liked: list[bool]) -> None:
    given = np.array(stars, np.float32)
    assert is_like(given, scale).tolist() == liked
    assert [star >= least_like(scale) for star in stars] == liked


def test_movielens_stars_stay_as_they_are() -> None:
    given = np.array([0.5, 2, 4.5], np.float32)
    assert five_stars(given, RatingScale(0.5, 5)).tolist() == given.tolist()
