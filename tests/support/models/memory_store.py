"""A store of arrays in memory, as strict as a model folder."""

from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise.data.types import freeze
from reelwise.errors import ModelError


class MemoryStore(dict[str, npt.NDArray[Any]]):
    """Arrays by name."""

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Keep a read-only copy."""
        self[name] = np.array(array)
        freeze(self[name])

    def read(self, name: str, dtype: str, shape: tuple[int | None, ...]) -> npt.NDArray[Any]:
        """The array, if it has this type and measures that."""
        if name not in self:
            raise ModelError(f"{name} is missing")
        array = self[name]
        fits = len(shape) == array.ndim and all(map(lambda want, have: want in (None, have), shape, array.shape))
        if array.dtype != np.dtype(dtype) or not fits:
            raise ModelError(f"{name}: {array.dtype.str} {array.shape}, expected {dtype} {shape}")
        return array
