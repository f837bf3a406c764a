"""Arrays on disk: plain `.npy`, little-endian, memory-mapped, never unpickled."""

import math
import mmap
import os
import re
import stat
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from reelwise.errors import ModelError, ReelwiseError, describe_error
from reelwise.storage import open_files

_LARGE, _SHARE, _BLOCK = 64 << 20, 1000, 512  # bytes of a file that may be a hole; least share of it; of a block
LARGEST_FLOAT = 1e9
"""Floats lie between this and its negative: models learn far smaller ones, and products of larger ones overflow."""
POSITIVE = (1e-30, LARGEST_FLOAT)
"""The range of numbers that must be above zero, for `ArrayStore.read`."""
_MAGIC = b"\x93NUMPY"
_WIDTHS = {b"\x01\x00": 2, b"\x02\x00": 4, b"\x03\x00": 4}  # bytes of the length of a header, by version of the format
_LONGEST_HEADER = 10_000  # bytes
# As NumPy writes it for plain numbers and strings. It is not evaluated: parsing Python takes long
# for some texts, warns of others, and is not always safe beside other threads that do the same.
_HEADER = re.compile(
    rb"\{'descr': '([<>|][biufcSU][0-9]+)', 'fortran_order': (True|False), "
    rb"'shape': (\(\)|\([0-9]+,\)|\([0-9]+(?:, [0-9]+)+\)), \}\s*"
)


class ArrayStore(Protocol):
    """Where arrays are kept by name: a model folder, or a dict in memory."""

    def path(self, name: str) -> Path:
        """Where an array is, for messages."""

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Keep an array."""

    def read(
        self, name: str, dtype: str, shape: tuple[int | None, ...], within: tuple[float, float] | None = None
    ) -> npt.NDArray[Any]:
        """The array of that name, read-only; see `ArrayFolder.read`.

        Raises:
            ModelError: Raised when it is missing or invalid.
        """

    def __contains__(self, name: str) -> bool: ...


class ArrayFolder:
    """The arrays in a folder by name: `NAME.npy`.

    Args:
        folder: where they are.
        checked: whether all of their numbers have been checked already; otherwise `read` does it.
    """

    def __init__(self, folder: Path, *, checked: bool = False) -> None:
        self.folder, self.checked = folder, checked

    def path(self, name: str) -> Path:
        """The file of an array."""
        return self.folder / f"{name}.npy"

    def __contains__(self, name: str) -> bool:
        return self.path(name).exists()

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Write an array as little-endian, C-ordered `.npy`."""
        np.save(self.path(name), np.ascontiguousarray(array, array.dtype.newbyteorder("<")), allow_pickle=False)

    def create(self, name: str, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """A new file of zeros as a memory-mapped array to be filled, which need not fit into memory."""
        if 0 in shape:  # nothing can be mapped
            empty = np.zeros(shape, dtype)
            self.write(name, empty)
            return empty
        return np.lib.format.open_memmap(self.path(name), mode="w+", dtype=np.dtype(dtype), shape=shape)

    def read(
        self, name: str, dtype: str, shape: tuple[int | None, ...], within: tuple[float, float] | None = None
    ) -> npt.NDArray[Any]:
        """Memory-map an array, read-only; floats are finite, and so small that products of them are, too.

        Args:
            name: of the array.
            dtype: of its values, such as "<f4", or "S" for strings of any length.
            shape: of the array; None where any length will do.
            within: the least and the greatest number that it may hold.

        Raises:
            ModelError: Raised when it is missing or does not fit; it names the file and what is wrong.
        """
        path = self.path(name)
        array = map_array(path)
        if array.dtype != np.dtype(dtype) and not (dtype == "S" and array.dtype.kind == "S"):
            raise ModelError(f"{path}: holds {array.dtype.str}, expected {dtype}")
        fits = array.ndim == len(shape) and all(
            want in (None, have) for want, have in zip(shape, array.shape, strict=True)
        )
        if not fits or not array.flags.c_contiguous:
            wanted = " x ".join("any" if want is None else str(want) for want in shape)
            raise ModelError(f"{path}: measures {format_shape(array)}, expected {wanted}, in C order")
        if array.size and (within or array.dtype.kind == "f") and not self.checked:
            least, greatest = float(array.min()), float(array.max())  # both are NaN if anything is
            if not np.isfinite([least, greatest]).all():
                raise ModelError(f"{path}: holds a value that is not a finite number")
            within = within or (-LARGEST_FLOAT, LARGEST_FLOAT)
            if not within[0] <= least <= greatest <= within[1]:
                raise ModelError(f"{path}: holds {least:g} to {greatest:g}, expected {within[0]:g} to {within[1]:g}")
        return array


class StreamedFolder(ArrayFolder):
    """A folder into which some arrays were streamed, see `create`; writing leaves these as they are."""

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Write an array that is not there yet."""
        if name not in self:
            super().write(name, array)


def require_regular(path: Path, largest: int | None = None) -> None:
    """Refuse a file that is missing or empty, too long, a pipe, a device, or a hole.

    Raises:
        ModelError: Raised when it is one of these.
    """
    status = get_status(path, ModelError, "this file is missing")
    if not stat.S_ISREG(status.st_mode):
        raise ModelError(f"{path}: not a regular file")
    if status.st_size == 0:  # or generated by the system, and perhaps endless
        raise ModelError(f"{path}: this file is empty")
    if largest is not None and status.st_size > largest:
        raise ModelError(f"{path}: {status.st_size:,} bytes long, at most {largest:,} are read")
    if is_hole(status):
        raise ModelError(f"{path}: {status.st_size:,} bytes long, but nearly all of them are missing; fetch it again")


def get_status(path: Path, refusal: type[ReelwiseError], missing: str) -> os.stat_result:
    """The status of a file.

    Args:
        path: of the file.
        refusal: the error for a file that is missing or cannot be examined.
        missing: the message for one that is missing.

    Raises:
        ReelwiseError: Raised when it has no status.
    """
    try:
        return path.stat()
    except FileNotFoundError:
        raise refusal(f"{path}: {missing}") from None
    except OSError as error:
        raise refusal(f"{path}: cannot be read ({error.strerror})") from None


def is_hole(status: os.stat_result) -> bool:
    """Whether a long file has next to no blocks on the disk; to read it would take hours all the same."""
    kept = _BLOCK * getattr(status, "st_blocks", status.st_size)
    return status.st_size > _LARGE and _SHARE * kept < status.st_size


def map_array(path: Path) -> npt.NDArray[Any]:
    """Memory-map the array in `path`, read-only; Python objects are never read.

    Where a mapped file could not be replaced, it is read as a whole.

    Raises:
        ModelError: Raised when it is not an array, or is longer or shorter than its header says.
    """
    require_regular(path)
    try:
        with path.open("rb") as file:
            shape, is_fortran, dtype = _read_header(file)
            start = file.tell()
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        expected = start + math.prod(shape) * dtype.itemsize
        if len(mapped) == expected:
            array = np.ndarray(shape, dtype, mapped, start, order="F" if is_fortran else "C")
    except Exception as error:  # noqa: BLE001 - NumPy and the system let many kinds out
        raise ModelError(f"{path}: not a readable .npy array ({describe_error(error, 100)})") from None
    if len(mapped) != expected:
        raise ModelError(f"{path}: {len(mapped)} bytes long, expected {expected}")
    return array if open_files.CAN_BE_REPLACED else _copy(array)


def check_offsets(path: Path, offsets: npt.NDArray[np.int64], end: int) -> None:
    """Refuse offsets that do not ascend from 0 to `end`.

    Raises:
        ModelError: Raised when they do not.
    """
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != end or (offsets[1:] < offsets[:-1]).any():
        raise ModelError(f"{path}: the offsets do not ascend from 0 to {end}")


def check_ascending(path: Path, numbers: npt.NDArray[np.integer], end: int) -> None:
    """Refuse numbers that do not ascend within 0 to `end` - 1, or are none at all.

    Raises:
        ModelError: Raised when they do not.
    """
    if len(numbers) == 0 or numbers[0] < 0 or numbers[-1] >= end or (numbers[1:] <= numbers[:-1]).any():
        raise ModelError(f"{path}: must hold ascending numbers from 0 to {end - 1}")


def _read_header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """The shape of an array, whether it is in Fortran order, and its dtype.

    Raises:
        ValueError: Raised when the header is not as NumPy writes it.
    """
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("it does not begin like one")
    width = _WIDTHS.get(file.read(2))
    if width is None:
        raise ValueError("it is of an unknown version of the format")
    length = int.from_bytes(file.read(width), "little")
    if length > _LONGEST_HEADER:
        raise ValueError("its header is too long")
    header = _HEADER.fullmatch(file.read(length))
    if header is None:
        raise ValueError("its header is not that of an array of numbers or strings")
    dtype, is_fortran, shape = (part.decode() for part in header.groups())
    return tuple(map(int, re.findall("[0-9]+", shape))), is_fortran == "True", np.dtype(dtype)


def _copy(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array in memory of its own, in the same order, read-only."""
    copied = np.array(array)
    copied.flags.writeable = False
    return copied


def format_shape(array: npt.NDArray[np.generic]) -> str:
    """The shape of an array, for people."""
    return " x ".join(map(str, array.shape))
