import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reelwise.data.interactions import Interactions
from reelwise.data.splitting import hold_out


def interactions(count: int) -> Interactions:
    numbers = np.arange(count, dtype=np.int32)
    return Interactions(numbers, numbers[::-1].copy(), numbers.astype(np.float32), (count, count))


@given(st.integers(0, 200), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_two_parts_that_share_nothing_and_leave_out_nothing(count: int, fraction: float, seed: int) -> None:
    kept, held_out = hold_out(interactions(count), fraction, seed)
    assert sorted([*kept.users, *held_out.users]) == list(range(count))
    assert len(held_out) == round(fraction * count)
    assert (np.diff(kept.users) > 0).all()
    assert kept.shape == held_out.shape == (count, count)


def test_the_seed_decides() -> None:
    first, again, other = (hold_out(interactions(1000), 0.1, seed)[1].users.tolist() for seed in (1, 1, 2))
    assert first == again != other
