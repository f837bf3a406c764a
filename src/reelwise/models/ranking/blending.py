"""Blended profiles: a selection of films becomes one vector, with the help of everybody who ever rated.

Each profile u (a trained user) explains a film i with the likelihood

    L(i | u) = (max(p_u·q_i, floor) + h [u likes i]) / Z_u        Z_u: the same, summed over the catalogue

and a selection S of n films with the product of these. A profile's weight is a softmax of the log-likelihoods, whose
inverse temperature tempers them (the picks are not independent, and the more there are the less so), times a power of
its number of likes a_u:

    w_u ∝ (prod over i in S of L(i | u)) ^ inverse_temperature(n) · (a_u + 5) ^ g

The weighted mean v of the profiles' vectors is then the prior mean of a regression that wants a score of 1 for each
pick, with the covariance F = (a0 QᵀQ + λ I)^-1 of the ranking model's own least squares,

    v + F Xᵀ (X F Xᵀ + I / weight(n))^-1 (1 - X v)        X: the picks' rows of Q

In stars such a person is the weighted mean of the profiles' vectors alone. A disliked film d multiplies the likelihood
by 1 - c·min(max(p_u·q_d, 0), 1).

Everything here is plain NumPy, because it is what a server does for each request.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from reelwise.data.types import Floats, Rows
from reelwise.models.config import BlendConfig
from reelwise.models.ranking.correction import Correction
from reelwise.models.ranking.likelihoods import KnownLikelihoods, Likelihoods, PickedRows
from reelwise.models.ranking.profiles import Profiles

_CERTAINTY_OF_DISLIKES = 0.9
_KEPT = 64  # other films whose likelihoods are kept, 32 kB each at most


@dataclass(frozen=True)
class Blend:
    """Turns selections into weights of profiles, and into embeddings.

    Args:
        vectors: embeddings of the profiles, shape (profiles, k).
        Q: embeddings of the movies, shape (movies, k).
        profiles: the profiles.
        config: how they are weighed.
        covariance: F, shape (k, k).
        known: likelihoods of well-known films, where they have been worked out before.
    """

    vectors: Floats
    Q: Floats
    profiles: Profiles
    config: BlendConfig
    covariance: Floats
    known: KnownLikelihoods | None = None

    def __getstate__(self) -> dict[str, Any]:
        """All but what is kept of requests, so that a model can be pickled that was asked before."""
        return {name: value for name, value in vars(self).items() if name != "_kept_likelihoods"}

    @cached_property
    def _log_prior(self) -> Floats:
        exponent = self.config.activity_exponent_for(len(self.vectors))
        prior: Floats = np.float32(exponent) * np.log(self.profiles.likes + np.float32(5))
        return prior

    @cached_property
    def likelihoods(self) -> Likelihoods:
        """How well each profile explains films."""
        return Likelihoods.of_profiles(self.vectors, self.Q, self.profiles, self.config)

    @cached_property
    def _kept_likelihoods(self) -> Callable[[int], Floats]:
        return lru_cache(maxsize=_KEPT)(self.likelihoods.of_one)

    def inverse_temperature(self, picks: float) -> float:
        """The power that tempers the likelihoods of that many picks."""
        return _interpolate(picks, self.config.picks, self.config.inverse_temperatures)

    def fold_in_weight(self, picks: int) -> float:
        """How strongly the blend is corrected towards that many picks."""
        return _interpolate(picks, self.config.picks, self.config.fold_in_weights)

    def select(self, picks: PickedRows, disliked: PickedRows = ()) -> "BlendedSelection":
        """Somebody who likes `picks` and dislikes `disliked`, rows of Q.

        Without either, profiles count by their number of likes alone: what most people like.
        """
        return BlendedSelection(self, picks, self.log_likelihoods(picks), self._log_aversion(disliked))

    def correct(self, vectors: Floats, picks: Rows, weight: float) -> Floats:
        """`vectors` corrected towards films, each towards its own.

        Args:
            vectors: shape (..., k).
            picks: rows of Q, for each vector as many; shape (..., n).
            weight: how strongly.
        """
        if picks.shape[-1] == 0 or weight <= 0:
            return vectors
        return Correction.towards(self.Q[picks], self.covariance, weight).by_all(vectors)

    def evidence(self, selections: Sequence[Rows]) -> Floats:
        """The log-likelihood of each selection by profile, shape (selections, profiles)."""
        movies = np.unique(np.concatenate([np.empty(0, np.int32), *selections]))
        of_movies = self.log_likelihoods_of_many(movies)
        totals = np.empty((len(selections), len(self.vectors)), np.float32)
        for total, picks in zip(totals, selections, strict=True):
            of_movies[np.searchsorted(movies, picks)].sum(axis=0, out=total)
        return totals

    def softmax(self, evidence: Floats, inverse_temperature: float | Floats) -> Floats:
        """Weights from log-likelihoods by profile, shape (..., profiles); along the last axis they sum to 1."""
        logarithms: Floats = np.float32(inverse_temperature) * evidence
        logarithms += self._log_prior
        logarithms -= logarithms.max(axis=-1, keepdims=True)
        weights = np.exp(logarithms, out=logarithms)
        weights /= weights.sum(axis=-1, keepdims=True)
        return weights

    def log_likelihoods(self, picks: PickedRows) -> Floats:
        """Log L(i | u), shape (picks, profiles); those of films that were picked lately are kept."""
        if len(picks) == 0:
            return np.empty((0, len(self.vectors)), np.float32)
        known = None if self.known is None else self.known.find_all(picks)
        return np.stack([self._log_likelihood(movie) for movie in picks]) if known is None else known

    def log_likelihoods_of_many(self, movies: Rows) -> Floats:
        """Log L(i | u), shape (movies, profiles); nothing is kept, and last bits may depend on what else is asked."""
        found = np.empty((len(movies), len(self.vectors)), np.float32)
        known = [None if self.known is None else self.known.find(movie) for movie in movies.tolist()]
        unknown = [at for at, logarithms in enumerate(known) if logarithms is None]
        for at, logarithms in enumerate(known):
            if logarithms is not None:
                found[at] = logarithms
        if unknown:
            found[unknown] = self.likelihoods.of(movies[unknown].tolist())
        return found

    def _log_likelihood(self, movie: int) -> Floats:
        known = None if self.known is None else self.known.find(movie)
        return self._kept_likelihoods(movie) if known is None else known

    def _log_aversion(self, disliked: PickedRows) -> Floats | np.float32:
        if len(disliked) == 0:
            return np.float32(0)
        scores = np.clip(self.Q[np.asarray(disliked)] @ self.vectors.T, 0, 1)
        logarithms: Floats = np.log1p(-np.float32(_CERTAINTY_OF_DISLIKES) * scores).sum(axis=0)
        return logarithms


@lru_cache
def _interpolate(picks: float, known: tuple[int, ...], values: tuple[float, ...]) -> float:
    """The value for so many picks: between those that are known it follows the logarithm."""
    return float(np.interp(np.log(max(picks, 1)), np.log(known), values))


@dataclass(frozen=True)
class BlendedSelection:
    """One selection, seen through all profiles.

    Attributes:
        blend: the profiles.
        picks: rows of the liked films.
        of_picks: log-likelihood of each pick by profile, shape (picks, profiles).
        aversion: log-likelihood of the dislikes by profile, shape (profiles,); 0 without dislikes.
    """

    blend: Blend
    picks: PickedRows
    of_picks: Floats
    aversion: Floats | np.float32

    @cached_property
    def _total(self) -> Floats:
        total: Floats = self.of_picks.sum(axis=0) + self.aversion
        return total

    @cached_property
    def weights(self) -> Floats:
        """How much each profile counts, shape (profiles,); they sum to 1."""
        return self.blend.softmax(self._total, self.blend.inverse_temperature(len(self.picks)))

    @cached_property
    def vector(self) -> Floats:
        """The embedding, shape (k,)."""
        mean: Floats = self.weights @ self.blend.vectors
        return mean if self._correction is None else self._correction.by_all(mean)

    def without_each(self) -> Floats:
        """The embedding as it would be without each of the picks, all else the same; shape (picks, k)."""
        # the weights of all picks, each with one pick's part divided out again
        weights: Floats = np.float32(-self.blend.inverse_temperature(len(self.picks))) * self.of_picks
        np.exp(weights, out=weights)
        totals: Floats = weights @ self.weights
        weights *= self.weights
        means: Floats = (weights @ self.blend.vectors) / totals[:, None]
        return means if self._correction is None else self._correction.by_all_but_each(means)

    @cached_property
    def _correction(self) -> Correction | None:
        blend, weight = self.blend, self.blend.fold_in_weight(len(self.picks))
        if len(self.picks) == 0 or weight <= 0:
            return None
        return Correction.towards(blend.Q[np.asarray(self.picks, np.int64)], blend.covariance, weight)
