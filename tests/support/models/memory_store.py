"""A store of arrays in memory, as strict as a model folder."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise.data.types import freeze
from reelwise.errors import ModelError


class MemoryStore(dict[str, npt.NDArray[Any]]):
    """Arrays by name."""

    def path(self, name: str) -> Path:
        """Its name, for messages."""
        return Path(name)

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Keep a read-only copy."""
        self[name] = np.array(array)
        freeze(self[name])

    def read(
        self, name: str, dtype: str, shape: tuple[int | None, ...], within: tuple[float, float] | None = None
    ) -> npt.NDArray[Any]:
        """The array, if it has this type, measures that, and holds no other numbers."""
        if name not in self:
            raise ModelError(f"{name} is missing")
        array = self[name]
        fits = len(shape) == array.ndim and all(map(lambda want, have: want in (None, have), shape, array.shape))
        if array.dtype != np.dtype(dtype) or not fits:
            raise ModelError(f"{name}: {array.dtype.str} {array.shape}, expected {dtype} {shape}")
        if within and array.size and not within[0] <= array.min() <= array.max() <= within[1]:
            raise ModelError(f"{name}: holds {array.min()} to {array.max()}, expected {within}")
        return array
