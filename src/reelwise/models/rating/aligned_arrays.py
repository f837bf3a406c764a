"""Arrays whose rows begin where a cache line does."""

import numpy as np

from reelwise.data.types import Floats

_CACHE_LINE = 64  # bytes


def allocate_aligned(rows: int, k: int) -> Floats:
    """Room for float32 of shape (rows, k) that begins at a cache line; its content is arbitrary.

    Elsewhere every second vector instruction would touch two lines.
    """
    room = np.empty(rows * k * 4 + _CACHE_LINE, np.uint8)
    start = -room.ctypes.data % _CACHE_LINE
    return room[start : start + rows * k * 4].view(np.float32).reshape(rows, k)
