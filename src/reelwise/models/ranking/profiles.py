"""Profiles: trained users who stand for everybody when somebody new names a few films."""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np

from reelwise.data.csr import offsets_of, stable_order
from reelwise.data.interactions import Interactions
from reelwise.data.likes import likes_of
from reelwise.data.types import Counts, Floats, Indices, Offsets, Rows
from reelwise.models.config import BlendConfig
from reelwise.storage.arrays import POSITIVE, ArrayStore, check_ascending, check_offsets

_BLOCK = 256  # profiles at a time, whose scores of all films fit into the cache


class Likers(NamedTuple):
    """For each movie the profiles that like it, as compressed rows.

    Attributes:
        offsets: int64, shape (movies + 1,).
        profiles: int32, shape (likes,); places among the profiles.
    """

    offsets: Offsets
    profiles: Indices

    @classmethod
    def among(cls, users: Indices, likes: Interactions) -> Self:
        """The likers of each movie among these users, whose rows ascend."""
        place = np.full(likes.shape[0], -1, np.int32)
        place[users] = np.arange(len(users), dtype=np.int32)
        profiles = place[likes.users]
        movies, profiles = likes.movies[profiles >= 0], profiles[profiles >= 0]
        return cls(offsets_of(movies, likes.shape[1]), profiles[stable_order(movies)])

    @classmethod
    def nobody(cls, movies: int) -> Self:
        """So many movies that nobody is known to like."""
        return cls(np.zeros(movies + 1, np.int64), np.empty(0, np.int32))

    def of(self, movie: int) -> Indices:
        """The profiles that like a movie."""
        return self.profiles[self.offsets[movie] : self.offsets[movie + 1]]


@dataclass(frozen=True)
class Profiles:
    """The users that stand for everybody.

    Attributes:
        users: int32, ascending, shape (profiles,): their rows of P.
        partition: float32, shape (profiles,): Z_u, what makes a profile's scores sum to 1 over the catalogue.
        likes: float32, shape (profiles,): a_u, the number of likes.
        likers: for each movie the profiles that like it.
    """

    users: Indices
    partition: Floats
    likes: Floats
    likers: Likers

    @classmethod
    def choose(cls, P: Floats, Q: Floats, train: Interactions, config: BlendConfig, seed: int) -> Self:
        """All users with a like, or a random sample of them where there are more than `config.profiles`."""
        likes = likes_of(train)
        counts = likes.counts_by_user()
        users = draw_profiles(counts, config, seed)
        return cls.build(P[users], Q, users, counts[users], Likers.among(users, likes), config)

    @classmethod
    def build(
        cls, vectors: Floats, Q: Floats, users: Indices, likes: Counts | Floats, likers: Likers, config: BlendConfig
    ) -> Self:
        """The profiles who are these users.

        Args:
            vectors: their embeddings, shape (profiles, k).
            Q: the movies' embeddings, shape (movies, k).
            users: their rows of P, ascending.
            likes: how many likes each has.
            likers: who of them likes which movie.
            config: the floor of scores, and the bonus of a like.
        """
        partition = np.empty(len(users), np.float32)
        for start in range(0, len(users), _BLOCK):
            part = slice(start, start + _BLOCK)
            partition[part] = np.maximum(vectors[part] @ Q.T, config.floor).sum(axis=1)
        counts = likes.astype(np.float32)
        return cls(users, partition + np.float32(config.like_bonus) * counts, counts, likers)

    def with_movies(self, places: Rows, movies: int) -> "Profiles":
        """The same profiles among more movies: row i is then `places[i]`, ascending, of so many."""
        counts = np.zeros(movies, np.int64)
        counts[places] = np.diff(self.likers.offsets)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        return replace(self, likers=Likers(offsets, self.likers.profiles))

    def without_histories(self, config: BlendConfig) -> tuple["Profiles", BlendConfig]:
        """Nameless profiles, numbered from 0, and the config to blend them by, where nobody knows who liked what."""
        anonymous = Profiles(
            np.arange(len(self.users), dtype=np.int32),
            self.partition - np.float32(config.like_bonus) * self.likes,
            self.likes,
            Likers.nobody(len(self.likers.offsets) - 1),
        )
        return anonymous, replace(config, like_bonus=0.0)

    def place_of(self, user: int) -> int | None:
        """Which profile user row `user` is; None where the user is not one of them."""
        place = int(np.searchsorted(self.users, user))
        return place if place < len(self.users) and self.users[place] == user else None

    def save(self, store: ArrayStore) -> None:
        """Write them as `ranking_profile_…` and `ranking_likers_…`."""
        store.write("ranking_profile_users", self.users)
        store.write("ranking_profile_partition", self.partition)
        store.write("ranking_profile_likes", self.likes)
        store.write("ranking_likers_offsets", self.likers.offsets)
        store.write("ranking_likers_profiles", self.likers.profiles)

    @classmethod
    def load(cls, store: ArrayStore, users: int, movies: int) -> Self:
        """What `save` wrote of a model of so many users and movies.

        Raises:
            ModelError: Raised when an array is missing or invalid.
        """
        rows = store.read("ranking_profile_users", "<i4", (None,))
        check_ascending(store.path("ranking_profile_users"), rows, users)
        shape = (len(rows),)
        partition = store.read("ranking_profile_partition", "<f4", shape, within=POSITIVE)
        likes = store.read("ranking_profile_likes", "<f4", shape, within=(0, movies))
        offsets = store.read("ranking_likers_offsets", "<i8", (movies + 1,))
        profiles = store.read("ranking_likers_profiles", "<i4", (None,), within=(0, len(rows) - 1))
        check_offsets(store.path("ranking_likers_offsets"), offsets, len(profiles))
        return cls(rows, partition, likes, Likers(offsets, profiles))


def draw_profiles(likes: Counts | Floats, config: BlendConfig, seed: int) -> Indices:
    """The rows of all users with a like, or of a random sample of them, from the number of likes of each.

    Where nobody has a like, all users are drawn from.
    """
    users: Rows = np.flatnonzero(likes) if likes.any() else np.arange(len(likes))
    if len(users) > config.profiles:
        users = np.sort(np.random.default_rng(seed).choice(users, config.profiles, replace=False))
    return users.astype(np.int32)
