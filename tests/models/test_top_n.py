import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reelwise.models.top_n import LOWEST, nth_highest, top_n

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
    assert nth_highest(scores, n) == (counted[n - 1] if n <= len(counted) else LOWEST)
