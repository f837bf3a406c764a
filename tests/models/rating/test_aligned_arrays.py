import numpy as np
import pytest

from reelwise.models.rating.aligned_arrays import allocate_aligned


@pytest.mark.parametrize(("rows", "k"), [(0, 4), (1, 1), (7, 3), (1000, 64)])
def test_rooms_begin_on_a_cache_line(rows: int, k: int) -> None:
    room = allocate_aligned(rows, k)
    assert room.shape == (rows, k)
    assert room.dtype == np.float32
    assert room.ctypes.data % 64 == 0 or rows == 0
    room[...] = 5
    assert (room == 5).all()
