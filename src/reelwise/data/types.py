"""The types of arrays, named once for the whole project."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
"""Rows of users or of movies, as they are stored."""

Rows = npt.NDArray[np.integer]
"""Rows of users or of movies, of whatever width."""

Positions = npt.NDArray[np.intp]
Offsets = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int64]
Times = npt.NDArray[np.int64]
"""Moments in microseconds since 1970, UTC."""

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

Stars = Floats
"""Stars on the data set's own scale."""


def freeze(*arrays: npt.NDArray[np.generic]) -> None:
    """Make arrays read-only, so that what several share is not changed by accident."""
    for array in arrays:
        array.flags.writeable = False
