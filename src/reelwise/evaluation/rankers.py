"""Our own models as rankers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Indices, Ratings
from reelwise.evaluation.ranking import Scores
from reelwise.evaluation.splitting import Queries
from reelwise.models.ranking.blending import Blend
from reelwise.recommend.matching import Matcher

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Blended:
    """Selections by blended profiles, ordered by taste."""

    blend: Blend

    def scores(self, viewers: Queries) -> Scores:
        """The products of the viewers' vectors with Q, shape (viewers, movies)."""
        blend, selections = self.blend, viewers.selections()
        vectors = _weights(blend, selections) @ blend.vectors
        counts = viewers.picks.counts()
        for count in np.unique(counts).tolist():  # those with as many picks are pulled together
            rows = np.flatnonzero(counts == count)
            picks = np.stack([selections[row] for row in rows])
            vectors[rows] = blend.pulled(vectors[rows], picks, blend.pull(count))
        return np.asarray(vectors @ blend.taste.Q.T, np.float32)


@dataclass(frozen=True)
class BlendedStars:
    """Selections by blended profiles, ordered by predicted stars.

    Attributes:
        blend: weighs the profiles.
        P: vectors of the users in the stars model, shape (users, k).
        Q: vectors of the movies in the stars model, shape (movies, k).
    """

    blend: Blend
    P: Floats
    Q: Floats

    def scores(self, viewers: Queries) -> Scores:
        """The predicted stars, shape (viewers, movies)."""
        vectors = self.P[self.blend.taste.profiles.users]
        return np.asarray((_weights(self.blend, viewers.selections()) @ vectors) @ self.Q.T, np.float32)


def _weights(blend: Blend, selections: list[Indices]) -> Floats:
    """The weights of the profiles for each selection, shape (selections, profiles)."""
    counts, place = np.unique([len(picks) for picks in selections], return_inverse=True)
    powers = np.array([blend.power(count) for count in counts.tolist()], np.float32)[place]
    return blend.tempered(blend.evidence(selections), powers[:, None])


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

    def scores(self, viewers: Queries) -> Scores:
        """The matching users' products with Q; zero where nobody matches. Shape (viewers, movies)."""
        vectors = np.zeros((len(viewers), self.P.shape[1]), np.float32)
        matcher = Matcher(self.history.by_movie, len(self.history.user_ids))
        for row in range(len(viewers)):
            found = matcher.best_user(viewers.picks[row][0])
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

    def scores(self, viewers: Queries) -> Scores:
        """The users' products with Q, shape (viewers, movies)."""
        scores: Scores = self.P[viewers.users] @ self.Q.T
        return scores
