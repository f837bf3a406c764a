"""Blended profiles: a selection of films becomes one vector, with the help of everybody who ever rated.

Each profile u (a trained user) explains a film i with the likelihood

    L(i | u) = (max(p_u·q_i, floor) + h [u likes i]) / Z_u        Z_u: the same, summed over the catalogue

and a selection S of n films with the product of these. A profile's weight is that product to a power that tempers it
(the picks are not independent, and the more there are the less so), times a power of its number of likes a_u:

    w_u ∝ (prod over i in S of L(i | u)) ^ power(n) · (a_u + 5) ^ g

The viewer is the weighted mean of the profiles' vectors, in taste and in stars alike. A disliked film d multiplies the
likelihood by 1 - c·min(max(p_u·q_d, 0), 1).

Everything here is plain NumPy, because it is what a server does for each request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reelwise.data.ratings import Ratings
from reelwise.models.hyperparameters import BlendSettings
from reelwise.models.likes import is_like

Floats = npt.NDArray[np.float32]
_CERTAINTY_OF_DISLIKES = 0.9


class Weights(NamedTuple):
    """How much each profile counts for a selection, and how much it would if one pick were left out.

    Attributes:
        all: shape (profiles,), sums to 1.
        without: shape (picks, profiles), each row sums to 1.
    """

    all: Floats
    without: Floats


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
    def chosen(cls, P: Floats, Q: Floats, history: Ratings, settings: BlendSettings, seed: int) -> "Profiles":
        """All users with a like, or a random sample of them where there are more than `settings.profiles`."""
        liked = is_like(history.by_user.stars, history.scale)
        per_user = np.add.reduceat(np.append(liked, False), history.by_user.offsets[:-1], dtype=np.int64)
        per_user[history.by_user.counts() == 0] = 0
        users = np.flatnonzero(per_user)
        if len(users) > settings.profiles:
            users = np.sort(np.random.default_rng(seed).choice(users, settings.profiles, replace=False))
        likes = per_user[users].astype(np.float32)
        mass = np.empty(len(users), np.float32)
        for start in range(0, len(users), 256):
            part = slice(start, start + 256)
            mass[part] = np.maximum(P[users[part]] @ Q.T, settings.floor).sum(axis=1)
        return cls(users.astype(np.int32), mass + np.float32(settings.history_weight) * likes, likes)


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


@dataclass(frozen=True)
class Blend:
    """Turns selections into weights of profiles.

    Attributes:
        taste: the taste model.
        history: who rated what.
        settings: the hyper-parameters.
        vectors: taste vectors of the profiles, shape (profiles, k).
    """

    taste: Taste
    history: Ratings
    settings: BlendSettings
    vectors: Floats = field(init=False, repr=False)
    _place: npt.NDArray[np.int32] = field(init=False, repr=False)
    _prior: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        profiles = self.taste.profiles
        place = np.full(len(self.history.user_ids), -1, np.int32)
        place[profiles.users] = np.arange(len(profiles.users), dtype=np.int32)
        prior = np.float32(self.settings.activity_exponent) * np.log(profiles.likes + np.float32(5))
        object.__setattr__(self, "vectors", np.ascontiguousarray(self.taste.P[profiles.users]))
        object.__setattr__(self, "_place", place)
        object.__setattr__(self, "_prior", prior)

    def power(self, picks: int) -> float:
        """The power for that many picks."""
        settings = self.settings
        return float(np.interp(np.log(max(picks, 1)), np.log(settings.picks), settings.powers))

    def weights(self, picks: Sequence[int], disliked: Sequence[int] = (), each_without: bool = False) -> Weights:
        """How much each profile counts for somebody who likes `picks` and dislikes `disliked`, rows of Q.

        Args:
            picks: the liked films; with none, profiles count by their number of likes alone.
            disliked: the disliked films.
            each_without: whether to work out the weights without each pick, too.
        """
        of_picks = self.log_likelihoods(picks)
        total = of_picks.sum(axis=0) + self._log_aversions(disliked)
        of_all = self.tempered(total, self.power(len(picks)))
        if not each_without:
            return Weights(of_all, np.empty((0, len(of_all)), np.float32))
        return Weights(of_all, self.tempered(total - of_picks, self.power(len(picks))))

    def evidence(self, selections: Sequence[npt.NDArray[np.integer]]) -> Floats:
        """The log-likelihood of each selection by profile, shape (selections, profiles)."""
        movies = np.unique(np.concatenate([np.asarray(picks, np.int64) for picks in selections]))
        of_movies = self.log_likelihoods(movies.tolist())
        return np.stack([of_movies[np.searchsorted(movies, picks)].sum(axis=0) for picks in selections])

    def tempered(self, evidence: Floats, power: float | Floats) -> Floats:
        """Weights from log-likelihoods by profile, shape (..., profiles); along the last axis they sum to 1."""
        return _normalised(np.float32(power) * evidence + self._prior)

    def log_likelihoods(self, picks: Sequence[int]) -> Floats:
        """Log L(i | u), shape (picks, profiles)."""
        settings = self.settings
        likelihood = np.maximum(self.taste.Q[list(picks)] @ self.vectors.T, np.float32(settings.floor))
        for row, movie in enumerate(picks):
            users, stars = self.history.by_movie[movie]
            fans = self._place[users[is_like(stars, self.history.scale)]]
            likelihood[row, fans[fans >= 0]] += np.float32(settings.history_weight)
        logarithms: Floats = np.log(likelihood / self.taste.profiles.mass)
        return logarithms

    def _log_aversions(self, disliked: Sequence[int]) -> Floats:
        if not disliked:
            return np.zeros(len(self.vectors), np.float32)
        scores = np.clip(self.taste.Q[list(disliked)] @ self.vectors.T, 0, 1)
        logarithms: Floats = np.log1p(-np.float32(_CERTAINTY_OF_DISLIKES) * scores).sum(axis=0)
        return logarithms


def _normalised(logarithms: Floats) -> Floats:
    """exp, scaled so that each row sums to 1."""
    weights = np.exp(logarithms - logarithms.max(axis=-1, keepdims=True))
    normalised: Floats = (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32)
    return normalised
