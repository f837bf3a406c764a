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
from reelwise.models.base import Estimator
from reelwise.models.baselines.likes import Likes
from reelwise.models.config import check_counts, check_numbers, check_picks
from reelwise.models.least_squares import solve_definite
from reelwise.models.queries import Queries
from reelwise.models.side_by_side import one_thread_per_product, side_by_side
from reelwise.storage.arrays import ArrayStore

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


@dataclass
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
    weight: float = 0.0
    users: int = 0

    @classmethod
    def zero(cls, films: int, movies: int) -> Self:
        """Sums over nobody."""
        pairs = [np.zeros((films, films), np.float32) for _ in range(3)]
        return cls(pairs[0], pairs[1], pairs[2], np.zeros(movies), np.zeros(movies))

    def add(self, likes: CSR, middling: CSR, films: Indices, config: LinearForNConfig) -> None:
        """Add users, whose likes and middling ratings are the rows."""
        N, movies, c = likes.counts().astype(np.float32), len(self.shares), np.float32(config.middling_target)
        w = (N + 5) ** np.float32(config.activity_exponent)
        of_likes, of_middling = w[likes.row_numbers()], c * w[middling.row_numbers()]
        self.shares += np.bincount(likes.indices, (w / N)[likes.row_numbers()], movies)
        self.targets += np.bincount(likes.indices, of_likes, movies)
        self.targets += np.bincount(middling.indices, of_middling, movies)
        self.weight += float(w.sum(dtype=np.float64))
        self.users += len(N)
        x, t = likes.columns(films, movies), middling.columns(films, movies)
        side_by_side(
            lambda product: _add_products(*product),
            [
                (self.middling_pairs, c * w / N, x, t),
                (self.scaled_pairs, w / (N - 1), x, x),
                (self.pairs, w / (N * (N - 1)), x, x),
            ],
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


def _add_products(total: Floats, weights: Floats, x: CSR, y: CSR) -> None:
    """Add the sum over users of w x yᵀ to `total`, shape (films, films)."""
    for start in range(0, len(x), _BATCH):
        part = start, min(start + _BATCH, len(x))
        left, w = x.part(*part).indicators(len(total)), weights[slice(*part), None]
        if y is x:
            left *= np.sqrt(w)
            total += left.T @ left  # of a matrix with itself, which takes half as long
        else:
            left *= w
            total += left.T @ y.part(*part).indicators(len(total))


class LinearForNValues(TypedDict, total=False):
    """Some of them by name, for type checkers."""

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
        picks, counts = sorted(config.picks), self.likes.by_user.counts()
        self.picks = np.array([n for n in picks if (counts > _fewest_likes(n)).any()], np.int64)
        if len(self.picks) == 0:
            raise UsageError(
                f"linear-for-n learns from users with more than {_FEWEST_LIKES} likes, and there are none; leave it "
                "out, or take a larger data set"
            )
        self.B = np.empty((len(self.picks), len(self.films), len(self.films)), np.float32)
        self.given = np.empty(self.B.shape[:2], np.float32)
        self.wanted = np.empty((len(self.picks), train.shape[1]), np.float32)
        with one_thread_per_product():
            for place, sums in self._sums(train):
                n = int(self.picks[place])
                given, self.wanted[place] = sums.means(n)
                self.given[place] = given[self.films]
                self.B[place] = sums.solve(n, regularisations[n], self.films)
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
        self.wanted = store.read("linear_wanted", "<f4", (len(self.picks), None))
        self.films = store.read("linear_films", "<i4", (None,), within=(0, self.wanted.shape[1] - 1))
        predictors, films = len(self.picks), len(self.films)
        self.B = store.read("linear_B", "<f4", (predictors, films, films))
        self.given = store.read("linear_given", "<f4", (predictors, films))
        self.likes = Likes.load(store, "linear", scale)
        return self

    def _sums(self, train: Interactions) -> Iterator[tuple[int, _Sums]]:
        """The sums for each n, by its place, over users with enough likes; those for the greatest n come first."""
        stars = five_stars(train.stars, train.scale)
        middling = train.where((stars >= _MIDDLING) & (stars < LIKED))
        rows = CSR.grouped(middling.users, middling.movies, middling.stars, train.shape[0])
        counts, sums, most = self.likes.by_user.counts(), _Sums.zero(len(self.films), train.shape[1]), np.inf
        for place in reversed(range(len(self.picks))):
            fewest = _fewest_likes(int(self.picks[place]))
            users = np.flatnonzero((counts > fewest) & (counts <= most))
            most = fewest
            if len(users):
                sums.add(self.likes.by_user.take(users), rows.take(users), self.films, self.config)
            yield place, sums


def _fewest_likes(n: int) -> int:
    """Users with no more are not learnt from where n likes are given."""
    return max(_FEWEST_LIKES, n + 2)
