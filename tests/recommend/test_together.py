import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.recommend.together import rank_together, scale_scores

ALL = np.ones(6, np.bool_)


def test_scores_are_measured_by_each_members_own_best() -> None:
    scores = np.array([[1, 2, 3, 4], [10, 20, 30, 40]], np.float32)
    assert scale_scores(scores) == pytest.approx(np.array([[0.4, 0.8, 1.2, 1.6]] * 2))
    many = np.arange(30, dtype=np.float32)[None]
    assert scale_scores(many)[0, -1] == pytest.approx(29 / 24.5)


def test_without_a_weight_for_the_worst_off_it_is_the_average() -> None:
    scores = np.array([[6, 5, 4, 3, 2, 1], [1, 2, 3, 4, 5, 6.6]], np.float32)
    average = scale_scores(scores).mean(axis=0)
    assert rank_together(scores, ALL, 6, worst_off=0).tolist() == np.argsort(-average, kind="stable").tolist()


def test_whoever_is_worst_off_is_next() -> None:
    # two like the first three films, one the last three; the average alone gives the one nothing
    scores = np.array([[9, 8, 7, 1, 1, 1], [9, 8, 7, 1, 1, 1], [1, 1, 1, 9, 8, 7]], np.float32)
    assert rank_together(scores, ALL, 3, worst_off=0).tolist() == [0, 1, 2]
    assert rank_together(scores, ALL, 3, worst_off=0.5).tolist() == [0, 3, 4]


def test_alone_it_is_ones_own_list_and_nothing_is_shown_that_may_not_be() -> None:
    scores = np.array([[0.1, 0.9, 0.5, 0.7, 0.3, 0.2]], np.float32)
    assert rank_together(scores, ALL, 3).tolist() == [1, 3, 2]
    allowed = np.array([True, False, True, False, True, True])
    assert rank_together(scores, allowed, 10).tolist() == [2, 4, 5, 0]
    assert rank_together(scores, np.zeros(6, np.bool_), 3).tolist() == []


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0.01, 100))
def test_the_size_of_a_members_scores_does_not_matter(seed: int, worst_off: float, factor: float) -> None:
    scores = np.random.default_rng(seed).random((3, 6), np.float32) + np.float32(0.1)
    larger = scores * np.array([[1], [2.0 ** round(np.log2(factor))], [1]], np.float32)
    assert rank_together(larger, ALL, 4, worst_off).tolist() == rank_together(scores, ALL, 4, worst_off).tolist()


def test_somebody_whom_nothing_suits_has_no_say() -> None:
    scores = np.array([[3, 1, 2, 0, 0, 0], [-1, -2, -9, -3, -1, -2]], np.float32)
    assert rank_together(scores, ALL, 4).tolist() == [0, 2, 1, 3]
