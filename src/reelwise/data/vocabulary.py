"""Ids and rows: outside there are ids, inside there are rows, and they meet here.

Ids are whole numbers from 0, or strings. Strings are kept as UTF-8 in an array of fixed width, so that a vocabulary is
one plain array that can be mapped from a file. A vocabulary of users may have both kinds, since some came with the data
and others later; then its numbers are written among the strings, behind a NUL, which no string holds.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self, TypeGuard

import numpy as np
import numpy.typing as npt

from reelwise.data.types import Indices, Rows, freeze
from reelwise.errors import ModelError
from reelwise.storage.arrays import ArrayFolder, map_array

Id = int | str
"""A user's or a movie's name in the data set."""

IdArray = npt.NDArray[Any]
"""Ids as int64, or as UTF-8 in a NumPy array of bytes."""

LARGEST_ID = 2**63 - 1
LONGEST_ID = 128  # characters
_WIDEST = 4 * LONGEST_ID  # bytes of UTF-8
_AT_ONCE = 65_536
_NOT_IN_IDS = re.compile("[\0\ud800-\udfff]")
_NUMBER, _DIGITS = b"\0", 19  # what a number begins with among strings, and its digits, so that they sort as numbers


class Vocabulary:
    """The ids of all users, or of all movies, ascending; an id's place is its row.

    Args:
        ids: int64, or UTF-8 as a NumPy array of bytes, see `among_strings`; ascending and distinct. Becomes read-only.
    """

    def __init__(self, ids: IdArray) -> None:
        freeze(ids)
        self.ids = ids
        self.of_both_kinds = bool(ids.dtype.kind == "S" and len(ids) and ids[0][:1] == _NUMBER)
        """Whether some ids are whole numbers and others are strings."""

    @classmethod
    def of(cls, ids: "Iterable[Id] | IdArray") -> Self:
        """The vocabulary of these ids, in any order and repeated as they may be.

        Raises:
            ValueError: Raised when ids are of both kinds, negative, empty, or too long.
        """
        return cls(distinct(as_array(ids)))

    @classmethod
    def load(cls, arrays: ArrayFolder, name: str) -> Self:
        """The ids in an array of a folder, mapped: whole numbers from 0, or strings; ascending.

        Raises:
            ModelError: Raised when they are invalid.
        """
        path = arrays.path(name)
        dtype = map_array(path).dtype
        if dtype.itemsize > _WIDEST:
            raise ModelError(f"{path}: holds ids of {dtype.itemsize:,} bytes, at most {_WIDEST} are read")
        ids = arrays.read(name, "S" if dtype.kind == "S" else "<i8", (None,))
        if len(ids) == 0 or not (ids[1:] > ids[:-1]).all() or (ids.dtype.kind == "i" and ids[0] < 0):
            raise ModelError(f"{path}: the ids do not ascend from 0 or more")
        if ids.dtype.kind == "S":
            _check_texts(path, ids)
        return cls(ids)

    @property
    def are_numbers(self) -> bool:
        """Whether all ids are whole numbers."""
        return self.ids.dtype.kind != "S"

    @property
    def has_numbers(self) -> bool:
        """Whether ids are whole numbers, some of them at least."""
        return self.are_numbers or self.of_both_kinds

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
        return _decode(found) if isinstance(found, bytes) else int(found)

    def at(self, rows: "Rows | slice") -> list[Any]:
        """The ids in those rows."""
        found: list[Any] = self.ids[rows].tolist()
        return found if self.are_numbers else [_decode(one) for one in found]

    def row(self, one: object) -> int | None:
        """The row of an id; None where there is none of that value and kind."""
        key: int | bytes
        if self.are_numbers:
            if not _is_number(one):
                return None
            key = int(one)
        else:
            if self.of_both_kinds and _is_number(one):
                key = _encode(int(one))
            elif is_text_id(one):
                key = one.encode()
            else:
                return None
            if len(key) > self.ids.itemsize:  # NumPy would widen all ids to compare them
                return None
        row = int(self.ids.searchsorted(key))  # the method takes half the time of the function
        return row if row < len(self.ids) and self.ids[row] == key else None

    def row_ever(self, one: object) -> int | None:
        """The same, also of an id that went while its row is still there."""
        return self.row(one)

    def parse(self, text: str) -> Id:
        """An id that is written as text, as on a command line: a whole number where ids are numbers.

        Raises:
            ValueError: Raised when ids are numbers, and the text is not a number.
        """
        text = text.strip()
        if not self.are_numbers:
            return int(text) if self.of_both_kinds and text.isdecimal() and text.isascii() else text
        if not (text.isdecimal() and text.isascii()):
            raise ValueError(f"{text!r} is not an id here; expected a whole number")
        return int(text)

    def rows(self, wanted: IdArray) -> Indices:
        """The row of each id in an array, -1 where there is none of that value and kind; int32, shape (wanted,)."""
        ids = self.ids
        if self.of_both_kinds:
            wanted = among_strings(wanted)
        elif self.are_numbers and wanted.dtype.kind == "S":  # numbers may be among them
            found = [self.row(_decode(one)) for one in wanted.tolist()]
            return np.array([-1 if row is None else row for row in found], np.int32)
        if len(ids) == 0 or self.are_numbers != (wanted.dtype.kind != "S"):
            return np.full(len(wanted), -1, np.int32)
        if self.are_numbers and ids[-1] < 4 * len(wanted) + 1024:  # a table of all numbers is less work than searching
            first = int(ids[0] == 0)  # both ends of the table say -1, whatever lies beyond them
            table = np.full(int(ids[-1]) + 2 + first, -1, np.int32)
            table[ids + first] = np.arange(len(ids), dtype=np.int32)
            return table.take(wanted + first if first else wanted, mode="clip")
        rows = np.searchsorted(ids, wanted)
        rows[rows == len(ids)] = 0
        return np.where(ids[rows] == wanted, rows, -1).astype(np.int32)


def join(vocabulary: Vocabulary, more: Iterable[Id]) -> Vocabulary:
    """The ids of a vocabulary and others, of whichever kind.

    Raises:
        ValueError: Raised when one of them cannot be an id.
    """
    numbers, texts = list[Id](), list[Id]()
    for one in more:
        (texts if isinstance(one, str) else numbers).append(one)
    if vocabulary.are_numbers and not texts:
        return Vocabulary.of(np.concatenate([vocabulary.ids, as_array(numbers)]))
    parts = [among_strings(as_array(ids)) for ids in (numbers, texts) if ids]
    return Vocabulary.of(np.concatenate([among_strings(vocabulary.ids), *parts]))


def as_array(ids: "Iterable[Id] | IdArray") -> IdArray:
    """Ids as an array of int64, or of UTF-8 bytes; an array of bytes stays as it is.

    Raises:
        ValueError: Raised when ids are of both kinds, negative, empty, or too long.
    """
    if isinstance(ids, np.ndarray):
        if ids.dtype.kind == "S":
            return ids
        if ids.dtype.kind in "iu":
            for extreme in (ids.min(initial=0), ids.max(initial=0)):
                if not _is_number(extreme):
                    raise _invalid(extreme)
            return ids.astype(np.int64, copy=False)
    listed: list[Any] = list(ids)
    is_valid = is_text_id if listed and isinstance(listed[0], str) else _is_number
    for one in listed:
        if not is_valid(one):
            raise _invalid(one)
    if is_valid is is_text_id:
        return np.array([one.encode() for one in listed], np.bytes_)
    return np.array(listed, np.int64)


def among_strings(ids: IdArray) -> IdArray:
    """Ids as they are written where some are numbers and others are strings."""
    return ids if ids.dtype.kind == "S" else np.array([_encode(one) for one in ids.tolist()], np.bytes_)


def distinct(ids: IdArray) -> IdArray:
    """The ids that occur, ascending."""
    if ids.dtype.kind == "S":
        return np.unique(ids)
    if len(ids) and ids.max() < 4 * len(ids) + 1024:
        return np.flatnonzero(np.bincount(ids)).astype(np.int64)
    return np.unique(ids).astype(np.int64)


def _check_texts(path: Path, ids: IdArray) -> None:
    """Refuse invalid ids from a file, some at a time: Python's own texts take more room than the array."""
    for start in range(0, len(ids), _AT_ONCE):
        try:
            found = [_decode(one) for one in ids[start : start + _AT_ONCE].tolist()]
        except ValueError:
            raise ModelError(f"{path}: holds an id that is not UTF-8, nor a number") from None
        if not all(is_text_id(one) if isinstance(one, str) else _is_number(one) for one in found):
            raise ModelError(f"{path}: holds an id that is not 1 to {LONGEST_ID} characters long, nor a number")


def _encode(number: int) -> bytes:
    return _NUMBER + b"%0*d" % (_DIGITS, number)


def _decode(written: bytes) -> Id:
    return int(written[1:]) if written[:1] == _NUMBER else written.decode()


def _is_number(one: object) -> TypeGuard[int]:
    if type(one) is int:  # by far the most; the rest takes a microsecond
        return 0 <= one < 2**63
    return isinstance(one, int | np.integer) and not isinstance(one, bool) and 0 <= int(one) < 2**63


def is_text_id(one: object) -> TypeGuard[str]:
    """Whether it is a string id. NUL would get lost in an array, and half of a surrogate pair has no UTF-8."""
    return isinstance(one, str) and 0 < len(one) <= LONGEST_ID and not _NOT_IN_IDS.search(one)


def _invalid(one: object) -> ValueError:
    return ValueError(
        f"{one!r} cannot be an id here; expected whole numbers from 0, or else strings of 1 to {LONGEST_ID} characters"
    )
