"""Compressed sparse rows, and small operations on them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from reelwise.data.types import Counts, Floats, Indices, Offsets, Rows, Stars, freeze
from reelwise.storage.arrays import ArrayStore, check_offsets


@dataclass(frozen=True)
class CSR:
    """Row `i` is `indices[offsets[i]:offsets[i + 1]]`, ascending, with its `stars`.

    Attributes:
        offsets: int64, shape (rows + 1,).
        indices: int32, shape (ratings,).
        stars: float32, shape (ratings,).
    """

    offsets: Offsets
    indices: Indices
    stars: Stars

    @classmethod
    def grouped(cls, by: Rows, indices: Indices, stars: Stars, rows: int) -> Self:
        """Parallel columns, shape (ratings,); `by` says which of the `rows` rows each one belongs to."""
        order = np.lexsort((indices, by))
        return cls(offsets_of(by, rows), indices[order], stars[order])

    @classmethod
    def empty(cls, rows: int) -> Self:
        """So many rows with nothing in them."""
        return cls(np.zeros(rows + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))

    def save(self, store: ArrayStore, prefix: str, indices: str = "indices") -> None:
        """Write the arrays as `{prefix}_offsets`, `{prefix}_{indices}` and `{prefix}_stars`."""
        store.write(f"{prefix}_offsets", self.offsets)
        store.write(f"{prefix}_{indices}", self.indices)
        store.write(f"{prefix}_stars", self.stars)

    @classmethod
    def load(
        cls,
        store: ArrayStore,
        prefix: str,
        shape: tuple[int | None, int | None],
        scale: tuple[float, float],
        indices: str = "indices",
    ) -> Self:
        """What `save` wrote.

        Args:
            store: where it is.
            prefix: what the names of the arrays begin with.
            shape: how many rows and columns there are; None where that is not known.
            scale: the least and the most stars.
            indices: what the indices are called.

        Raises:
            ModelError: Raised when an array is missing or invalid.
        """
        rows, columns = shape
        offsets = store.read(f"{prefix}_offsets", "<i8", (None if rows is None else rows + 1,))
        within = (0, 2**31 - 1 if columns is None else columns - 1)
        entries = store.read(f"{prefix}_{indices}", "<i4", (None,), within=within)
        stars = store.read(f"{prefix}_stars", "<f4", (len(entries),), within=scale)
        check_offsets(store.path(f"{prefix}_offsets"), offsets, len(entries))
        return cls(offsets, entries, stars)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> tuple[Indices, Stars]:
        """The indices and stars of one row, as views."""
        part = slice(self.offsets[row], self.offsets[row + 1])
        return self.indices[part], self.stars[part]

    def counts(self) -> Counts:
        """The number of ratings in each row, shape (rows,)."""
        return np.diff(self.offsets)

    def part(self, start: int, stop: int) -> "CSR":
        """The rows from `start` up to `stop`, as views."""
        offsets = self.offsets[start : stop + 1]
        inside = slice(offsets[0], offsets[-1])
        return CSR(offsets - offsets[0], self.indices[inside], self.stars[inside])

    def take(self, rows: Rows) -> "CSR":
        """Some rows, one after the other, in the order given."""
        counts, positions = self._positions(rows)
        return CSR(np.concatenate([[0], np.cumsum(counts)]), self.indices[positions], self.stars[positions])

    def joined(self, rows: Rows) -> Indices:
        """The indices in some rows, one row after the other; int32."""
        indices: Indices = self.indices[self._positions(rows)[1]]
        return indices

    def row_numbers(self) -> Offsets:
        """The row that each rating is in, shape (ratings,)."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.counts())

    def indicators(self, columns: int) -> Floats:
        """1 where a rating is, else 0; dense, float32, shape (rows, columns)."""
        matrix = np.zeros((len(self), columns), np.float32)
        matrix[self.row_numbers(), self.indices] = 1
        return matrix

    def columns(self, chosen: Rows, count: int) -> "CSR":
        """The same rows of the `chosen` columns alone, of so many, which ascend and are numbered from 0 then."""
        places = np.full(count, -1, np.int32)
        places[chosen] = np.arange(len(chosen), dtype=np.int32)
        indices = places[self.indices]
        kept = indices >= 0
        offsets = np.concatenate([[0], np.cumsum(kept)])[self.offsets]
        return CSR(offsets, indices[kept], self.stars[kept])

    def spread_rows(self, places: Rows, rows: int) -> "CSR":
        """The same rows at other `places`, ascending, among `rows`; those in between are empty."""
        counts = np.zeros(rows, np.int64)
        counts[places] = self.counts()
        return CSR(np.concatenate([[0], np.cumsum(counts)]), self.indices, self.stars)

    def spread_columns(self, places: Indices) -> "CSR":
        """The same with `places[index]`, ascending, instead of each index."""
        return CSR(self.offsets, places[self.indices], self.stars)

    def translate(self, places: Indices) -> "CSR":
        """The same with `places[index]`, in any order, instead of each index; -1 leaves a rating out."""
        indices = places[self.indices]
        kept = indices >= 0
        return CSR.grouped(self.row_numbers()[kept], indices[kept], self.stars[kept], len(self))

    def frozen(self) -> "CSR":
        """The same rows, read-only from now on."""
        freeze(self.offsets, self.indices, self.stars)
        return self

    def _positions(self, rows: Rows) -> tuple[Counts, Offsets]:
        counts = self.offsets[rows + 1] - self.offsets[rows]
        ends = np.cumsum(counts)
        return counts, np.arange(counts.sum()) + np.repeat(self.offsets[rows] - (ends - counts), counts)


def stable_order(keys: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """The stable sorting order of non-negative whole numbers.

    Packing number and position into one turns a stable argsort into a plain sort, which NumPy vectorises.
    """
    bits = len(keys).bit_length()
    if int(keys.max(initial=0)) >> (63 - bits):
        return np.argsort(keys, kind="stable")
    packed = keys.astype(np.int64)
    packed <<= bits
    packed |= np.arange(len(keys))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def offsets_of(indices: npt.NDArray[np.integer], rows: int) -> Offsets:
    """The place where each row begins once entries are sorted by their row `indices`; int64, shape (rows + 1,)."""
    return np.concatenate([[0], np.cumsum(np.bincount(indices, minlength=rows))]).astype(np.int64)
