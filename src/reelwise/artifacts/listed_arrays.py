"""The arrays of a model folder that belong to the model; what else lies beside them is left unread."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy.typing as npt

from reelwise.errors import ModelError
from reelwise.storage.arrays import ArrayFolder


class ListedArrays(ArrayFolder):
    """The arrays of a folder whose files are listed.

    Args:
        folder: where they are.
        listed: the names of the files, such as `map.npy`; empty where all that are there belong to it.
        checked: whether all of their numbers have been looked at; else `read` does it.
    """

    def __init__(self, folder: Path, listed: Collection[str], *, checked: bool = False) -> None:
        super().__init__(folder, checked=checked)
        self._listed = listed

    def __contains__(self, name: str) -> bool:
        return self.path(name).name in self._listed if self._listed else super().__contains__(name)

    def read(
        self, name: str, dtype: str, shape: tuple[int | None, ...], within: tuple[float, float] | None = None
    ) -> npt.NDArray[Any]:
        """Memory-map an array as `ArrayFolder` does, unless it is not listed."""
        if self._listed and name not in self:
            raise ModelError(f"{self.path(name)}: config.json does not list this file; fetch or train the model again")
        return super().read(name, dtype, shape, within)
