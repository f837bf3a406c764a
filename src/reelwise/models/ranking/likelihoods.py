"""How well each profile explains a film: the L(i | u) of `reelwise.models.ranking.blending`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from reelwise.data.types import Floats, Indices, Rows
from reelwise.models.config import BlendConfig
from reelwise.models.ranking.profiles import Profiles
from reelwise.storage.arrays import ArrayStore

PickedRows = Sequence[int]

_WELL_KNOWN = 2048  # films, of which most selections consist


class Likelihoods(NamedTuple):
    """Works out likelihoods; apart from the blend, so that what is kept of them does not keep the blend.

    Attributes:
        columns: embeddings of the profiles, transposed, shape (k, profiles); twice as fast for a few films.
        Q: embeddings of the movies, shape (movies, k).
        profiles: the profiles.
        config: floor and bonus.
        log_partition: log Z_u, shape (profiles,).
    """

    columns: Floats
    Q: Floats
    profiles: Profiles
    config: BlendConfig
    log_partition: Floats

    @classmethod
    def of_profiles(cls, vectors: Floats, Q: Floats, profiles: Profiles, config: BlendConfig) -> Self:
        """Those of profiles with these embeddings, shape (profiles, k)."""
        return cls(np.ascontiguousarray(vectors.T), Q, profiles, config, np.log(profiles.partition))

    def of_one(self, movie: int) -> Floats:
        """Log L(i | u) of one movie, shape (profiles,); the same bits whatever else is asked for."""
        logarithms: Floats = self.of([movie])[0]
        return logarithms

    def of(self, movies: PickedRows, out: Floats | None = None) -> Floats:
        """Log L(i | u), shape (movies, profiles); in `out`, if it is given."""
        # in place here and below, because new arrays of this size cost as much as what is done with them
        likelihood = np.matmul(self.Q[np.asarray(movies, np.int64)], self.columns, out=out)
        np.maximum(likelihood, np.float32(self.config.floor), out=likelihood)
        for of_movie, movie in zip(likelihood, movies, strict=True):
            of_movie[self.profiles.likers.of(movie)] += np.float32(self.config.like_bonus)
        logarithms: Floats = np.log(likelihood, out=likelihood)
        logarithms -= self.log_partition
        return logarithms


@dataclass(frozen=True)
class KnownLikelihoods:
    """The likelihoods of well-known films, worked out when a model is saved; servers share them.

    Attributes:
        movies: int32, shape (films,); their rows.
        logarithms: float32, shape (films, profiles); log L(i | u).
    """

    movies: Indices
    logarithms: Floats

    @classmethod
    def of_best_known(cls, likelihoods: Likelihoods) -> Self:
        """Those of the films that score highest with the average profile."""
        average = likelihoods.columns.mean(axis=1)
        best: Rows = np.argsort(-(likelihoods.Q @ average), kind="stable")[:_WELL_KNOWN]
        logarithms = np.empty((len(best), likelihoods.columns.shape[1]), np.float32)
        for place, movie in enumerate(best.tolist()):  # one by one, as they are where nothing is known
            likelihoods.of([movie], out=logarithms[place : place + 1])
        return cls(best.astype(np.int32), logarithms)

    @cached_property
    def _places(self) -> dict[int, int]:
        return {movie: place for place, movie in enumerate(self.movies.tolist())}

    def find(self, movie: int) -> Floats | None:
        """Log L(i | u) of a movie, shape (profiles,); None if it is not so well known."""
        place = self._places.get(movie)
        return None if place is None else self.logarithms[place]

    def find_all(self, movies: PickedRows) -> Floats | None:
        """Those of several movies, shape (movies, profiles); None unless all are so well known."""
        places = [self._places.get(movie, -1) for movie in movies]
        return None if min(places, default=0) < 0 else self.logarithms.take(places, axis=0)

    def save(self, store: ArrayStore) -> None:
        """Write them as `ranking_likelihood_…`."""
        store.write("ranking_likelihood_movies", self.movies)
        store.write("ranking_likelihood_logarithms", self.logarithms)

    @classmethod
    def load(cls, store: ArrayStore, profiles: int) -> Self:
        """What `save` wrote for so many profiles.

        Raises:
            ModelError: Raised when an array is missing or invalid.
        """
        movies = store.read("ranking_likelihood_movies", "<i4", (None,))
        return cls(movies, store.read("ranking_likelihood_logarithms", "<f4", (len(movies), profiles)))
