import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from reelwise.recommend.explanations import Contribution, explain

NUMBERS = st.floats(-2, 2, width=32)


def explained(
    embedding: np.ndarray, without: np.ndarray, contributors: np.ndarray, films: np.ndarray
) -> list[tuple[Contribution, ...]]:
    """The explanations of films by products with an embedding, and with what it would be without each contributor."""
    scores = films @ embedding
    return explain(scores, scores[:, None] - films @ without.T, contributors)


def test_the_share_is_how_much_the_score_falls_without_the_contributor() -> None:
    embedding = np.array([1.0, 1.0], np.float32)
    without = np.array([[0.5, 1.0], [1.0, 0.8]], np.float32)
    films = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [-1.0, 0.0]], np.float32)
    first, second, both, unfit = explained(embedding, without, np.array([7, 9]), films)
    assert first == (Contribution(7, 0.5),)
    assert [(one.movie, round(one.share, 6)) for one in second] == [(9, 0.2)]
    assert [(one.movie, round(one.share, 6)) for one in both] == [(7, 0.25), (9, 0.1)]
    assert unfit == ()  # its score is negative


def test_a_contributor_without_which_the_score_rises_explains_nothing() -> None:
    embedding, films = np.array([1.0], np.float32), np.array([[1.0]], np.float32)
    assert explained(embedding, np.array([[2.0]], np.float32), np.array([7]), films) == [()]


def test_falls_larger_than_the_score_still_share_one_whole() -> None:
    embedding, films = np.array([1.0], np.float32), np.array([[1.0]], np.float32)
    (found,) = explained(embedding, np.array([[-2.0], [0.0]], np.float32), np.array([7, 8]), films)
    assert [one.movie for one in found] == [7, 8]
    assert [one.share for one in found] == [0.75, 0.25]


@given(
    npst.arrays(np.float32, 3, elements=NUMBERS),
    npst.arrays(np.float32, (5, 3), elements=NUMBERS),
    npst.arrays(np.float32, (4, 3), elements=NUMBERS),
)
def test_shares_are_positive_fall_and_sum_to_at_most_one(
    embedding: np.ndarray, without: np.ndarray, films: np.ndarray
) -> None:
    for found in explained(embedding, without, np.arange(5), films):
        shares = [one.share for one in found]
        assert all(share > 0 for share in shares)
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) <= 1 + 1e-5
        assert len(found) <= 3
