"""Blended profiles: a selection of films becomes one vector, with the help of everybody who ever rated.

Each profile u (a trained user) explains a film i with the likelihood

    L(i | u) = (max(p_u·q_i, floor) + h [u likes i]) / Z_u        Z_u: the same, summed over the catalogue

and a selection S of n films with the product of these. A profile's weight is that product to a power that tempers it
(the picks are not independent, and the more there are the less so), times a power of its number of likes a_u:

    w_u ∝ (prod over i in S of L(i | u)) ^ power(n) · (a_u + 5) ^ g

The weighted mean v of the profiles' vectors is then pulled towards the picks: it is the prior mean of a regression that
wants a score of 1 for each pick, with the covariance F = (a0 QᵀQ + λ I)^-1 of the taste model's own least squares,

    v + F Xᵀ (X F Xᵀ + I / pull(n))^-1 (1 - X v)        X: the picks' rows of Q

In stars the viewer is the weighted mean of the profiles' vectors alone. A disliked film d multiplies the likelihood by
1 - c·min(max(p_u·q_d, 0), 1).

Everything here is plain NumPy, because it is what a server does for each request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Ratings, offsets_of, stable_order
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.preference import is_like

Floats = npt.NDArray[np.float32]
Picks = Sequence[int]
_CERTAINTY_OF_DISLIKES = 0.9


@dataclass(frozen=True)
class Profiles:
    """The users that stand for all viewers.

    Attributes:
        users: int32, ascending, shape (profiles,): their rows of P.
        mass: float32, shape (profiles,): Z_u.
        likes: float32, shape (profiles,): a_u.
    """

    users: npt.NDArray[np.int32]
    mass: Floats
    likes: Floats

    @classmethod
    def chosen(cls, P: Floats, Q: Floats, history: Ratings, settings: BlendConfig, seed: int) -> "Profiles":
        """All users with a like, or a random sample of them where there are more than `settings.profiles`."""
        liked = is_like(history.by_user.stars, history.scale)
        per_user = np.add.reduceat(np.append(liked, False), history.by_user.offsets[:-1], dtype=np.int64)
        per_user[history.by_user.counts() == 0] = 0
        return cls.among(P, Q, per_user, settings, seed)

    @classmethod
    def among(
        cls, P: Floats, Q: Floats, per_user: npt.NDArray[np.number], settings: BlendConfig, seed: int
    ) -> "Profiles":
        """The same, from the number of likes of each user, shape (users,)."""
        users = cls.drawn(per_user, settings, seed)
        likes = per_user[users].astype(np.float32)
        return cls(users, _mass(P, Q, users, settings) + np.float32(settings.history_weight) * likes, likes)

    @staticmethod
    def drawn(per_user: npt.NDArray[np.number], settings: BlendConfig, seed: int) -> npt.NDArray[np.int32]:
        """The rows of all users with a like, or of a random sample of them, from the number of likes of each."""
        users = np.flatnonzero(per_user)
        if len(users) > settings.profiles:
            users = np.sort(np.random.default_rng(seed).choice(users, settings.profiles, replace=False))
        return users.astype(np.int32)

    def without_histories(self, settings: BlendConfig) -> tuple["Profiles", BlendConfig]:
        """These profiles, and the settings to blend them by, where nobody knows any more who liked what."""
        mass = self.mass - np.float32(settings.history_weight) * self.likes
        return replace(self, mass=mass), replace(settings, history_weight=0.0)


def _mass(P: Floats, Q: Floats, users: npt.NDArray[np.int32], settings: BlendConfig) -> Floats:
    """The sum over the catalogue of each profile's scores, shape (profiles,)."""
    mass = np.empty(len(users), np.float32)
    for start in range(0, len(users), 256):
        part = slice(start, start + 256)
        mass[part] = np.maximum(P[users[part]] @ Q.T, settings.floor).sum(axis=1)
    return mass


@dataclass(frozen=True)
class Taste:
    """A trained taste model.

    Attributes:
        P: taste vectors of the users, float32, shape (users, k).
        Q: taste vectors of the movies, float32, shape (movies, k).
        profiles: the users that stand for all viewers.
    """

    P: Floats
    Q: Floats
    profiles: Profiles

    def centred_embeddings(self, movies: npt.NDArray[np.integer] | slice = slice(None)) -> Floats:
        """The taste vectors of some movies without what the average viewer likes, shape (movies, k).

        Films with a small angle between them are alike. The average viewer's direction is popularity; with it all
        popular films would be.
        """
        Q, average = self.Q[movies], self._average
        centred_embeddings: Floats = Q - np.outer(Q @ average, average)
        return centred_embeddings

    @cached_property
    def _average(self) -> Floats:
        """The direction of the average viewer, shape (k,); of length 1."""
        average: Floats = self.P.mean(axis=0)
        average /= max(float(np.linalg.norm(average)), 1e-12)
        return average


@dataclass(frozen=True)
class Blend:
    """Turns selections into weights of profiles, and into taste vectors.

    Attributes:
        taste: the taste model.
        history: who rated what.
        settings: how profiles are weighed.
        taste_settings: how the taste model was fitted.
        vectors: taste vectors of the profiles, shape (profiles, k).
    """

    taste: Taste
    history: Ratings
    settings: BlendConfig
    taste_settings: WeightedALSConfig
    vectors: Floats = field(init=False, repr=False)
    _fans: tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]] = field(init=False, repr=False)
    _prior: Floats = field(init=False, repr=False)
    _log_mass: Floats = field(init=False, repr=False)
    _columns: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        profiles = self.taste.profiles
        prior = np.float32(self.settings.activity_exponent) * np.log(profiles.likes + np.float32(5))
        object.__setattr__(self, "vectors", np.ascontiguousarray(self.taste.P[profiles.users]))
        object.__setattr__(self, "_fans", _fans(profiles.users, self.history))
        object.__setattr__(self, "_prior", prior)
        object.__setattr__(self, "_log_mass", np.log(profiles.mass))
        object.__setattr__(self, "_columns", np.ascontiguousarray(self.vectors.T))  # twice as fast for a few picks

    def power(self, picks: int) -> float:
        """The power for that many picks."""
        return _at(picks, self.settings.picks, self.settings.powers)

    def pull(self, picks: int) -> float:
        """The strength of the pull for that many picks."""
        return _at(picks, self.settings.picks, self.settings.pulls)

    def selection(self, picks: Picks, disliked: Picks = ()) -> "BlendedSelection":
        """Somebody who likes `picks` and dislikes `disliked`, rows of Q.

        Without either, profiles count by their number of likes alone: what most people like.
        """
        return BlendedSelection(self, picks, self.log_likelihoods(picks), self._log_aversions(disliked))

    def pulled(self, vectors: Floats, kept: npt.NDArray[np.integer], pull: float) -> Floats:
        """`vectors` pulled towards films, each towards its own.

        Args:
            vectors: shape (..., k).
            kept: rows of Q, for each vector as many; shape (..., n).
            pull: how strongly.
        """
        if kept.shape[-1] == 0 or pull <= 0:
            return vectors
        X = self.taste.Q[kept]
        reach = X @ self._covariance
        system = reach @ np.swapaxes(X, -1, -2) + np.eye(kept.shape[-1], dtype=np.float32) / np.float32(pull)
        misses = 1 - X @ vectors[..., None]
        moved: Floats = vectors + (np.linalg.solve(system, misses) * reach).sum(axis=-2)
        return moved

    @cached_property
    def _covariance(self) -> Floats:
        """F, shape (k, k)."""
        Q, settings = self.taste.Q, self.taste_settings
        size = settings.missing_weight * len(Q)
        penalty = settings.regularisation * size**settings.frequency_exponent
        system = settings.missing_weight * (Q.T @ Q).astype(np.float64) + penalty * np.eye(Q.shape[1])
        return np.linalg.inv(system).astype(np.float32)

    def evidence(self, selections: Sequence[npt.NDArray[np.integer]]) -> Floats:
        """The log-likelihood of each selection by profile, shape (selections, profiles)."""
        movies = np.flatnonzero(np.bincount(np.concatenate(selections)))
        of_movies = self.log_likelihoods(movies.tolist())
        return np.stack([of_movies[np.searchsorted(movies, picks)].sum(axis=0) for picks in selections])

    def tempered(self, evidence: Floats, power: float | Floats) -> Floats:
        """Weights from log-likelihoods by profile, shape (..., profiles); along the last axis they sum to 1."""
        logarithms: Floats = np.float32(power) * evidence
        logarithms += self._prior
        logarithms -= logarithms.max(axis=-1, keepdims=True)
        weights = np.exp(logarithms, out=logarithms)
        weights /= weights.sum(axis=-1, keepdims=True)
        return weights

    def log_likelihoods(self, picks: Picks) -> Floats:
        """Log L(i | u), shape (picks, profiles)."""
        settings = self.settings
        # in place here and below, because new arrays of this size cost as much as what is done with them
        likelihood = self.taste.Q[np.asarray(picks, np.int64)] @ self._columns
        np.maximum(likelihood, np.float32(settings.floor), out=likelihood)
        offsets, fans = self._fans
        for of_pick, movie in zip(likelihood, picks, strict=True):
            np.add.at(of_pick, fans[offsets[movie] : offsets[movie + 1]], np.float32(settings.history_weight))
        logarithms: Floats = np.log(likelihood, out=likelihood)
        logarithms -= self._log_mass
        return logarithms

    def _log_aversions(self, disliked: Picks) -> Floats | np.float32:
        if len(disliked) == 0:
            return np.float32(0)
        scores = np.clip(self.taste.Q[np.asarray(disliked)] @ self._columns, 0, 1)
        logarithms: Floats = np.log1p(-np.float32(_CERTAINTY_OF_DISLIKES) * scores).sum(axis=0)
        return logarithms


@lru_cache
def _at(picks: int, known: tuple[int, ...], values: tuple[float, ...]) -> float:
    """The value for so many picks: between those that are known it follows the logarithm."""
    return float(np.interp(np.log(max(picks, 1)), np.log(known), values))


def _fans(users: npt.NDArray[np.int32], history: Ratings) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """For each movie the profiles that like it, as compressed rows: offsets (movies + 1,), and places among `users`."""
    rows = [history.by_user[user] for user in users.tolist()]
    movies, stars = (np.concatenate(columns) for columns in zip(*rows, strict=True))
    profiles = np.repeat(np.arange(len(users), dtype=np.int32), [len(of_user) for of_user, _ in rows])
    liked = is_like(stars, history.scale)
    movies, profiles = movies[liked], profiles[liked]
    return offsets_of(movies, len(history.movie_ids)), profiles[stable_order(movies)]


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
    picks: Picks
    of_picks: Floats
    aversion: Floats | np.float32

    @cached_property
    def _total(self) -> Floats:
        total: Floats = self.of_picks.sum(axis=0) + self.aversion
        return total

    @cached_property
    def weights(self) -> Floats:
        """How much each profile counts, shape (profiles,); they sum to 1."""
        return self.blend.tempered(self._total, self.blend.power(len(self.picks)))

    @cached_property
    def vector(self) -> Floats:
        """The taste vector, shape (k,)."""
        mean = self.weights @ self.blend.vectors
        return self.blend.pulled(mean, np.asarray(self.picks, np.int64), self.blend.pull(len(self.picks)))

    def without_each(self) -> Floats:
        """The taste vector as it would be without each of the picks, all else the same; shape (picks, k)."""
        count = len(self.picks)
        # the weights of all picks, each with one pick's part divided out again
        weights = self.of_picks * np.float32(-self.blend.power(count))
        np.exp(weights, out=weights)
        weights *= self.weights
        means = (weights @ self.blend.vectors) / weights.sum(axis=1, keepdims=True)
        others = np.array([[*self.picks[:at], *self.picks[at + 1 :]] for at in range(count)], np.int64)
        return self.blend.pulled(means, others, self.blend.pull(count))
