"""Other ways to recommend with our models: as lists are served, and for comparison."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.interactions import Interactions
from reelwise.data.types import Floats
from reelwise.evaluation.ranking import Ranker
from reelwise.models.fold_in.folding import Folding
from reelwise.models.queries import Queries
from reelwise.models.ranking.balance import discount
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.recommend.users.matching import Matcher


@dataclass(frozen=True)
class Pooled:
    """Selections by the blend pooled with the linear part, where there is one; for one of up to 20 picks each.

    Attributes:
        ranking: the ranking model.
    """

    ranking: WeightedALS

    def score(self, queries: Queries) -> Floats:
        """Pooled scores; float32, shape (queries, movies)."""
        scores, linear, counts = self.ranking.score(queries), self.ranking.linear, queries.histories.counts()
        for count in np.unique(counts).tolist():
            if linear is not None and linear.suits(count):
                rows = np.flatnonzero(counts == count)
                picks = queries.histories.joined(rows).reshape(len(rows), count)
                places = np.ix_(rows, linear.films)
                scores[places] = linear.pool(scores[places], linear.score_many(picks))
        return scores


@dataclass(frozen=True)
class Balanced:
    """A recommender whose lists are balanced between well known and hidden; see `reelwise.models.ranking.balance`.

    Attributes:
        ranker: whose scores are balanced.
        fame: how well known each movie is, shape (movies,).
        balance: 0 to 1.
    """

    ranker: Ranker
    fame: Floats
    balance: float

    def score(self, queries: Queries) -> Floats:
        """Balanced scores; float32, shape (queries, movies)."""
        return self.ranker.score(queries) * discount(self.fame, self.balance)


def served(ranking: WeightedALS, balance: float) -> Ranker:
    """The ranker that makes the lists of a ranking model at some balance."""
    return Balanced(Pooled(ranking), ranking.fame, balance) if balance else ranking


@dataclass(frozen=True)
class BlendByStars:
    """Selections by blended profiles, ordered by predicted stars."""

    ranking: WeightedALS
    rating: MatrixFactorization

    def score(self, queries: Queries) -> Floats:
        """The weighted means of the stars that profiles would give; float32, shape (queries, movies)."""
        weights = self.ranking.blend_weights([*queries.picks()])
        vectors: Floats = weights @ self.rating.P[self.ranking.profiles.users]
        return vectors @ self.rating.Q.T


@dataclass(frozen=True)
class FoldedIn:
    """Known users by their histories, as they are asked when they are served: their own profiles left out."""

    ranking: WeightedALS
    rating: MatrixFactorization

    def score(self, queries: Queries) -> Floats:
        """The products of the ranking model's embeddings with its Q; float32, shape (queries, movies)."""
        folding, profiles = Folding(self.ranking, self.rating), self.ranking.profiles
        vectors = np.empty((len(queries), self.ranking.Q.shape[1]), np.float32)
        for row, user in enumerate(queries.users.tolist()):
            history = folding.fold(*queries.histories[row])
            vectors[row] = folding.embed(history, profiles.place_of(user)).ranking
        return vectors @ self.ranking.Q.T


@dataclass(frozen=True)
class MatchingProfile:
    """Selections by the one user who matches best: what that user would like.

    Attributes:
        train: who rated what.
        rating: the rating model.
    """

    train: Interactions
    rating: MatrixFactorization

    @cached_property
    def _matcher(self) -> Matcher:
        train = self.train
        users, movies = train.shape
        return Matcher(CSR.grouped(train.movies, train.users, train.stars, movies), users)

    def score(self, queries: Queries) -> Floats:
        """The stars that the matching users would give; zero where nobody matches. Float32, shape (queries, movies)."""
        vectors = np.zeros((len(queries), self.rating.P.shape[1]), np.float32)
        for row, picks in enumerate(queries.picks()):
            found = self._matcher.best_user(picks)
            if found:
                vectors[row] = self.rating.P[found.user]
        scores: Floats = vectors @ self.rating.Q.T
        return scores
