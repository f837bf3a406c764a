import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reelwise.models.top_n import LOWEST, n_reach, nth_highest, top_n

SCORES = st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0, 3.0]) | st.floats(-9, 9, width=32), min_size=1, max_size=40)


@given(SCORES, st.integers(1, 50), st.sets(st.integers(0, 39)))
def test_it_is_the_head_of_the_whole_order(scores: list[float], n: int, excluded: set[int]) -> None:
    excluded &= set(range(len(scores)))
    order = sorted(set(range(len(scores))) - excluded, key=lambda row: (-scores[row], row))
    found = top_n(np.array(scores, np.float32), n, np.array(sorted(excluded), np.int64))
    assert found.tolist() == order[:n]


@given(st.integers(1, 5000), st.integers(1, 60), st.integers(1, 10_000), st.floats(0, 1), st.integers(0, 99))
def test_the_nth_highest_is_that_of_the_whole_order(size: int, n: int, kinds: int, left: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(-kinds, kinds, size).astype(np.float32)
    scores[rng.random(size) >= left] = -np.inf
    counted = np.sort(scores[np.isfinite(scores)])[::-1]
    highest = counted[n - 1] if n <= len(counted) else LOWEST
    assert nth_highest(scores, n) == highest
    assert n_reach(scores, n) <= highest
    assert n_reach(scores, n) == LOWEST or np.count_nonzero(scores >= n_reach(scores, n)) >= n


def test_not_many_more_than_n_reach_it() -> None:
    scores = np.random.default_rng(0).normal(size=(50, 4000)).astype(np.float32)
    reaching = [np.count_nonzero(of_one >= n_reach(of_one, 30)) for of_one in scores]
    assert 30 <= np.mean(reaching) < 36
