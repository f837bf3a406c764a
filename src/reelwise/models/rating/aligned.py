"""Arrays where a processor likes them."""

import numpy as np

from reelwise.models.kernels import Floats

_CACHE_LINE = 64  # bytes


def aligned(rows: int, k: int) -> Floats:
    """Room for float32 of shape (rows, k) that begins where a cache line does.

    Elsewhere every second vector instruction would touch two lines. Its content is arbitrary.
    """
    room = np.empty(rows * k * 4 + _CACHE_LINE, np.uint8)
    start = -room.ctypes.data % _CACHE_LINE
    return room[start : start + rows * k * 4].view(np.float32).reshape(rows, k)
