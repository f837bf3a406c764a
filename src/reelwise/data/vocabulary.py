"""Ids and rows: outside there are ids, inside there are rows, and they meet here.

Ids are whole numbers from 0, or strings. A vocabulary has one kind. Strings are kept as UTF-8 in an array of fixed
width, so that a vocabulary of either kind is one plain array that can be mapped from a file.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from reelwise.data.types import Indices, Rows, freeze

Id = int | str
"""A user's or a movie's name in the data set."""

IdArray = npt.NDArray[Any]
"""Ids as int64, or as UTF-8 in a NumPy array of bytes."""

LARGEST_ID = 2**31 - 1
LONGEST_ID = 128  # characters


class Vocabulary:
    """The ids of all users, or of all movies, ascending; an id's place is its row.

    Args:
        ids: int64, or UTF-8 as a NumPy array of bytes; ascending and distinct.
    """

    def __init__(self, ids: IdArray) -> None:
        freeze(ids)
        self.ids = ids

    @classmethod
    def of(cls, ids: "Iterable[Id] | IdArray") -> Self:
        """The vocabulary of these ids, in any order and repeated as they may be.

        Raises:
            ValueError: Raised when ids are of both kinds, negative, empty, or too long.
        """
        return cls(distinct(as_array(ids)))

    @property
    def are_numbers(self) -> bool:
        """Whether ids are whole numbers."""
        return self.ids.dtype.kind != "S"

    def __len__(self) -> int:
        return len(self.ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and np.array_equal(self.ids, other.ids)

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[Id]:
        return iter(self.at(slice(None)))

    def __contains__(self, one: object) -> bool:
        return self.row(one) is not None

    def __getitem__(self, row: int) -> Id:
        """The id in that row."""
        found = self.ids[row]
        return found.decode() if isinstance(found, bytes) else int(found)

    def at(self, rows: "Rows | slice") -> list[Any]:
        """The ids in those rows."""
        found: list[Any] = self.ids[rows].tolist()
        return found if self.are_numbers else [one.decode() for one in found]

    def row(self, one: object) -> int | None:
        """The row of an id; None where there is none of that value and kind."""
        key: Any = one
        if self.are_numbers:
            if isinstance(one, bool) or not isinstance(one, int | np.integer) or not 0 <= one < 2**63:
                return None
        elif isinstance(one, str):
            key = one.encode(errors="replace")
            if key.endswith(b"\0"):  # NumPy does not tell them from shorter ones
                return None
        else:
            return None
        row = int(self.ids.searchsorted(key))  # the method takes half the time of the function
        return row if row < len(self.ids) and self.ids[row] == key else None

    def rows(self, wanted: IdArray) -> Indices:
        """The row of each id in an array of the same kind, -1 where there is none; int32, shaped as `wanted`."""
        ids = self.ids
        if len(ids) == 0:
            return np.full(len(wanted), -1, np.int32)
        if self.are_numbers and ids[-1] < 4 * len(wanted) + 1024:  # a table of all numbers is less work than searching
            first = int(ids[0] == 0)  # both ends of the table say -1, whatever lies beyond them
            table = np.full(int(ids[-1]) + 2 + first, -1, np.int32)
            table[ids + first] = np.arange(len(ids), dtype=np.int32)
            return table.take(wanted + first if first else wanted, mode="clip")
        rows = np.searchsorted(ids, wanted)
        rows[rows == len(ids)] = 0
        return np.where(ids[rows] == wanted, rows, -1).astype(np.int32)


def as_array(ids: "Iterable[Id] | IdArray") -> IdArray:
    """Ids as an array of int64, or of UTF-8 bytes.

    Raises:
        ValueError: Raised when ids are of both kinds, negative, empty, or too long.
    """
    if isinstance(ids, np.ndarray):
        if ids.dtype.kind in "iu":
            return _checked_numbers(ids.astype(np.int64, copy=False))
        if ids.dtype.kind == "S":
            return ids
    listed: Sequence[Any] = list(ids)
    if all(isinstance(one, int | np.integer) and not isinstance(one, bool) for one in listed):
        return _checked_numbers(np.array(listed, np.int64))
    wrong = next((one for one in listed if not _is_string_id(one)), None)
    if wrong is not None:
        raise ValueError(f"{wrong!r} is no id among strings; expected 1 to {LONGEST_ID} characters")
    return np.array([one.encode() for one in listed], np.bytes_)


def distinct(ids: IdArray) -> IdArray:
    """The ids that occur, ascending."""
    if ids.dtype.kind == "S":
        return np.unique(ids)
    if len(ids) and ids.max() < 4 * len(ids) + 1024:
        return np.flatnonzero(np.bincount(ids)).astype(np.int64)
    return np.unique(ids).astype(np.int64)


def _checked_numbers(ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    if len(ids) and ids.min() < 0:
        raise ValueError(f"{int(ids.min())} is no id; whole numbers start at 0")
    return ids


def _is_string_id(one: object) -> bool:
    return isinstance(one, str) and 0 < len(one) <= LONGEST_ID and "\0" not in one
