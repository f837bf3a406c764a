"""A linear autoencoder in closed form: each movie is predicted from all others.

    B = I - C diag(C)⁻¹,   C = (XᵀX + λI)⁻¹,   scores = x B

with X the users' likes (0 or 1), x those of the query, and λ the regularisation.

Source: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, equation 8.
"""

from dataclasses import dataclass
from typing import ClassVar, Self, TypedDict, Unpack

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.types import Floats
from reelwise.errors import UsageError
from reelwise.models.base import Estimator
from reelwise.models.baselines.likes import Likes
from reelwise.models.config import check_numbers
from reelwise.models.queries import Queries
from reelwise.storage.arrays import ArrayStore

LARGEST_CATALOGUE = 20_000  # a float32 matrix of movies x movies is then 1.6 GB, and inverting takes several
_BATCH = 2048  # users whose likes are dense at a time


@dataclass(frozen=True)
class EASEConfig:
    """Hyper-parameters of `EASE`.

    Attributes:
        regularisation: λ. The best depends on how many likes there are: on MovieLens 1M about 800 for a whole history,
            from some thousands for 20 picks to over a hundred thousand for one. It must be tuned.
    """

    regularisation: float = 500.0

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        check_numbers(self, "regularisation")
        if self.regularisation == 0:
            raise ValueError("regularisation is 0; expected more, without which there need be no solution")


class EASEValues(TypedDict, total=False):
    """Some of them by name, for type checkers."""

    regularisation: float


class EASE(Estimator):
    """Embarrassingly shallow autoencoder.

    Attributes:
        B: float32, shape (movies, movies); the diagonal is 0.
        likes: of known users.
    """

    name: ClassVar[str] = "EASE"
    config_type = EASEConfig
    learns_from_likes = True
    config: EASEConfig

    def __init__(self, config: EASEConfig | None = None, **hyperparameters: Unpack[EASEValues]) -> None:
        super().__init__(config, **hyperparameters)

    def fit_rows(self, train: Interactions) -> Self:
        """Solve for B.

        Raises:
            UsageError: Raised when the catalogue is too large for a dense movies x movies matrix.
        """
        movies, regularisation = train.shape[1], self.config.regularisation
        if movies > LARGEST_CATALOGUE:
            raise UsageError(
                f"EASE needs a dense matrix of {movies} x {movies} movies, more than its {LARGEST_CATALOGUE} at most; "
                "leave EASE out, or evaluate on a smaller data set"
            )
        self.likes = Likes.among(train)
        self.B = _inverse(self.likes.by_user, movies, np.float32(regularisation))
        self.B /= -np.diag(self.B).copy()
        np.fill_diagonal(self.B, 0)
        if not np.isfinite(self.B.sum(dtype=np.float64)):
            raise np.linalg.LinAlgError("the numbers grow without bound")
        return self

    def score(self, queries: Queries) -> Floats:
        """The product x B; float32, shape (queries, movies)."""
        scores: Floats = self.likes.of(queries).indicators(len(self.B)) @ self.B
        return scores

    def similarities(self, movie: int) -> Floats:
        """What liking the movie in that row says for each movie: its row of B, shape (movies,)."""
        row: Floats = self.B[movie]
        return row

    def save_arrays(self, store: ArrayStore) -> None:
        """Write B and the likes as `ease_…`."""
        store.write("ease_B", self.B)
        self.likes.save(store, "ease")

    def load_arrays(self, store: ArrayStore, scale: RatingScale = MOVIELENS_SCALE) -> Self:
        """Take what `save_arrays` wrote; `scale` says what a like is."""
        self.scale = scale
        self.B = store.read("ease_B", "<f4", (None, None))
        self.likes = Likes.load(store, "ease", scale)
        return self


def _inverse(likes: CSR, movies: int, regularisation: np.float32) -> Floats:
    """C = (XᵀX + λI)⁻¹ or a multiple of it, which gives the same B; float32, shape (movies, movies)."""
    if len(likes) < movies:  # the same by the Woodbury identity, λC = I - Xᵀ(XXᵀ + λI)⁻¹X, with less to invert
        X = likes.indicators(movies)
        inverse: Floats = -(X.T @ np.linalg.solve(_add_to_diagonal(X @ X.T, regularisation), X))
        return _add_to_diagonal(inverse, np.float32(1))
    return np.linalg.inv(_add_to_diagonal(_gram(likes, movies), regularisation))


def _add_to_diagonal(matrix: Floats, constant: np.float32) -> Floats:
    """`matrix`, changed in place."""
    matrix[np.diag_indices(len(matrix))] += constant
    return matrix


def _gram(likes: CSR, movies: int) -> Floats:
    """XᵀX: how many users like both of two movies; float32, shape (movies, movies)."""
    gram = np.zeros((movies, movies), np.float32)  # whole numbers, exact up to 2**24 users
    for start in range(0, len(likes), _BATCH):  # in parts, so that X is never dense as a whole
        X = likes.part(start, min(start + _BATCH, len(likes))).indicators(movies)
        gram += X.T @ X
    return gram
