"""The recommenders to beat: simple, well known, and each in its textbook form.

Each is fitted by `fit(seen, shape)` and ranks by `scores(viewers)`. All but `BiasOnly` take every observation that they
are fitted to for a like. A known user is scored like a selection, that of their train history.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from reelwise.data.csr import by_user, grouped, indicators, joined, part, row_numbers
from reelwise.data.ratings import CSR, Interactions, RatingScale
from reelwise.errors import UsageError
from reelwise.evaluation.ranking import Scores
from reelwise.evaluation.splitting import Queries
from reelwise.recommend.top_n import top_n

Floats = npt.NDArray[np.float32]

LARGEST_CATALOGUE = 20_000  # a float32 matrix of movies x movies is then 1.6 GB, and inverting takes several


@dataclass(frozen=True)
class Popularity:
    """Everybody is recommended what most people like.

    Attributes:
        likes: float32, shape (movies,); how many users like each movie.
    """

    likes: Floats

    @classmethod
    def fit(cls, likes: Interactions, shape: tuple[int, int]) -> Self:
        """Count `likes`; `shape` is the number of users and of movies."""
        return cls(np.bincount(likes.movies, minlength=shape[1]).astype(np.float32))

    def scores(self, viewers: Queries) -> Scores:
        """The number of likes, alike for all viewers; float32, shape (viewers, movies)."""
        return np.broadcast_to(self.likes, (len(viewers), len(self.likes)))


@dataclass(frozen=True)
class BiasOnly:
    """Predicts stars from how generous a user and how well received a movie is, and ranks by these stars.

        stars(u, i) = mu + b_u + b_i,   b_i = Σ (r - mu) / (n_i + d),   b_u = Σ (r - mu - b_i) / (n_u + d)

    with the damping d: a bias is weighed against d ratings of exactly the mean.

    Source: Funk, "Netflix Update: Try This at Home", 2006; Koren, Bell, Volinsky, "Matrix Factorization Techniques for
    Recommender Systems", 2009, equation 3.

    Attributes:
        mu: the mean stars.
        user_bias: float32, shape (users,); 0 for users without ratings.
        movie_bias: float32, shape (movies,); 0 for movies without ratings.
        damping: d.
    """

    mu: float
    user_bias: Floats
    movie_bias: Floats
    damping: float

    @classmethod
    def fit(cls, seen: Interactions, shape: tuple[int, int], damping: float = 5.0) -> Self:
        """Fit to the ratings `seen`; `shape` is the number of users and of movies."""
        users, movies = shape
        mu = float(seen.stars.mean(dtype=np.float64))
        movie_bias = _damped_means(seen.movies, seen.stars - mu, movies, damping)
        user_bias = _damped_means(seen.users, seen.stars - mu - movie_bias[seen.movies], users, damping)
        return cls(mu, user_bias, movie_bias, damping)

    def predict(
        self, users: npt.NDArray[np.integer[Any]], movies: npt.NDArray[np.integer[Any]], scale: RatingScale
    ) -> Floats:
        """Predicted stars of each (user, movie) pair of indices, clipped to the scale; float32, shape (pairs,)."""
        return scale.clip((self.mu + self.user_bias[users] + self.movie_bias[movies]).astype(np.float32))

    def scores(self, viewers: Queries) -> Scores:
        """Predicted stars, not clipped, the viewer's bias being that of their picks; shape (viewers, movies)."""
        picks = viewers.picks
        surprise = picks.stars - self.mu - self.movie_bias[picks.indices]
        bias = _damped_means(row_numbers(picks), surprise, len(viewers), self.damping)
        return (self.mu + bias[:, None] + self.movie_bias).astype(np.float32)


def _damped_means(by: npt.NDArray[np.integer[Any]], values: Floats, groups: int, damping: float) -> Floats:
    """The mean of each group's values, as if `damping` zeros were among them; 0 for an empty group."""
    weights = np.bincount(by, minlength=groups) + damping
    means: Floats = (np.bincount(by, values, minlength=groups) / np.maximum(weights, 1)).astype(np.float32)
    return means


@dataclass(frozen=True)
class UserKNN:
    """The users whose likes are most like the picks vote for what they like, each with the weight of their similarity.

        score(v, i) = Σ_{u in nearest(v)} cos(v, u) [u likes i],   cos(v, u) = |L_v ∩ L_u| / √(|L_v| |L_u|)

    A user is not their own neighbour. Among equally similar users the lower index is the nearer.

    Source: Resnick et al., "GroupLens: An Open Architecture for Collaborative Filtering of Netnews", CSCW 1994; with
    likes for ratings, Sarwar et al., "Analysis of Recommendation Algorithms for E-Commerce", EC 2000, section 3.

    Attributes:
        by_user: for each user the movies they like.
        by_movie: for each movie the users who like it.
        neighbours: how many users vote.
    """

    by_user: CSR
    by_movie: CSR
    neighbours: int

    @classmethod
    def fit(cls, likes: Interactions, shape: tuple[int, int], neighbours: int = 200) -> Self:
        """Index `likes`; `shape` is the number of users and of movies."""
        users, movies = shape
        by_movie = grouped(likes.movies, likes.users, likes.stars, movies)
        return cls(by_user(likes, users), by_movie, neighbours)

    def scores(self, viewers: Queries) -> Scores:
        """The votes for each movie; float32, shape (viewers, movies)."""
        likes = self.by_user.counts()
        votes = np.empty((len(viewers), len(self.by_movie)), np.float32)
        for row, user in enumerate(viewers.users):
            picks, _ = viewers.picks[row]
            shared = np.bincount(joined(self.by_movie, picks), minlength=len(likes))
            similarity = (shared / np.sqrt(np.maximum(len(picks) * likes, 1))).astype(np.float32)
            nearest = top_n(similarity, self.neighbours, excluded=np.array([user]))
            weights = np.repeat(similarity[nearest], likes[nearest])
            votes[row] = np.bincount(joined(self.by_user, nearest), weights, minlength=len(self.by_movie))
        return votes


@dataclass(frozen=True)
class EASE:
    """A linear autoencoder in closed form: each movie is predicted from all others.

        B = I - C diag(C)⁻¹,   C = (XᵀX + λI)⁻¹,   scores = x B

    with X the users' likes (0 or 1), x the viewer's, and λ the regularisation.

    Source: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, equation 8.

    Attributes:
        B: float32, shape (movies, movies); the diagonal is 0.
    """

    B: Floats

    @classmethod
    def fit(cls, likes: Interactions, shape: tuple[int, int], regularisation: float = 500.0) -> Self:
        """Solve for B; `shape` is the number of users and of movies.

        The best regularisation depends on how many picks there are: on MovieLens 1M about 800 where they are a train
        history, and from some thousands at 20 picks to over a hundred thousand at 1. It must be tuned.

        Raises:
            UsageError: if the catalogue is too large for a dense movies x movies matrix, or the regularisation is not
                positive, without which there need be no solution.
        """
        users, movies = shape
        if movies > LARGEST_CATALOGUE:
            raise UsageError(
                f"EASE needs a dense matrix of {movies} x {movies} movies, more than its {LARGEST_CATALOGUE} at most; "
                "leave EASE out, or evaluate on a smaller data set"
            )
        if not regularisation > 0:
            raise UsageError(f"the regularisation of EASE is {regularisation:g}, but must be greater than 0")
        B = _inverse(by_user(likes, users), movies, np.float32(regularisation))
        B /= -np.diag(B).copy()
        np.fill_diagonal(B, 0)
        return cls(B)

    def scores(self, viewers: Queries) -> Scores:
        """The product x B; float32, shape (viewers, movies)."""
        scores: Scores = indicators(viewers.picks, len(self.B)) @ self.B
        return scores


def _inverse(likes: CSR, movies: int, regularisation: np.float32) -> Floats:
    """C = (XᵀX + λI)⁻¹ or a multiple of it, which gives the same B; float32, shape (movies, movies)."""
    if len(likes) < movies:  # the same by the Woodbury identity, λC = I - Xᵀ(XXᵀ + λI)⁻¹X, with less to invert
        X = indicators(likes, movies)
        inverse: Floats = -(X.T @ np.linalg.solve(_plus(X @ X.T, regularisation), X))
        return _plus(inverse, np.float32(1))
    return np.linalg.inv(_plus(_gram(likes, movies), regularisation))


def _plus(matrix: Floats, constant: np.float32) -> Floats:
    """`matrix`, changed in place: the constant is added to its diagonal."""
    matrix[np.diag_indices(len(matrix))] += constant
    return matrix


def _gram(likes: CSR, movies: int, batch: int = 2048) -> Floats:
    """XᵀX: how many users like both of two movies; float32, shape (movies, movies)."""
    gram = np.zeros((movies, movies), np.float32)  # whole numbers, exact up to 2**24 users
    for start in range(0, len(likes), batch):  # in parts, so that X is never dense as a whole
        X = indicators(part(likes, start, min(start + batch, len(likes))), movies)
        gram += X.T @ X
    return gram
