"""The ranking model: which films does this user watch and like?

    score(u, i) = p_u·q_i

fitted to all (user, movie) pairs, rated or not, by weighted alternating least squares:

    sum over ratings of (t_ui - p_u·q_i)^2  +  a0 sum over all pairs of (p_u·q_i)^2  +  sum of λ_u |p_u|^2 + λ_i |q_i|^2

The target t follows from the stars (`reelwise.models.preference`): near 1 for a like, low for another rating,
since those who rated a film at least chose to watch it. a0 is the weight of a missing pair. λ grows with a row's number
of ratings plus a0 times the other side's size (Rendle et al., "Revisiting the Performance of iALS on Item
Recommendation Benchmarks", 2021, section 4.3).

Somebody new is folded in by blended profiles (`reelwise.models.ranking.blending`).
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Self, Unpack

import numpy as np

from reelwise.data.arguments import check_seed, count_threads
from reelwise.data.csr import CSR
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.likes import is_like, likes_of
from reelwise.data.types import Doubles, Floats, Rows
from reelwise.models.base import FactorModel
from reelwise.models.config import BlendConfig, WeightedALSConfig, WeightedALSValues
from reelwise.models.least_squares import LeastSquares
from reelwise.models.preference import preference
from reelwise.models.ranking.balance import fame_of
from reelwise.models.ranking.blending import Blend
from reelwise.models.ranking.likelihoods import KnownLikelihoods
from reelwise.models.ranking.linear_part import LinearPart
from reelwise.models.ranking.profiles import Profiles
from reelwise.progress import FitProgress, OnFit
from reelwise.storage.arrays import POSITIVE, ArrayStore

OnIteration = Callable[[int, int], object]
"""Called after each iteration with its number, from 1, and how many there will be at most."""

KeepGoing = Callable[[int, "WeightedALS"], bool]

_DERIVED = ("blend", "prior_precision", "_average_direction", "_centred_lengths", "_covariance")  # when asked for
_BLOCK = 4096  # movies at a time, so that no second matrix as large as Q is made


class WeightedALS(FactorModel):
    """Weighted ALS over rated and unrated pairs, with the profiles that newcomers are blended from.

    Args:
        config: hyper-parameters.
        blend: how newcomers are blended.
        seed: of the random start and of the choice of profiles.
        threads: how many work at a time, by default all that there are; no effect on the result.
        hyperparameters: single ones instead of those of the config: the fields of `WeightedALSConfig`.

    Attributes:
        P: float32, shape (users, k); zero for users without ratings.
        Q: float32, shape (movies, k); zero for movies without ratings.
        profiles: the users that stand for everybody.
        fame: float32, shape (movies,), above 0; how well known each movie is, see `reelwise.models.ranking.balance`.
        scale: of the ratings.
        fitted_movies: how many movies there were when it was fitted; penalties depend on that.
        linear: what selections are ordered by, too; None where there is none.
    """

    name: ClassVar[str] = "weighted-als"
    config_type = WeightedALSConfig
    learns_from_likes = True
    options: ClassVar[Mapping[str, Any]] = {"seed": int, "blend_config": BlendConfig}
    config: WeightedALSConfig
    linear: LinearPart | None = None

    def __init__(
        self,
        config: WeightedALSConfig | None = None,
        *,
        blend: BlendConfig | None = None,
        seed: int = 42,
        threads: int | None = None,
        **hyperparameters: Unpack[WeightedALSValues],
    ) -> None:
        super().__init__(config, **hyperparameters)
        self.blend_config = blend or BlendConfig()
        self.seed, self.threads = check_seed(seed), count_threads(threads)
        self._known_likelihoods: KnownLikelihoods | None = None

    def fit_rows(
        self,
        train: Interactions,
        *,
        start: tuple[Floats, Floats] | None = None,
        iterations: int | None = None,
        on_iteration: OnIteration = lambda _done, _total: None,
        keep_going: KeepGoing | None = None,
    ) -> Self:
        """Learn from ratings by row.

        Args:
            train: the ratings.
            start: P and Q to start from, instead of at random; left as they are.
            iterations: how many, instead of those of the config.
            on_iteration: called after each iteration.
            keep_going: called after each iteration with its number and the model as it is; False ends training.
        """
        from reelwise.models.ranking.alternation import Alternation

        self.scale, self.fitted_movies = train.scale, train.shape[1]
        P, Q = start or _random_start(train, self.config, self.seed)
        with Alternation(train, P, Q, self.config, self.threads) as alternation:
            total = iterations or self.config.iterations
            for iteration in range(1, total + 1):
                alternation.iterate()
                on_iteration(iteration, total)
                if keep_going is not None:
                    self._take(alternation.P, alternation.Q, train)
                    if not keep_going(iteration, self):
                        break
            alternation.solve_users()
        self._take(alternation.P, alternation.Q, train)
        return self

    def _hooks(self, on_fit: OnFit) -> dict[str, Any]:
        return {"on_iteration": lambda done, total: on_fit(FitProgress("taste", done, total))}

    def _take(self, P: Floats, Q: Floats, train: Interactions) -> None:
        self.P, self.Q = P, Q
        self._known_likelihoods, self.linear = None, None
        self._forget_derived()
        self.profiles = Profiles.choose(P, Q, train, self.blend_config, self.seed)
        self.fame = fame_of(likes_of(train).counts_by_movie())

    def with_blend(self, config: BlendConfig) -> "WeightedALS":
        """The same model that blends newcomers in another way; floor, bonus and number of profiles must be the same."""
        model = self._copy()
        model.blend_config, model.trained_on = config, self.trained_on
        model._known_likelihoods = self._known_likelihoods  # noqa: SLF001
        return model

    def keep_likelihoods(self) -> KnownLikelihoods:
        """The likelihoods of well-known films, worked out once: for many selections, or to be saved."""
        if self._known_likelihoods is None:
            self._known_likelihoods = KnownLikelihoods.of_best_known(self.blend.likelihoods)
            self._forget_derived()
        return self._known_likelihoods

    def with_movies(self, places: Rows, movies: int) -> "WeightedALS":
        """The same model among more movies: row i is then `places[i]` of so many; the others have zero vectors."""
        model = self._copy()
        model.Q = np.zeros((movies, self.Q.shape[1]), np.float32)
        model.Q[places] = self.Q
        model.profiles = self.profiles.with_movies(places, movies)
        model.fame = fame_of(np.zeros(movies, np.int64))
        model.fame[places] = self.fame
        model.linear = self.linear and self.linear.with_movies(places)
        return model

    def without_histories(self) -> "WeightedALS":
        """The same model for nameless profiles alone, where nobody knows who liked what."""
        model = self._copy()
        model._average_direction = self._average_direction  # of all users  # noqa: SLF001
        model.P = self.P[self.profiles.users]
        model.profiles, model.blend_config = self.profiles.without_histories(self.blend_config)
        model.linear = None
        return model

    def _copy(self) -> "WeightedALS":
        model = WeightedALS(self.config, blend=self.blend_config, seed=self.seed, threads=self.threads)
        model.P, model.Q, model.profiles, model.fame = self.P, self.Q, self.profiles, self.fame
        model.scale, model.fitted_movies, model.linear = self.scale, self.fitted_movies, self.linear
        return model

    @cached_property
    def blend(self) -> Blend:
        """The profiles, ready to be blended."""
        vectors = np.ascontiguousarray(self.P[self.profiles.users])
        known = self._known_likelihoods
        return Blend(vectors, self.Q, self.profiles, self.blend_config, self._covariance, known)

    def fold_in_rows(self, histories: CSR) -> Floats:
        """The embeddings of strangers who like the movies of these histories, shape (histories, k).

        Ratings that are not likes play no part.
        """
        blend, selections = self.blend, [self._likes(*histories[row]) for row in range(len(histories))]
        counts = np.array([len(picks) for picks in selections])
        vectors = self.blend_weights(selections) @ blend.vectors
        for count in np.unique(counts[counts > 0]).tolist():  # those with as many picks are corrected together
            rows = np.flatnonzero(counts == count)
            picks = np.stack([selections[row] for row in rows])
            vectors[rows] = blend.correct(vectors[rows], picks, blend.fold_in_weight(count))
        return vectors

    def blend_weights(self, selections: list[Rows]) -> Floats:
        """The weights of the profiles for each selection of liked movies, shape (selections, profiles)."""
        blend = self.blend
        temperatures = np.array([blend.inverse_temperature(len(picks)) for picks in selections], np.float32)
        return blend.softmax(blend.evidence(selections), temperatures[:, None])

    def solve_row(self, movies: Rows, stars: Floats) -> Floats:
        """The row that these ratings alone give a user, the movies' vectors as they are: a half-step of weighted ALS.

        Float32, shape (k,).
        """
        targets = preference(stars, self.scale).astype(np.float64)
        known = LeastSquares.of(self.Q[movies].astype(np.float64), targets)
        row: Floats = known.solve(np.zeros(self.Q.shape[1]), self.prior_precision).astype(np.float32)
        return row

    def _likes(self, movies: Rows, stars: Floats) -> Rows:
        liked: Rows = movies[is_like(stars, self.scale)]
        return liked

    def centred_embeddings(self, movies: Rows | slice = slice(None)) -> Floats:
        """The embeddings of some movies without what the average user likes, shape (movies, k).

        Films with a small angle between them are alike. The average user's direction is popularity; with it all popular
        films would be.
        """
        return self.centre(self.Q[movies])

    def centre(self, vectors: Floats) -> Floats:
        """Vectors of movies without what the average user likes, shape (movies, k)."""
        average = self._average_direction
        centred: Floats = vectors - np.outer(vectors @ average, average)
        return centred

    def similarities(self, movie: int) -> Floats:
        """How alike `movie` and each movie are: the cosines of their centred embeddings, shape (movies,)."""
        return self.similarities_to(self.Q[movie])

    def similarities_to(self, vector: Floats) -> Floats:
        """How alike a movie with that vector, shape (k,), and each movie are, likewise."""
        centred = self.centre(vector[None])[0]  # upright on the average: products with Q will do
        lengths = self._centred_lengths * np.linalg.norm(centred)
        cosines: Floats = (self.Q @ centred) / np.maximum(lengths, np.float32(1e-12))
        return cosines

    def save_arrays(self, store: ArrayStore) -> None:
        """Write everything as `ranking_…`."""
        store.write("ranking_P", self.P)
        store.write("ranking_Q", self.Q)
        store.write("ranking_fitted_movies", np.array([self.fitted_movies], np.int64))
        store.write("ranking_average", self._average_direction)
        store.write("ranking_fame", self.fame)
        self.profiles.save(store)
        self.keep_likelihoods().save(store)
        if self.linear is not None:
            self.linear.save(store)

    def load_arrays(self, store: ArrayStore, scale: RatingScale = MOVIELENS_SCALE) -> Self:
        """Take what `save_arrays` wrote."""
        self.scale = scale
        self.P = store.read("ranking_P", "<f4", (None, None))
        self.Q = store.read("ranking_Q", "<f4", (None, self.P.shape[1]))
        self.fitted_movies = int(store.read("ranking_fitted_movies", "<i8", (1,))[0])
        self.__dict__["_average_direction"] = store.read("ranking_average", "<f4", (self.P.shape[1],))
        self.fame = store.read("ranking_fame", "<f4", (len(self.Q),), within=POSITIVE)
        self.profiles = Profiles.load(store, len(self.P), len(self.Q))
        self._known_likelihoods = KnownLikelihoods.load(store, len(self.profiles.users))
        self.linear = LinearPart.load(store, len(self.Q))
        return self

    @cached_property
    def _average_direction(self) -> Floats:
        """The direction of the average user, shape (k,); of length 1."""
        average: Floats = self.P.mean(axis=0)
        average /= max(float(np.linalg.norm(average)), 1e-12)
        return average

    @cached_property
    def _centred_lengths(self) -> Floats:
        starts = range(0, len(self.Q), _BLOCK)
        return np.concatenate(
            [np.linalg.norm(self.centred_embeddings(slice(start, start + _BLOCK)), axis=1) for start in starts]
        )

    @cached_property
    def prior_precision(self) -> Doubles:
        """a0 QᵀQ + λ I, what a user without ratings is held to zero by; float64, shape (k, k)."""
        gram = self.config.missing_weight * (self.Q.T @ self.Q).astype(np.float64)
        precision: Doubles = gram + self._penalty(self.fitted_movies) * np.eye(self.Q.shape[1])
        return precision

    @cached_property
    def _covariance(self) -> Floats:
        """F of `reelwise.models.ranking.blending`, shape (k, k)."""
        return np.linalg.inv(self.prior_precision).astype(np.float32)

    def movie_precision(self) -> Doubles:
        """a0 PᵀP + λ I, what a movie without ratings is held to zero by; float64, shape (k, k)."""
        gram = self.config.missing_weight * (self.P.T @ self.P).astype(np.float64)
        precision: Doubles = gram + self._penalty(len(self.P)) * np.eye(self.P.shape[1])
        return precision

    def _penalty(self, others: int) -> float:
        """λ of a row without ratings, where the other side has so many rows."""
        config = self.config
        return float(config.regularisation * (config.missing_weight * others) ** config.frequency_exponent)

    def _forget_derived(self) -> None:
        for name in _DERIVED:
            self.__dict__.pop(name, None)


def _random_start(train: Interactions, config: WeightedALSConfig, seed: int) -> tuple[Floats, Floats]:
    users, movies = train.shape
    rng, k = np.random.default_rng(seed), config.factors_for(users)
    std = np.float32(config.initial_std / np.sqrt(k))
    return np.zeros((users, k), np.float32), rng.standard_normal((movies, k), np.float32) * std
