import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reelwise.models.top_n import top_n

SCORES = st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0, 3.0]) | st.floats(-9, 9, width=32), min_size=1, max_size=40)


@given(SCORES, st.integers(1, 50), st.sets(st.integers(0, 39)))
def test_it_is_the_head_of_the_whole_order(scores: list[float], n: int, excluded: set[int]) -> None:
    excluded &= set(range(len(scores)))
    order = sorted(set(range(len(scores))) - excluded, key=lambda row: (-scores[row], row))
    found = top_n(np.array(scores, np.float32), n, np.array(sorted(excluded), np.int64))
    assert found.tolist() == order[:n]
