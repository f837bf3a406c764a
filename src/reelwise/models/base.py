"""What every model can do: be fitted, score films for whoever is asked for, be saved and loaded.

A model knows rows, not ids. It is fitted to `Interactions`, and asked with `Queries`. To add a model, write a class
with these methods, and name it in `reelwise.models.registry`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats, Indices, Rows

STRANGER = -1
"""Stands for the row of somebody who was not there when the model was fitted."""


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


class ArrayStore(Protocol):
    """Where arrays are kept by name: a model folder, or a dict in memory."""

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Keep an array."""

    def read(self, name: str, dtype: str, shape: tuple[int | None, ...]) -> npt.NDArray[Any]:
        """The array of that name, read-only.

        Args:
            name: what it is called.
            dtype: what it must hold, such as "<f4".
            shape: what it must measure; None where any length will do.

        Raises:
            ModelError: Raised when there is none, or it is another one.
        """

    def __contains__(self, name: str) -> bool: ...


class Estimator(ABC):
    """A model.

    Attributes:
        name: what it is called in tables and on the command line.
        config: its hyper-parameters, a frozen dataclass.
    """

    name: ClassVar[str]
    config: Any

    @abstractmethod
    def fit(self, train: Interactions) -> Self:
        """Learn from ratings. The same ratings, hyper-parameters and seed give the same model."""

    @abstractmethod
    def score(self, queries: Queries) -> Floats:
        """How well each movie suits each query: finite, higher is better; float32, shape (queries, movies)."""

    @abstractmethod
    def save(self, store: ArrayStore) -> None:
        """Write what was learnt."""

    @classmethod
    @abstractmethod
    def load(cls, store: ArrayStore, config: Any) -> Self:
        """The model that `save` wrote, with the `config` that it had.

        Raises:
            ModelError: Raised when an array is missing, or is not what it should be.
        """


class RatingPredictor(Estimator):
    """A model whose scores are stars."""

    @abstractmethod
    def predict(self, users: Rows, movies: Rows) -> Floats:
        """Predicted stars of each (user, movie) pair of rows, clipped to the rating scale; float32, shape (pairs,)."""


class FactorModel(Estimator):
    """A model in which a score is a product of two vectors.

    Attributes:
        P: float32, shape (users, k).
        Q: float32, shape (movies, k).
    """

    P: Floats
    Q: Floats

    @abstractmethod
    def fold_in(self, histories: CSR) -> Floats:
        """The embeddings of people with these histories, as strangers; float32, shape (histories, k)."""

    def embed(self, queries: Queries) -> Floats:
        """The embeddings: a known user's row of P, or what folding in the history gives; shape (queries, k)."""
        known, strangers = np.flatnonzero(queries.users != STRANGER), np.flatnonzero(queries.users == STRANGER)
        vectors = np.empty((len(queries), self.Q.shape[1]), np.float32)
        vectors[known] = self.P[queries.users[known]]
        if len(strangers):
            vectors[strangers] = self.fold_in(queries.histories.take(strangers))
        return vectors

    def score(self, queries: Queries) -> Floats:
        """The products of the embeddings with Q, shape (queries, movies)."""
        scores: Floats = self.embed(queries) @ self.Q.T
        return scores
