"""Folding a history into both models.

A history of any number of ratings becomes an embedding in each model in two steps, without training: the profiles
(trained users who stand for everybody) are weighed by how well they explain it, and their weighted mean is the prior
mean of a least squares for the history itself. With stars out of five, for the films i of the history

    w_i = 0, 0, 0.5, 1, 1 for 1 to 5 stars          n = max(1, sum of w_i)
    ω_u ∝ (prod of L(i | u)^w_i)^τ(n) · (a_u + 5)^g    L, τ up to n = 20 and g: `reelwise.models.ranking.blending`
                                                       beyond: τ(20) · (20 / n)^0.85

    ranking model:  m = sum of ω_u p_u,  t_i = 0, 0, 0.6, 1, 1.1,  A = 2 (a0 QᵀQ + λ I), the model's own prior
    rating model:   m = sum of ω_u (p_u, b_u),  x_i = (q_i, 1),  t_i = z_i - b_i,  A = diag(12, …, 12, 5)

(the numbers are those of `FoldInConfig`). The first few films thus speak through people who are like that, and the more
there are the more they speak for themselves: `benchmarks/fold_in.py`.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from reelwise.data.types import Doubles, Floats, Rows, Stars
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.fold_in.least_squares import LeastSquares
from reelwise.models.preference import five_stars
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization

_STARS = (1.0, 2.0, 3.0, 4.0, 5.0)
_BLOCK = 64  # films whose likelihoods are worked out at a time: 2 MB


@dataclass(frozen=True)
class Embeddings:
    """Somebody in both models.

    Attributes:
        ranking: float32, shape (k,).
        rating: float32, shape (k + 2,), biases folded in.
        weights: ω, float32, shape (profiles,).
    """

    ranking: Floats
    rating: Floats
    weights: Floats


@dataclass
class FoldedHistory:
    """What is kept of a history: one rating more, or less, needs no new start.

    Attributes:
        stars: the stars of each movie row.
        evidence: sum of w_i log L(i | u), float64, shape (profiles,).
        likes: sum of w_i.
        ranking: the least squares of the ranking model's row.
        rating: that of the rating model's.
    """

    evidence: Doubles
    ranking: LeastSquares
    rating: LeastSquares
    likes: float = 0.0
    stars: dict[int, float] = field(default_factory=dict)


class Folding:
    """Folds histories into a ranking and a rating model that were fitted to the same ratings.

    Args:
        ranking: the ranking model, with its profiles.
        rating: the rating model.
        config: how.
    """

    def __init__(self, ranking: WeightedALS, rating: MatrixFactorization, config: FoldInConfig | None = None) -> None:
        self.config = config or FoldInConfig()
        self._ranking, self._rating = ranking, rating
        self._blend, self._scale = ranking.blend, ranking.scale

    def fold(self, movies: Rows, stars: Stars) -> FoldedHistory:
        """A history.

        Args:
            movies: distinct rows of movies that the models were fitted to.
            stars: on the models' own scale.
        """
        weights = self._like_weights(stars)
        return FoldedHistory(
            self._evidence(movies, weights),
            LeastSquares.of(self._ranking.Q[movies].astype(np.float64), self._targets(stars)),
            LeastSquares.of(self._features(movies), self._residuals(movies, stars)),
            float(weights.sum()),
            dict(zip(movies.tolist(), stars.tolist(), strict=True)),
        )

    def add(self, history: FoldedHistory, movie: int, stars: float) -> None:
        """Take one rating more, in place of an older one of the same movie."""
        self.remove(history, movie)
        self._count(history, movie, stars, 1)
        history.stars[movie] = stars

    def remove(self, history: FoldedHistory, movie: int) -> None:
        """Take a rating back, if there is one."""
        if movie in history.stars:
            self._count(history, movie, history.stars.pop(movie), -1)

    def embed(self, history: FoldedHistory) -> Embeddings:
        """Where the history leads in both models."""
        weights = self._blend.softmax(history.evidence.astype(np.float32), self._inverse_temperature(history.likes))
        ranking = history.ranking.solve((weights @ self._blend.vectors).astype(np.float64), self._ranking_precision)
        rating = history.rating.solve((weights @ self._profiles).astype(np.float64), self._rating_precision)
        mu, sigma = self._scaling
        folded = np.concatenate([rating[:-1] * sigma, [mu + sigma * rating[-1], 1.0]])
        return Embeddings(ranking.astype(np.float32), folded.astype(np.float32), weights)

    def _count(self, history: FoldedHistory, movie: int, stars: float, sign: float) -> None:
        row, given = np.array([movie]), np.array([stars], np.float32)
        weight = float(self._like_weights(given)[0])
        if weight:
            history.evidence += sign * weight * self._blend.log_likelihoods([movie])[0]
        history.likes += sign * weight
        history.ranking.add(self._ranking.Q[movie].astype(np.float64), float(self._targets(given)[0]), sign)
        history.rating.add(self._features(row)[0], float(self._residuals(row, given)[0]), sign)

    def _evidence(self, movies: Rows, weights: Doubles) -> Doubles:
        evidence = np.zeros(len(self._blend.vectors))
        counted = np.flatnonzero(weights)
        for start in range(0, len(counted), _BLOCK):
            part = counted[start : start + _BLOCK]
            evidence += weights[part].astype(np.float32) @ self._blend.log_likelihoods_of_many(movies[part])
        return evidence

    def _inverse_temperature(self, likes: float) -> float:
        longest = self._blend.config.picks[-1]
        beyond = max(likes / longest, 1.0)
        return float(self._blend.inverse_temperature(min(likes, longest)) * beyond**-self.config.temperature_decay)

    def _like_weights(self, stars: Stars) -> Doubles:
        return self._interpolate(stars, self.config.like_weights)

    def _targets(self, stars: Stars) -> Doubles:
        return self._interpolate(stars, self.config.targets)

    def _interpolate(self, stars: Stars, values: tuple[float, ...]) -> Doubles:
        values_of: Doubles = np.interp(five_stars(stars, self._scale), _STARS, values)
        return values_of

    def _features(self, movies: Rows) -> Doubles:
        """x_i = (q_i, 1), shape (movies, k + 1)."""
        Q = self._rating.Q
        return np.column_stack([Q[movies, :-2], np.ones(len(movies))]).astype(np.float64)

    def _residuals(self, movies: Rows, stars: Stars) -> Doubles:
        """z_i - b_i."""
        mu, sigma = self._scaling
        residuals: Doubles = (stars.astype(np.float64) - mu - self._rating.Q[movies, -1]) / sigma
        return residuals

    @property
    def _scaling(self) -> tuple[float, float]:
        parts = self._rating.fold_in_parts
        assert parts is not None  # noqa: S101 - see `can_fold`
        return float(parts.scaling.mu), float(parts.scaling.sigma)

    @cached_property
    def _profiles(self) -> Floats:
        """The profiles' (p_u, b_u) in the rating model, float32, shape (profiles, k + 1)."""
        mu, sigma = self._scaling
        P = self._rating.P[self._ranking.profiles.users]
        return (np.column_stack([P[:, :-2], P[:, -2] - mu]) / sigma).astype(np.float32)

    @cached_property
    def _ranking_precision(self) -> Doubles:
        return self.config.ranking_prior * self._ranking.prior_precision

    @cached_property
    def _rating_precision(self) -> Doubles:
        k = self._rating.Q.shape[1] - 2
        return np.diag([self.config.rating_ridge] * k + [self.config.bias_ridge])
