"""Arrays on disk: plain `.npy`, little-endian, memory-mapped, never unpickled."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise.errors import ModelError


def write_array(path: Path, array: npt.NDArray[np.generic]) -> None:
    """Write `array` as little-endian, C-ordered `.npy`."""
    np.save(path, np.ascontiguousarray(array, array.dtype.newbyteorder("<")), allow_pickle=False)


def new_array(path: Path, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """A new `.npy` file of zeros as a memory-mapped array to be filled, which need not fit into memory."""
    if 0 in shape:  # nothing can be mapped
        write_array(path, np.zeros(shape, dtype))
        return np.zeros(shape, dtype)
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.dtype(dtype), shape=shape)


def read_array(path: Path, dtype: str, shape: tuple[int | None, ...]) -> npt.NDArray[np.generic]:
    """Memory-map the array in `path`, read-only.

    Args:
        path: the file.
        dtype: what it must hold, such as "<f4".
        shape: what it must measure; None where any length will do.

    Raises:
        ModelError: naming the file and what is wrong with it.
    """
    array = map_array(path)
    if array.dtype != np.dtype(dtype):
        raise ModelError(f"{path}: holds {array.dtype.str}, expected {dtype}")
    fits = array.ndim == len(shape) and all(want in (None, have) for want, have in zip(shape, array.shape, strict=True))
    if not fits or not array.flags.c_contiguous:
        wanted = " x ".join("any" if want is None else str(want) for want in shape)
        raise ModelError(f"{path}: measures {measures(array)}, expected {wanted}, in C order")
    return array.view(np.ndarray)  # mapped all the same, but indexed without memmap's own bookkeeping


def map_array(path: Path) -> "np.memmap[Any, np.dtype[np.generic]]":
    """Memory-map whatever array is in `path`, read-only; Python objects are never read.

    Raises:
        ModelError: if there is none, or the file is longer or shorter than its header says.
    """
    if not path.is_file():
        raise ModelError(f"{path}: this file of the model is missing")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # NumPy warns where a header has to be guessed at
            array = np.lib.format.open_memmap(path, mode="r")
    except Exception as error:  # noqa: BLE001 - NumPy lets many kinds out, MemoryError and TokenError among them
        raise ModelError(f"{path}: not a readable .npy array ({_short(error)})") from None
    if path.stat().st_size != array.offset + array.nbytes:
        raise ModelError(f"{path}: {path.stat().st_size} bytes long, expected {array.offset + array.nbytes}")
    return array


def measures(array: npt.NDArray[np.generic]) -> str:
    """The shape of an array, for people."""
    return " x ".join(map(str, array.shape))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
