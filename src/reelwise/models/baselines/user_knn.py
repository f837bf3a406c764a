"""The users whose likes are most like somebody's vote for what they like, each with the weight of their similarity.

    score(v, i) = Σ_{u in nearest(v)} cos(v, u) [u likes i],   cos(v, u) = |L_v ∩ L_u| / √(|L_v| |L_u|)

A user is not their own neighbour. Among equally similar users the lower row is the nearer.

Source: Resnick et al., "GroupLens: An Open Architecture for Collaborative Filtering of Netnews", CSCW 1994; with likes
for ratings, Sarwar et al., "Analysis of Recommendation Algorithms for E-Commerce", EC 2000, section 3.
"""

from dataclasses import dataclass
from typing import ClassVar, Self, TypedDict, Unpack

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.types import Floats
from reelwise.models.base import Estimator
from reelwise.models.baselines.likes import Likes
from reelwise.models.config import check_counts
from reelwise.models.queries import STRANGER, Queries
from reelwise.models.top_n import top_n
from reelwise.storage.arrays import ArrayStore


@dataclass(frozen=True)
class UserKNNConfig:
    """Hyper-parameters of `UserKNN`.

    Attributes:
        neighbours: how many users vote.
    """

    neighbours: int = 200

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        check_counts(self, "neighbours")


class UserKNNValues(TypedDict, total=False):
    """Some of them by name, for type checkers."""

    neighbours: int


class UserKNN(Estimator):
    """Votes of the nearest users.

    Attributes:
        likes: for each user the movies that they like.
        likers: for each movie the users who like it.
    """

    name: ClassVar[str] = "user-kNN"
    config_type = UserKNNConfig
    learns_from_likes = True
    config: UserKNNConfig

    def __init__(self, config: UserKNNConfig | None = None, **hyperparameters: Unpack[UserKNNValues]) -> None:
        super().__init__(config, **hyperparameters)

    def fit_rows(self, train: Interactions) -> Self:
        """Index the likes."""
        self.likes = Likes.among(train)
        self.likers = _transpose(self.likes.by_user, train.shape[1])
        return self

    def score(self, queries: Queries) -> Floats:
        """The votes for each movie; float32, shape (queries, movies)."""
        by_user, asked = self.likes.by_user, self.likes.of(queries)
        counts = by_user.counts()
        votes = np.empty((len(queries), len(self.likers)), np.float32)
        for row, user in enumerate(queries.users):
            liked, _ = asked[row]
            shared = np.bincount(self.likers.joined(liked), minlength=len(by_user))
            similarity = (shared / np.sqrt(np.maximum(len(liked) * counts, 1))).astype(np.float32)
            own = np.array([user] if user != STRANGER else [], np.int64)
            nearest = top_n(similarity, self.config.neighbours, own)
            weights = np.repeat(similarity[nearest], counts[nearest])
            votes[row] = np.bincount(by_user.joined(nearest), weights, minlength=len(self.likers))
        return votes

    def save_arrays(self, store: ArrayStore) -> None:
        """Write the likes as `knn_…`."""
        self.likes.save(store, "knn")
        store.write("knn_movies", np.array([len(self.likers)], np.int64))

    def load_arrays(self, store: ArrayStore, scale: RatingScale = MOVIELENS_SCALE) -> Self:
        """Take what `save_arrays` wrote; `scale` says what a like is."""
        self.scale = scale
        self.likes = Likes.load(store, "knn", scale)
        self.likers = _transpose(self.likes.by_user, int(store.read("knn_movies", "<i8", (1,))[0]))
        return self


def _transpose(by_user: CSR, movies: int) -> CSR:
    return CSR.grouped(by_user.indices, by_user.row_numbers().astype(np.int32), by_user.stars, movies)
