"""The movies whose vectors have the highest products with a viewer's, exactly, with a look at few of them.

A product q·v is the same in other coordinates, (qA)·(vB) with A Bᵀ = I. Here these are chosen so that movies and
viewers spread alike along each axis and most along the first ones, which then say most about a product: by Cauchy and
Schwarz, with x = qA and y = vB,

    q·v  <=  |x| |y|                                                                      (1)
    q·v  <=  x_1 y_1 + ... + x_h y_h + |x_h+1 ... x_k| |y_h+1 ... y_k|                    (2)

Movies are kept in the order of |x|. The products of the first ones give a number that the n best reach at least; (1)
says where the order cannot reach it any more, (2) which movies before that place still can. Only these are multiplied.
The constant and the biases that are folded into the stars model need no treatment of their own: they are axes as well.

Sources: Teflioudi, Gemulla and Mykytiuk, "LEMP: Fast Retrieval of Large Entries in a Matrix Product", SIGMOD 2015 (1);
Li, Chan, Yiu and Mamoulis, "FEXIPRO: Fast and Exact Inner Product Retrieval in Recommender Systems", SIGMOD 2017 (2).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Movies = npt.NDArray[np.integer]

_AXES = 15  # h; with 7 a list takes longer where spreads fall slowly, with 23 the sketch is half as large again
_FIRST = 1024  # movies that are multiplied first
_FEW = 4096  # movies of which all are multiplied, because looking for fewer takes as long
_MANY = 4096  # movies that may be multiplied without a second look at what the n best reach
_VIEWERS = 4096  # so many say how viewers spread
_BLOCK = 8192  # movies that are turned at a time
_LOWEST = -1e38  # less than any product
_EPSILON, _TINY = 2.0**-23, 2.0**-126


def products(vectors: Floats, viewer: Floats) -> Floats:
    """The product of each row with the viewer's vector, float32, shape (rows,).

    Summed in float64, row by row: exact but for the last rounding, and the same wherever a row stands. (BLAS adds in an
    order that depends on where a row stands, so that equal movies could differ.)

    Args:
        vectors: shape (rows, k).
        viewer: shape (k,).
    """
    exact: Floats = np.multiply(vectors, viewer, dtype=np.float64).sum(axis=1).astype(np.float32)
    return exact


class ProductIndex:
    """Finds the movies with the highest products. Safe to share between threads: nothing in it changes.

    Beside Q, which is not copied, it holds 18 numbers of 4 bytes for each movie.

    Args:
        Q: the movies' vectors, float32, shape (movies, k).
        viewers: vectors like those that will be asked about, shape (viewers, k); they only matter for speed.
    """

    def __init__(self, Q: Floats, viewers: Floats) -> None:
        self.Q = Q
        A, self._B = _axes(Q, viewers[:: max(len(viewers) // _VIEWERS, 1)])
        h = min(_AXES, Q.shape[1])
        sketch, lengths, longest = np.empty((h + 1, len(Q)), np.float32), np.empty(len(Q), np.float32), 0.0
        for start in range(0, len(Q), _BLOCK):
            part = slice(start, start + _BLOCK)
            rows = Q[part].astype(np.float64)
            turned = rows @ A
            sketch[:h, part], sketch[h, part] = turned[:, :h].T, np.linalg.norm(turned[:, h:], axis=1)
            lengths[part] = np.linalg.norm(turned, axis=1)
            longest = max(longest, float(np.linalg.norm(rows, axis=1).max()))
        self._order = np.argsort(-lengths, kind="stable").astype(np.int32)
        self._place = np.empty_like(self._order)
        self._place[self._order] = np.arange(len(Q), dtype=np.int32)
        self._sketch, self._minus_lengths = sketch[:, self._order], -lengths[self._order]
        self._longest = longest

    def best(self, viewer: Floats, n: int, refused: Movies) -> npt.NDArray[np.intp]:
        """The rows of the `n` movies with the highest `products`, best first; among equals the lower row first.

        Args:
            viewer: float32, shape (k,).
            n: how many; fewer are returned where fewer are left.
            refused: rows that are never returned.
        """
        contenders, slack = self.contenders(viewer, n, refused)
        if len(contenders) > 8 * n:  # exact products take longer than rough ones
            scores = self._rough(contenders, viewer)
            contenders = contenders[scores >= _nth(scores, n) - slack]
        return contenders[np.argsort(-products(self.Q[contenders], viewer), kind="stable")[:n]]

    def contenders(self, viewer: Floats, n: int, refused: Movies) -> tuple[npt.NDArray[np.intp], float]:
        """CSR, ascending, among which the `n` best surely are, and how far off rough products may be.

        The arguments are those of `best`.
        """
        exact = viewer.astype(np.float64)
        largest = self._longest * _length(exact)
        if len(self.Q) <= _FEW:
            slack = self._slack(largest)
            scores = self.Q @ viewer
            scores[refused] = -np.inf
            return np.flatnonzero(scores >= _nth(scores, n) - slack), slack
        y = exact @ self._B
        length, h = _length(y), len(self._sketch) - 1
        slack = self._slack(largest - float(self._minus_lengths[0]) * length)
        refused_places = self._place[refused]

        scores = self._rough(self._order[: max(_FIRST, 2 * n)], viewer)
        scores[refused_places[refused_places < len(scores)]] = -np.inf
        least = _nth(scores, n) - slack
        end = len(self.Q)
        if least > 0:
            end = int(np.searchsorted(self._minus_lengths, np.float32(-least / length), side="right"))

        bounds = np.append(y[:h], _length(y[h:])).astype(np.float32) @ self._sketch[:, :end]
        bounds[refused_places[refused_places < end]] = -np.inf
        places = np.flatnonzero(bounds >= least)
        if len(places) > _MANY:  # the first movies were refused, or unlike the best; those with high bounds are better
            likely = places[bounds[places] >= _nth(bounds[places], max(_FIRST, 2 * n))]
            least = max(least, _nth(self._rough(self._order[likely], viewer), n) - slack)
            places = places[bounds[places] >= least]
        return np.sort(self._order[places]).astype(np.intp), slack

    def _rough(self, rows: Movies, viewer: Floats) -> Floats:
        """The products of some rows by BLAS; all are faster than many, which have to be gathered."""
        many = 3 * len(rows) > len(self.Q)
        scores: Floats = (self.Q @ viewer)[rows] if many else self.Q.take(rows, axis=0) @ viewer
        return scores

    def _slack(self, largest: float) -> float:
        """More than the rounding of a rough product and of a bound together.

        A sum of k products of float32 is off by less than k/2 · 2^-23 · |q| |v|, in whatever order it is added, and a
        bound likewise with |x| |y|; see Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1.
        The 8 more cover the rounding of what is added up, and of comparisons.

        Args:
            largest: |q| |v| for the longest q; and |x| |y| for the longest x, where bounds are used.
        """
        return float((self.Q.shape[1] + 8) * _EPSILON * largest + _TINY)


def _length(vector: Doubles) -> float:
    return math.sqrt(float(vector @ vector))


def _axes(Q: Floats, viewers: Floats) -> tuple[Doubles, Doubles]:
    """A and B with A Bᵀ = I, both (k, k), so that QA and viewers·B have the same second moments, largest axis first."""
    of_movies, of_viewers = _root(Q), _root(viewers)
    U, spread, Wt = np.linalg.svd(of_viewers.T @ of_movies)
    A = np.linalg.solve(of_movies.T, Wt.T * np.sqrt(spread))
    B = np.linalg.solve(of_viewers.T, U * np.sqrt(spread))
    return A, B


def _root(vectors: Floats) -> Doubles:
    """R with R Rᵀ the second moments of the vectors, kept from being singular; float64, shape (k, k)."""
    moments, axes = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    root: Doubles = axes * np.sqrt(np.maximum(moments, max(1e-4 * float(moments.mean()), 1e-12)))
    return root


def _nth(scores: Floats, n: int) -> float:
    """The `n`-th highest score, or the lowest there can be where there are fewer."""
    if n > len(scores):
        return _LOWEST
    return max(float(np.partition(scores, len(scores) - n)[len(scores) - n]), _LOWEST)


@dataclass(frozen=True)
class Scores:
    """How well each movie fits one viewer: the product of its vector with the viewer's.

    Attributes:
        index: of the movies' vectors.
        viewer: float32, shape (k,).
    """

    index: ProductIndex
    viewer: Floats

    def best(self, n: int, refused: Movies) -> npt.NDArray[np.intp]:
        """The rows of the `n` highest scores; see `ProductIndex.best`."""
        return self.index.best(self.viewer, n, refused)

    def of(self, rows: Movies) -> Floats:
        """The scores of some rows, shape (rows,)."""
        return products(self.index.Q[rows], self.viewer)

    def all(self) -> Floats:
        """The scores of all movies, shape (movies,), to the precision of BLAS."""
        scores: Floats = self.index.Q @ self.viewer
        return scores
