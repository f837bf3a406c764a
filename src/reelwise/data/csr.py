"""Small operations on compressed sparse rows."""

from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import CSR, Indices, Interactions, Stars, offsets_of


def grouped(by: npt.NDArray[np.integer[Any]], indices: Indices, stars: Stars, rows: int) -> CSR:
    """Parallel columns, shape (ratings,), as rows: `by` says which of the `rows` rows each one belongs to."""
    order = np.lexsort((indices, by))
    return CSR(offsets_of(by, rows), indices[order], stars[order])


def by_user(seen: Interactions, users: int) -> CSR:
    """For each user the movie indices and stars; shape (users,)."""
    return grouped(seen.users, seen.movies, seen.stars, users)


def part(rows: CSR, start: int, stop: int) -> CSR:
    """The rows from `start` up to `stop`, as views."""
    offsets = rows.offsets[start : stop + 1]
    inside = slice(offsets[0], offsets[-1])
    return CSR(offsets - offsets[0], rows.indices[inside], rows.stars[inside])


def row_numbers(rows: CSR) -> npt.NDArray[np.int64]:
    """The row that each rating is in, shape (ratings,)."""
    return np.repeat(np.arange(len(rows), dtype=np.int64), rows.counts())


def joined(rows: CSR, chosen: npt.NDArray[np.integer[Any]]) -> Indices:
    """The indices in the `chosen` rows, one row after the other; int32."""
    counts = rows.offsets[chosen + 1] - rows.offsets[chosen]
    ends = np.cumsum(counts)
    positions = np.arange(counts.sum()) + np.repeat(rows.offsets[chosen] - (ends - counts), counts)
    indices: Indices = rows.indices[positions]
    return indices


def indicators(rows: CSR, columns: int) -> npt.NDArray[np.float32]:
    """1 where a rating is, else 0; dense, float32, shape (rows, columns)."""
    matrix = np.zeros((len(rows), columns), np.float32)
    matrix[row_numbers(rows), rows.indices] = 1
    return matrix
