"""Stars from how generous a user and how well received a movie is.

    stars(u, i) = mu + b_u + b_i,   b_i = Σ (r - mu) / (n_i + d),   b_u = Σ (r - mu - b_i) / (n_u + d)

with the damping d: a bias is weighed against d ratings of exactly the mean.

Source: Funk, "Netflix Update: Try This at Home", 2006; Koren, Bell, Volinsky, "Matrix Factorization Techniques for
Recommender Systems", 2009, equation 3.
"""

from dataclasses import dataclass
from typing import ClassVar, Self, TypedDict, Unpack

import numpy as np

from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.types import Floats, Rows
from reelwise.models.base import RatingPredictor
from reelwise.models.config import check_numbers
from reelwise.models.queries import STRANGER, Queries
from reelwise.storage.arrays import ArrayStore


@dataclass(frozen=True)
class BiasesConfig:
    """Hyper-parameters of `Biases`.

    Attributes:
        damping: d.
    """

    damping: float = 5.0

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        check_numbers(self, "damping")


class BiasesValues(TypedDict, total=False):
    """Some of them by name, for type checkers."""

    damping: float


class Biases(RatingPredictor):
    """A mean, and a bias of each user and of each movie.

    Attributes:
        mu: the mean stars.
        user_bias: float32, shape (users,); 0 for users without ratings.
        movie_bias: float32, shape (movies,); 0 for movies without ratings.
        scale: what predictions are clipped to.
    """

    name: ClassVar[str] = "biases"
    config_type = BiasesConfig
    config: BiasesConfig

    def __init__(self, config: BiasesConfig | None = None, **hyperparameters: Unpack[BiasesValues]) -> None:
        super().__init__(config, **hyperparameters)

    def fit_rows(self, train: Interactions) -> Self:
        """Learn from ratings."""
        users, movies = train.shape
        self.scale, self.mu = train.scale, float(train.stars.mean(dtype=np.float64))
        self.movie_bias = self._damped_means(train.movies, train.stars - self.mu, movies)
        self.user_bias = self._damped_means(train.users, train.stars - self.mu - self.movie_bias[train.movies], users)
        return self

    def predict_rows(self, users: Rows, movies: Rows) -> Floats:
        """Predicted stars of each (user, movie) pair of rows, clipped to the rating scale; float32, shape (pairs,).

        The row `STRANGER` has a bias of 0.
        """
        of_users = np.where(users == STRANGER, np.float32(0), self.user_bias[users])
        of_movies = np.where(movies == STRANGER, np.float32(0), self.movie_bias[movies])
        return self.scale.clip((self.mu + of_users + of_movies).astype(np.float32))

    def score(self, queries: Queries) -> Floats:
        """Predicted stars, not clipped; float32, shape (queries, movies).

        The user's bias is that of the history; without one, that of training, or 0 for strangers.
        """
        histories = queries.histories
        surprise = histories.stars - self.mu - self.movie_bias[histories.indices]
        bias = self._damped_means(histories.row_numbers(), surprise, len(queries))
        trained = (queries.users != STRANGER) & (histories.counts() == 0)
        bias[trained] = self.user_bias[queries.users[trained]]
        scores: Floats = (self.mu + bias[:, None] + self.movie_bias).astype(np.float32)
        return scores

    def save_arrays(self, store: ArrayStore) -> None:
        """Write the mean and the biases as `biases_…`."""
        store.write("biases_mu", np.array([self.mu]))
        store.write("biases_users", self.user_bias)
        store.write("biases_movies", self.movie_bias)

    def load_arrays(self, store: ArrayStore, scale: RatingScale = MOVIELENS_SCALE) -> Self:
        """Take what `save_arrays` wrote; predictions are clipped to `scale`."""
        self.scale = scale
        self.mu = float(store.read("biases_mu", "<f8", (1,))[0])
        self.user_bias = store.read("biases_users", "<f4", (None,))
        self.movie_bias = store.read("biases_movies", "<f4", (None,))
        return self

    def _damped_means(self, by: Rows, values: Floats, groups: int) -> Floats:
        """The mean of each group's values, as if `damping` zeros were among them; 0 for an empty group."""
        weights = np.bincount(by, minlength=groups) + self.config.damping
        means: Floats = (np.bincount(by, values, minlength=groups) / np.maximum(weights, 1)).astype(np.float32)
        return means
