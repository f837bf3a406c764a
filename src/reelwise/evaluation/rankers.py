"""Our own models as rankers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Ratings
from reelwise.evaluation.protocols import Viewers
from reelwise.evaluation.ranking import Scores
from reelwise.models.blend import Blend
from reelwise.recommender.matching import best_user

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Blended:
    """Selections by blended profiles.

    Attributes:
        blend: weighs the profiles.
        vectors: what is blended, one vector per profile, shape (profiles, k).
        Q: what the blend is multiplied with, shape (movies, k).
    """

    blend: Blend
    vectors: Floats
    Q: Floats

    @classmethod
    def by_taste(cls, blend: Blend) -> "Blended":
        """Ordered by taste."""
        return cls(blend, blend.vectors, blend.taste.Q)

    @classmethod
    def by_stars(cls, blend: Blend, P: Floats, Q: Floats) -> "Blended":
        """Ordered by predicted stars, with the factors of the stars model."""
        return cls(blend, P[blend.taste.profiles.users], Q)

    def scores(self, viewers: Viewers) -> Scores:
        """The products of the blended vectors with Q, shape (viewers, movies)."""
        powers = np.array([self.blend.power(int(count)) for count in viewers.picks.counts()], np.float32)
        weights = self.blend.tempered(self.blend.evidence(viewers.selections()), powers[:, None])
        return np.asarray((weights @ self.vectors) @ self.Q.T, np.float32)


@dataclass(frozen=True)
class MatchingProfile:
    """Selections by the one user who matches best: what that user would like.

    Attributes:
        history: who rated what.
        P: vectors of the users, shape (users, k).
        Q: vectors of the movies, shape (movies, k).
    """

    history: Ratings
    P: Floats
    Q: Floats

    def scores(self, viewers: Viewers) -> Scores:
        """The matching users' products with Q; zero where nobody matches. Shape (viewers, movies)."""
        vectors = np.zeros((len(viewers), self.P.shape[1]), np.float32)
        for row in range(len(viewers)):
            found = best_user(self.history.by_movie, viewers.picks[row][0], len(self.history.user_ids))
            if found:
                vectors[row] = self.P[found.user]
        scores: Scores = vectors @ self.Q.T
        return scores


@dataclass(frozen=True)
class Known:
    """Known users by their own vectors.

    Attributes:
        P: vectors of the users, shape (users, k).
        Q: vectors of the movies, shape (movies, k).
    """

    P: Floats
    Q: Floats

    def scores(self, viewers: Viewers) -> Scores:
        """The users' products with Q, shape (viewers, movies)."""
        scores: Scores = self.P[viewers.users] @ self.Q.T
        return scores
