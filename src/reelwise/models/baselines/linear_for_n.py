"""The best linear predictor of what somebody likes from n random ones of their likes, in closed form for each n.

Of user u's N likes, n are drawn at random: x_i is 1 for these. To be predicted are the others, y_j = 1, and with a
small target c films that u rated in the middle of the scale. The B that minimises the expected squares

    sum over users of w_u |y - ȳ - (x - x̄) B|²  +  λ |B|²        w_u = (N + 5)^g, scaled to a mean of 1

follows from the expectations over all draws, which are known:

    E[x_i x_j] = n (n - 1) / (N (N - 1))     E[x_i y_j] = n (N - n) / (N (N - 1)), and c n / N for the middling
    E[x_i²] = n / N                          E[x_i y_i] = 0

so that (G + λ I) B = C, with G and C the weighted sums of these over users, less the products of means. Unlike EASE's,
B depends on how much is known of somebody.

Kin: Steck, "Autoencoders that don't overfit towards the Identity", NeurIPS 2020 (dropout in closed form).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self, TypedDict, Unpack

import numpy as np

from reelwise.data.csr import CSR
from reelwise.data.interactions import MOVIELENS_SCALE, Interactions, RatingScale
from reelwise.data.likes import LIKED, five_stars
from reelwise.data.types import Doubles, Floats, Indices
from reelwise.errors import UsageError
from reelwise.models.base import ArrayStore, Estimator
from reelwise.models.baselines.likes import Likes
from reelwise.models.config import check_counts, check_numbers, check_picks
from reelwise.models.least_squares import solve_definite
from reelwise.models.queries import Queries
from reelwise.models.side_by_side import side_by_side

_MIDDLING = LIKED - 1  # stars out of five
_FEWEST_LIKES = 10  # users with no more are not learnt from
_BATCH = 512  # users whose ratings are dense at a time


@dataclass(frozen=True)
class LinearForNConfig:
    """Hyper-parameters of `LinearForN`.

    Attributes:
        picks: the numbers n, ascending; others go by the nearest, in proportion.
        regularisations: λ of each.
        activity_exponent: g, how much more a user with many likes counts.
        middling_target: c.
        min_likes: films with fewer are recommended by popularity alone.
        most_films: likewise all but so many of the most liked ones.
    """

    picks: tuple[int, ...] = (1, 3, 5, 10, 20)
    regularisations: tuple[float, ...] = (0.15, 0.5, 1.5, 4.0, 5.0)
    activity_exponent: float = 1.0
    middling_target: float = 0.3
    min_likes: int = 20
    most_films: int = 4000

    def __post_init__(self) -> None:
        """Refuse invalid values."""
        check_picks(self, "regularisations")
        check_numbers(self, "regularisations", "activity_exponent", "middling_target", "min_likes")
        check_counts(self, "most_films")


@dataclass(frozen=True)
class _Sums:
    """What G, C and the means of every n are made of, as sums over users.

    Attributes:
        pairs: sum of w / (N (N - 1)) x xᵀ, shape (films, films).
        scaled_pairs: sum of w / (N - 1) x xᵀ, likewise.
        middling_pairs: sum of w c / N x tᵀ, likewise; t is 1 for films in the middle of the scale.
        shares: sum of w / N x, shape (movies,).
        targets: sum of w (x + c t), shape (movies,).
        weight: sum of w.
        users: how many.
    """

    pairs: Floats
    scaled_pairs: Floats
    middling_pairs: Floats
    shares: Doubles
    targets: Doubles
    weight: float
    users: int

    @classmethod
    def over(cls, likes: CSR, middling: CSR, films: Indices, movies: int, config: LinearForNConfig) -> Self:
        """The sums over users, whose likes and middling ratings, of so many movies, are the rows."""
        N, c = likes.counts().astype(np.float32), np.float32(config.middling_target)
        w = (N + 5) ** np.float32(config.activity_exponent)
        of_likes, of_middling = w[likes.row_numbers()], c * w[middling.row_numbers()]
        x, t = likes.columns(films, movies), middling.columns(films, movies)
        middling_pairs, scaled_pairs, pairs = side_by_side(
            lambda product: _sum_products(*product, len(films)),
            [(c * w / N, x, t), (w / (N - 1), x, x), (w / (N * (N - 1)), x, x)],
        )
        return cls(
            pairs,
            scaled_pairs,
            middling_pairs,
            np.bincount(likes.indices, (w / N)[likes.row_numbers()], movies).astype(np.float64),
            (np.bincount(likes.indices, of_likes, movies) + np.bincount(middling.indices, of_middling, movies)).astype(
                np.float64
            ),
            float(w.sum(dtype=np.float64)),
            len(N),
        )

    def __add__(self, others: "_Sums") -> "_Sums":
        return _Sums(
            self.pairs + others.pairs,
            self.scaled_pairs + others.scaled_pairs,
            self.middling_pairs + others.middling_pairs,
            self.shares + others.shares,
            self.targets + others.targets,
            self.weight + others.weight,
            self.users + others.users,
        )

    def means(self, n: int) -> tuple[Doubles, Doubles]:
        """x̄ and ȳ, shape (movies,)."""
        return n * self.shares / self.weight, (self.targets - n * self.shares) / self.weight

    def solve(self, n: int, regularisation: float, films: Indices) -> Floats:
        """B, shape (films, films)."""
        x, y = (mean[films].astype(np.float32) for mean in self.means(n))
        ridge, weight = regularisation * self.weight / self.users, np.float32(self.weight)
        diagonal = (n * self.shares[films]).astype(np.float32)
        C = n * self.scaled_pairs - n * n * self.pairs
        np.fill_diagonal(C, 0)
        C += n * self.middling_pairs
        C -= np.outer(weight * x, y)
        if n == 1:  # likes never come together: a diagonal less x xᵀ, by Sherman and Morrison
            reach = x / (diagonal + ridge)
            C /= (diagonal + ridge)[:, None]
            C += np.outer(reach * (weight / (1 - weight * (x @ reach))), x @ C)
            return C
        G = np.float32(n * (n - 1)) * self.pairs
        np.fill_diagonal(G, diagonal)
        G -= np.outer(weight * x, x)
        G[np.diag_indices(len(G))] += ridge
        return solve_definite(G, C)


def _sum_products(weights: Floats, x: CSR, y: CSR, films: int) -> Floats:
    """The sum over users of w x yᵀ; float32, shape (films, films)."""
    total = np.zeros((films, films), np.float32)
    for start in range(0, len(x), _BATCH):
        part = start, min(start + _BATCH, len(x))
        left, w = x.part(*part).indicators(films), weights[slice(*part), None]
        if y is x:
            left *= np.sqrt(w)
            total += left.T @ left  # of a matrix with itself, which takes half as long
        else:
            left *= w
            total += left.T @ y.part(*part).indicators(films)
    return total


class LinearForNValues(TypedDict, total=False):
    """Some of them by name, for whoever checks types."""

    picks: tuple[int, ...]
    regularisations: tuple[float, ...]
    activity_exponent: float
    middling_target: float
    min_likes: int
    most_films: int


class LinearForN(Estimator):
    """A linear predictor for each number of likes.

    Attributes:
        picks: int64, shape (predictors,); the n of each, for which there were users.
        films: int32, ascending, shape (films,); the rows of the movies that are known well enough.
        B: float32, shape (predictors, films, films); diagonals mean nothing, since what is known is not recommended.
        given: x̄, float32, shape (predictors, films).
        wanted: ȳ, float32, shape (predictors, movies).
        likes: of known users.
    """

    name: ClassVar[str] = "linear-for-n"
    config_type = LinearForNConfig
    learns_from_likes = True
    config: LinearForNConfig

    def __init__(self, config: LinearForNConfig | None = None, **hyperparameters: Unpack[LinearForNValues]) -> None:
        super().__init__(config, **hyperparameters)

    def fit_rows(self, train: Interactions) -> Self:
        """Solve for each B.

        Raises:
            UsageError: Raised when nobody has enough likes to learn from.
        """
        config = self.config
        self.likes = Likes.among(train)
        counts = np.bincount(self.likes.by_user.indices, minlength=train.shape[1])
        popular = np.argsort(-counts, kind="stable")[: config.most_films]
        self.films = np.sort(popular[counts[popular] >= config.min_likes]).astype(np.int32)
        regularisations = dict(zip(config.picks, config.regularisations, strict=True))
        sums = dict(self._sums(train))
        if not sums:
            raise UsageError(
                f"linear-for-n learns from users with more than {_FEWEST_LIKES} likes, and there are none; leave it "
                "out, or take a larger data set"
            )
        self.picks = np.array(sorted(sums), np.int64)
        self.B = np.stack(side_by_side(lambda n: sums[n].solve(n, regularisations[n], self.films), sorted(sums)))
        given, self.wanted = (
            np.array(means, np.float32) for means in zip(*(sums[n].means(n) for n in sorted(sums)), strict=True)
        )
        self.given = given[:, self.films]
        return self

    def score(self, queries: Queries) -> Floats:
        """ȳ + (x - x̄) B, and ȳ for movies that are not among the films; float32, shape (queries, movies)."""
        asked = self.likes.of(queries)
        nearest = np.abs(np.log(np.maximum(asked.counts(), 1))[:, None] - np.log(self.picks)).argmin(axis=1)
        scores: Floats = self.wanted[nearest]
        x = asked.indicators(self.wanted.shape[1])[:, self.films] - self.given[nearest]
        x[asked.counts() == 0] = 0  # nothing is known, so that the best guess is the mean
        for place in np.unique(nearest):
            rows = np.flatnonzero(nearest == place)
            scores[np.ix_(rows, self.films)] += x[rows] @ self.B[place]
        return scores

    def save_arrays(self, store: ArrayStore) -> None:
        """Write everything as `linear_…`."""
        for name in ("picks", "films", "B", "given", "wanted"):
            store.write(f"linear_{name}", getattr(self, name))
        self.likes.save(store, "linear")

    def load_arrays(self, store: ArrayStore, scale: RatingScale = MOVIELENS_SCALE) -> Self:
        """Take what `save_arrays` wrote; `scale` says what a like is."""
        self.scale = scale
        self.picks = store.read("linear_picks", "<i8", (None,))
        self.films = store.read("linear_films", "<i4", (None,))
        predictors, films = len(self.picks), len(self.films)
        self.B = store.read("linear_B", "<f4", (predictors, films, films))
        self.given = store.read("linear_given", "<f4", (predictors, films))
        self.wanted = store.read("linear_wanted", "<f4", (predictors, None))
        self.likes = Likes.load(store, "linear", scale)
        return self

    def _sums(self, train: Interactions) -> Iterator[tuple[int, _Sums]]:
        """The sums for each n over users with more than n + 2 likes, the greatest n first; its users count for all."""
        stars = five_stars(train.stars, train.scale)
        middling = train.where((stars >= _MIDDLING) & (stars < LIKED))
        rows = CSR.grouped(middling.users, middling.movies, middling.stars, train.shape[0])
        counts, sums, most = self.likes.by_user.counts(), None, np.inf
        for n in sorted(self.config.picks, reverse=True):
            fewest = max(_FEWEST_LIKES, n + 2)
            users = np.flatnonzero((counts > fewest) & (counts <= most))
            most = fewest
            if len(users):
                likes = self.likes.by_user.take(users)
                more = _Sums.over(likes, rows.take(users), self.films, train.shape[1], self.config)
                sums = more if sums is None else sums + more
            if sums is not None:
                yield n, sums
