"""The films that the models have not learnt, with vectors from what is known of them and from the first ratings."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.types import Counts, Floats, Indices, Rows

_EMPTY: Rows = np.empty(0, np.int64)


@dataclass(frozen=True)
class Unlearnt:
    """Films that the models were not fitted to and that can be recommended all the same, and films that went.

    Attributes:
        rows: int64, ascending, shape (films,); rows of the catalogue.
        vectors: float32, shape (films, k); in the ranking model.
        ratings: int64, shape (films,); how many ratings each has by now.
        gone: rows of the films that are not recommended any more.
        total: how many rows the catalogue has.
    """

    rows: Rows
    vectors: Floats
    ratings: Counts
    gone: Rows
    total: int

    @classmethod
    def of(cls, model: Model) -> Self:
        """Those of a model alone: films that no one rated."""
        rows, vectors = _EMPTY, np.empty((0, 0), np.float32)
        if model.content is not None:
            rows, vectors = np.flatnonzero(~model.fitted), model.content.unrated
        return cls(rows, vectors, np.zeros(len(rows), np.int64), _EMPTY, len(model.catalogue))

    def none(self) -> "Unlearnt":
        """The same catalogue without any of these films."""
        return Unlearnt(_EMPTY, np.empty((0, 0), np.float32), np.empty(0, np.int64), self.gone, self.total)

    def places(self, rows: Rows) -> Indices:
        """The place of each row among these films, -1 where it is none of them; shape (rows,)."""
        if len(self.rows) == 0:
            return np.full(len(rows), -1, np.int64)
        found = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[found] == rows, found, -1)

    def place(self, row: int | None) -> int | None:
        """The place of one row; None where it is none of them."""
        place = -1 if row is None else int(self.places(np.array([row]))[0])
        return place if place >= 0 else None
