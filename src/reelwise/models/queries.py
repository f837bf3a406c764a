"""Whom a model is asked for, by row."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.types import Indices, Rows

STRANGER = -1
"""Stands for the row of somebody, or of a movie, that was not there when the model was fitted."""


@dataclass(frozen=True)
class Queries:
    """Whom to recommend to.

    Attributes:
        users: int32, shape (queries,); the row of each user, `STRANGER` for people whom the model has not seen.
        histories: for each query the movies that they are known to have rated, with their stars.
    """

    users: Indices
    histories: CSR

    @classmethod
    def of_strangers(cls, histories: CSR) -> Self:
        """Queries by people of whom only their histories are known."""
        return cls(np.full(len(histories), STRANGER, np.int32), histories)

    @classmethod
    def of_users(cls, users: Rows) -> Self:
        """Queries by known users, of whom only that is known."""
        return cls(np.asarray(users, np.int32), CSR.empty(len(users)))

    def __len__(self) -> int:
        return len(self.users)

    def part(self, start: int, stop: int) -> "Queries":
        """The queries from `start` up to `stop`."""
        return Queries(self.users[start:stop], self.histories.part(start, stop))

    def picks(self) -> list[Indices]:
        """The movies of each history, without their stars."""
        return [self.histories[row][0] for row in range(len(self))]
