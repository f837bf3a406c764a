"""A sketch of the movies' vectors, with which the highest products are found by a look at few of them.

A product q·v is the same in other coordinates, (qA)·(vB) with A Bᵀ = I. Here these are chosen so that movies and users
spread alike along each axis and most along the first ones, which then say most about a product. For each movie the
sketch has the first coordinates x_1 … x_h of x = qA, and the length of the rest; movies stand in the order of |x|.
How that is used: `reelwise.recommend.inner_product_index`.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from reelwise.data.types import Doubles, Floats, Indices, Rows
from reelwise.errors import ModelError
from reelwise.storage.arrays import ArrayStore

_AXES = 15  # h; with 7 a list takes longer where spreads fall slowly, with 23 the sketch is half as large again
_USERS = 4096  # so many say how users spread
_BLOCK = 8192  # movies that are turned at a time


@dataclass(frozen=True)
class Sketch:
    """What is known of each movie's vector without looking at it.

    Attributes:
        order: int32, shape (candidates,); the rows of the movies that may be recommended, longest vector first.
        place: int32, shape (movies,); where each movie stands in `order`, `candidates` for those that do not.
        coordinates: float32, shape (h + 1, candidates); in that order, as are the lengths.
        minus_lengths: float32, shape (candidates,); -|x|, ascending.
        basis: float64, shape (k, k); B, which turns users' vectors.
        longest: float64, shape (1,); the largest |q|.
    """

    order: Indices
    place: Indices
    coordinates: Floats
    minus_lengths: Floats
    basis: Doubles
    longest: Doubles

    @classmethod
    def build(cls, Q: Floats, users: Floats, candidates: Rows) -> Self:
        """The sketch of some movies.

        Args:
            Q: all movies' vectors, float32, shape (movies, k).
            users: vectors like those that will be asked about, shape (users, k); they only matter for speed.
            candidates: rows of the movies that may be recommended, ascending.
        """
        A, B = _axes(Q[candidates], users[:: max(len(users) // _USERS, 1)])
        h = min(_AXES, Q.shape[1])
        count = len(candidates)
        coordinates, lengths, longest = np.empty((h + 1, count), np.float32), np.empty(count, np.float32), 0.0
        for start in range(0, count, _BLOCK):
            part = slice(start, start + _BLOCK)
            rows = Q[candidates[part]].astype(np.float64)
            turned = rows @ A
            coordinates[:h, part] = turned[:, :h].T
            coordinates[h, part] = np.linalg.norm(turned[:, h:], axis=1)
            lengths[part] = np.linalg.norm(turned, axis=1)
            longest = max(longest, float(np.linalg.norm(rows, axis=1).max()))
        by_length = np.argsort(-lengths, kind="stable")
        order = candidates[by_length].astype(np.int32)
        place = np.full(len(Q), count, np.int32)
        place[order] = np.arange(count, dtype=np.int32)
        return cls(order, place, coordinates[:, by_length], -lengths[by_length], B, np.array([longest]))

    def save(self, store: ArrayStore, name: str) -> None:
        """Write it as `sketch_NAME_…`."""
        for attribute, array in vars(self).items():
            store.write(f"sketch_{name}_{attribute}", array)

    @classmethod
    def load(cls, store: ArrayStore, name: str, movies: int, k: int) -> Self:
        """What `save` wrote, for so many movies with vectors of length k.

        Raises:
            ModelError: Raised when an array is missing or invalid.
        """
        order = store.read(f"sketch_{name}_order", "<i4", (None,), within=(0, movies - 1))
        count = len(order)
        if count == 0:
            raise ModelError(f"{store.path(f'sketch_{name}_order')}: is empty, so there is no film to recommend")
        return cls(
            order,
            store.read(f"sketch_{name}_place", "<i4", (movies,), within=(0, count)),
            store.read(f"sketch_{name}_coordinates", "<f4", (min(_AXES, k) + 1, count)),
            store.read(f"sketch_{name}_minus_lengths", "<f4", (count,)),
            store.read(f"sketch_{name}_basis", "<f8", (k, k)),
            store.read(f"sketch_{name}_longest", "<f8", (1,)),
        )


def _axes(Q: Floats, users: Floats) -> tuple[Doubles, Doubles]:
    """A and B with A Bᵀ = I, both (k, k), so that QA and users·B have the same second moments, largest axis first."""
    of_movies, of_users = _root(Q), _root(users)
    U, spread, Wt = np.linalg.svd(of_users.T @ of_movies)
    A = np.linalg.solve(of_movies.T, Wt.T * np.sqrt(spread))
    B = np.linalg.solve(of_users.T, U * np.sqrt(spread))
    return A, B


def _root(vectors: Floats) -> Doubles:
    """R with R Rᵀ the second moments of the vectors, kept from being singular; float64, shape (k, k)."""
    moments, axes = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    root: Doubles = axes * np.sqrt(np.maximum(moments, max(1e-4 * float(moments.mean()), 1e-12)))
    return root
