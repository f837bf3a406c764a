"""Arrays on disk: plain `.npy`, little-endian, memory-mapped, never unpickled."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from reelwise.errors import ModelError


def write_array(path: Path, array: npt.NDArray[np.generic]) -> None:
    """Write `array` as little-endian, C-ordered `.npy`."""
    np.save(path, np.ascontiguousarray(array, array.dtype.newbyteorder("<")), allow_pickle=False)


def read_array(path: Path, dtype: str, shape: tuple[int | None, ...]) -> npt.NDArray[np.generic]:
    """Memory-map the array in `path`, read-only.

    Args:
        path: the file.
        dtype: what it must hold, such as "<f4".
        shape: what it must measure; None where any length will do.

    Raises:
        ModelError: naming the file and what is wrong with it.
    """
    if not path.is_file():
        raise ModelError(f"{path}: this file of the model is missing")
    try:
        array = np.lib.format.open_memmap(path, mode="r")
    except (ValueError, EOFError, OSError, SyntaxError) as error:
        raise ModelError(f"{path}: not a readable .npy array ({_short(error)})") from None
    if array.dtype != np.dtype(dtype):
        raise ModelError(f"{path}: holds {array.dtype.str}, expected {dtype}")
    fits = array.ndim == len(shape) and all(want in (None, have) for want, have in zip(shape, array.shape, strict=True))
    if not fits or not array.flags.c_contiguous:
        wanted = " x ".join("any" if want is None else str(want) for want in shape)
        raise ModelError(f"{path}: measures {' x '.join(map(str, array.shape))}, expected {wanted}, in C order")
    if path.stat().st_size != array.offset + array.nbytes:
        raise ModelError(f"{path}: {path.stat().st_size} bytes long, expected {array.offset + array.nbytes}")
    return array.view(np.ndarray)  # mapped all the same, but indexed without memmap's own bookkeeping


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:100] if str(error) else type(error).__name__
