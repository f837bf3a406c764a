"""The movies whose vectors have the highest products with a user's, exactly, with a look at few of them.

With the coordinates x of a movie and y of the user (`reelwise.models.retrieval_sketch`), by Cauchy and Schwarz

    q·v  <=  |x| |y|                                                                      (1)
    q·v  <=  x_1 y_1 + ... + x_h y_h + |x_h+1 ... x_k| |y_h+1 ... y_k|                    (2)

Movies are kept in the order of |x|. The products of the first ones give a number that the n best reach at least; (1)
says where the order cannot reach it any more, (2) which movies before that place still can. Only these are multiplied.
The constant and the biases that are folded into the rating model need no treatment of their own: they are axes as well.
Products may be weighted, each by a number of the movie's own: (w q)·v. That is the same search among the vectors w q.

Sources: Teflioudi, Gemulla and Mykytiuk, "LEMP: Fast Retrieval of Large Entries in a Matrix Product", SIGMOD 2015 (1);
Li, Chan, Yiu and Mamoulis, "FEXIPRO: Fast and Exact Inner Product Retrieval in Recommender Systems", SIGMOD 2017 (2).
"""

import math
from dataclasses import dataclass

import numpy as np

from reelwise.data.types import Doubles, Floats, Positions, Rows
from reelwise.models.retrieval_sketch import Sketch
from reelwise.models.top_n import LOWEST, n_reach, nth_highest, top_n

_FIRST = 1024  # movies that are multiplied first
_FEW = 4096  # movies of which all are multiplied, because looking for fewer takes as long
_MANY = 4096  # movies that may be multiplied without a second look at what the n best reach
_EPSILON, _TINY = 2.0**-23, 2.0**-126


def products(vectors: Floats, vector: Floats) -> Floats:
    """The product of each row with one vector, float32, shape (rows,).

    Summed in float64, row by row: exact but for the last rounding, and the same wherever a row stands. (BLAS adds in an
    order that depends on where a row stands, so that equal movies could differ.)

    Args:
        vectors: shape (rows, k).
        vector: shape (k,).
    """
    exact: Floats = np.multiply(vectors, vector, dtype=np.float64).sum(axis=1).astype(np.float32)
    return exact


class InnerProductIndex:
    """Finds the movies with the highest products. Safe to share between threads: nothing in it changes.

    Args:
        Q: all movies' vectors, float32, shape (movies, k).
        sketch: of those that may be recommended.
        weights: what each movie's products are multiplied by, positive float32, shape (movies,); by default 1.
        is_sketched: whether the sketch is one of the vectors with these weights; if not, all are multiplied.
    """

    def __init__(self, Q: Floats, sketch: Sketch, weights: Floats | None = None, is_sketched: bool = True) -> None:
        self.Q = Q
        self._weights = weights
        self._sketch = sketch if is_sketched and len(Q) > _FEW else None
        self._longest = float(sketch.longest[0]) * (1 if weights is None or is_sketched else float(weights.max()))
        self.never = np.flatnonzero(sketch.place == len(sketch.order))
        """Rows of movies that are never recommended."""

    @property
    def multiplies_all(self) -> bool:
        """Whether all movies are looked at for each vector."""
        return self._sketch is None

    def best(self, vector: Floats, n: int, refused: Rows, at_least: float = LOWEST) -> tuple[Positions, Floats]:
        """The rows of the `n` movies with the highest `products`, best first, and these; of equals the lower row first.

        Args:
            vector: whose products, float32, shape (k,).
            n: how many; fewer are returned where fewer are left.
            refused: rows that are never returned.
            at_least: what is surely less than this may be left out; so it is found the faster.
        """
        contenders, slack = self.contenders(vector, n, refused, at_least)
        if len(contenders) > 8 * n:  # exact products take longer than rough ones
            scores = self._rough_products(contenders, vector)
            contenders = contenders[scores >= nth_highest(scores, n) - slack]
        exact = self.weigh(products(self.Q[contenders], vector), contenders)
        best = np.argsort(-exact, kind="stable")[:n]
        return contenders[best], exact[best]

    def contenders(self, vector: Floats, n: int, refused: Rows, at_least: float = LOWEST) -> tuple[Positions, float]:
        """Rows, ascending, among which the `n` best surely are, and how far off rough products may be.

        The arguments are those of `best`.
        """
        sketch = self._sketch
        if sketch is None:
            slack = self.rounding(vector)
            scores = self.weigh(self.Q @ vector)
            scores[self.never] = -np.inf
            scores[refused] = -np.inf
            least = at_least if at_least > LOWEST else n_reach(scores, n)
            return np.flatnonzero(scores >= least - slack), slack
        exact = vector.astype(np.float64)
        y = exact @ sketch.basis
        length, h = _length(y), len(sketch.coordinates) - 1
        slack = self._slack(self._longest * _length(exact) - float(sketch.minus_lengths[0]) * length)
        refused_places = sketch.place[refused]  # beyond the end for those that never are

        scores = self._rough_products(sketch.order[: max(_FIRST, 2 * n)], vector)
        scores[refused_places[refused_places < len(scores)]] = -np.inf
        least = max(nth_highest(scores, n), at_least) - slack
        end = len(sketch.order)
        if least > 0:
            end = int(np.searchsorted(sketch.minus_lengths, np.float32(-least / length), side="right"))

        bounds = np.append(y[:h], _length(y[h:])).astype(np.float32) @ sketch.coordinates[:, :end]
        bounds[refused_places[refused_places < end]] = -np.inf
        places = np.flatnonzero(bounds >= least)
        if len(places) > _MANY:  # the first movies were refused, or unlike the best; those with high bounds are better
            likely = places[bounds[places] >= nth_highest(bounds[places], max(_FIRST, 2 * n))]
            least = max(least, nth_highest(self._rough_products(sketch.order[likely], vector), n) - slack)
            places = places[bounds[places] >= least]
        return np.sort(sketch.order[places]).astype(np.intp), slack

    def rounding(self, vector: Floats) -> float:
        """More than a rough product of any movie with the vector, weighted, may be off."""
        return self._slack(self._longest * (_length(vector) + _TINY))

    def weigh(self, scores: Floats, rows: Rows | slice = slice(None)) -> Floats:
        """Products of some rows, each times its weight."""
        return scores if self._weights is None else scores * self._weights[rows]

    def _rough_products(self, rows: Rows, vector: Floats) -> Floats:
        """The products of some rows by BLAS; all are faster than many, which have to be gathered."""
        many = 3 * len(rows) > len(self.Q)
        return self.weigh((self.Q @ vector)[rows] if many else self.Q.take(rows, axis=0) @ vector, rows)

    def _slack(self, largest: float) -> float:
        """More than the rounding of a rough product and of a bound together.

        A sum of k products of float32 is off by less than k/2 · 2^-23 · |q| |v|, in whatever order it is added, and a
        bound likewise with |x| |y|; see Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1.
        The 8 more cover the rounding of what is added up, and of comparisons.

        Args:
            largest: |q| |v| for the longest q; and |x| |y| for the longest x, where bounds are used.
        """
        return float((self.Q.shape[1] + 8) * _EPSILON * largest + _TINY)


def _length(vector: Doubles | Floats) -> float:
    return math.sqrt(float(vector @ vector))


def falls_without(vectors: Floats, embedding: Floats, without: Floats) -> Floats:
    """How much the products of some vectors fall from one embedding to each of others, shape (vectors, others)."""
    falls: Floats = (vectors @ embedding)[:, None] - vectors @ without.T
    return falls


@dataclass(frozen=True)
class Scores:
    """How well each movie fits: the product of its vector with an embedding.

    Attributes:
        index: of the movies' vectors.
        embedding: float32, shape (k,).
    """

    index: InnerProductIndex
    embedding: Floats

    def best(self, n: int, refused: Rows, at_least: float = LOWEST) -> tuple[Positions, Floats]:
        """The rows of the `n` highest scores, weighted, and these; see `InnerProductIndex.best`."""
        return self.index.best(self.embedding, n, refused, at_least)

    def of(self, rows: Rows) -> Floats:
        """The scores of some rows without weights, shape (rows,)."""
        return products(self.index.Q[rows], self.embedding)

    def all(self) -> Floats:
        """The scores of all movies, weighted, shape (movies,), to the precision of BLAS."""
        return self.index.weigh(self.index.Q @ self.embedding)

    def falls(self, rows: Rows, without: Floats) -> Floats:
        """How much these scores fall with each of other embeddings, shape (rows, embeddings); `without` has (…, k)."""
        return falls_without(self.index.Q[rows], self.embedding, without)


@dataclass(frozen=True)
class FixedScores:
    """How well each movie fits, where that is known already; asked as `Scores` are.

    Attributes:
        scores: float32, shape (movies,).
        never: rows of movies that are never recommended.
    """

    scores: Floats
    never: Rows

    def best(self, n: int, refused: Rows) -> tuple[Positions, Floats]:
        """The rows of the `n` highest scores, and these."""
        rows = top_n(self.scores, n, np.concatenate([refused, self.never]))
        return rows, self.scores[rows]

    def all(self) -> Floats:
        """The scores of all movies, shape (movies,)."""
        return self.scores

    def of(self, rows: Rows) -> Floats:
        """The scores of some rows, shape (rows,)."""
        return self.scores[rows]
