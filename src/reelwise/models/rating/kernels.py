"""The inner loops of SGD, compiled by numba, each beside a plain NumPy reference that says what it computes.

Kernels release the GIL, so plain threads run them side by side.
"""

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from reelwise.data.types import Floats, Indices, Offsets
from reelwise.models.compiled import compiled


class Factors(NamedTuple):
    """The parameters that SGD fits: `z[u, i] ≈ user_bias[u] + movie_bias[i] + P[u]·Q[i]`.

    Shapes: P (users, k), Q (movies, k), user_bias (users,), movie_bias (movies,); all float32, changed in place.
    """

    P: Floats
    Q: Floats
    user_bias: Floats
    movie_bias: Floats

    def copy(self) -> "Factors":
        """Factors with arrays of their own."""
        return Factors(*(array.copy() for array in self))


class PriorMeans(NamedTuple):
    """The vectors that others are shrunk to, where plain L2 shrinks them to zero; shaped like the factors' P and Q."""

    P: Floats
    Q: Floats


class Penalties(NamedTuple):
    """L2 weights, of each row's vector and of its bias. Shapes (users,) and (movies,); float32."""

    user: Floats
    movie: Floats
    user_bias: Floats
    movie_bias: Floats


class Blocks(NamedTuple):
    """Ratings sorted by block: block b is `[offsets[b], offsets[b + 1])`. `z` are the normalised stars."""

    users: Indices
    movies: Indices
    z: Floats
    offsets: Offsets


@compiled
def sgd_step(factors: Any, blocks: Any, chosen: Any, rate: Any) -> None:  # pragma: no cover
    """One SGD pass over the `chosen` blocks (int64), in their order; as `sgd_step_reference`, but fast."""
    P, Q, user_bias, movie_bias = factors.P, factors.Q, factors.user_bias, factors.movie_bias
    k = P.shape[1]
    for block in chosen:
        for n in range(blocks.offsets[block], blocks.offsets[block + 1]):
            u, i = blocks.users[n], blocks.movies[n]
            p, q = P[u], Q[i]
            dot = np.float32(0)
            for f in range(k):
                dot += p[f] * q[f]
            step = rate * (blocks.z[n] - user_bias[u] - movie_bias[i] - dot)
            user_bias[u] += step
            movie_bias[i] += step
            for f in range(k):
                old_p, old_q = p[f], q[f]
                p[f] = old_p + step * old_q
                q[f] = old_q + step * old_p


def sgd_step_reference(factors: Factors, blocks: Blocks, chosen: Offsets, rate: np.float32) -> None:
    """One SGD pass over the `chosen` blocks, changing `factors` in place.

    For each rating, with error e = z - b_u - b_i - p·q and step size η:

        b_u += η e      p += η e q
        b_i += η e      q += η e p

    Source: Koren, Bell, Volinsky, "Matrix Factorization Techniques for Recommender Systems", 2009, equations 5 to 7,
    without the penalties, which `decay_rows` takes care of.
    """
    P, Q, user_bias, movie_bias = factors
    for block in chosen:
        for n in range(blocks.offsets[block], blocks.offsets[block + 1]):
            u, i = blocks.users[n], blocks.movies[n]
            p, q = P[u].copy(), Q[i].copy()
            step = rate * (blocks.z[n] - user_bias[u] - movie_bias[i] - p @ q)
            user_bias[u] += step
            movie_bias[i] += step
            P[u] += step * q
            Q[i] += step * p


@compiled
def decay_rows(
    vectors: Any, prior_means: Any, weights: Any, biases: Any, bias_weights: Any, rate: Any, start: int, stop: int
) -> None:  # pragma: no cover
    """Shrink the rows `start` to `stop` of one side; as `decay_rows_reference`, but fast."""
    for row in range(start, stop):
        biases[row] *= np.float32(math.exp(-rate * bias_weights[row]))
        kept = np.float32(math.exp(-rate * weights[row]))
        vector, prior_mean = vectors[row], prior_means[row]
        for f in range(vectors.shape[1]):
            vector[f] = prior_mean[f] + kept * (vector[f] - prior_mean[f])


def decay_rows_reference(
    vectors: Floats,
    prior_means: Floats,
    weights: Floats,
    biases: Floats,
    bias_weights: Floats,
    rate: np.float32,
    start: int,
    stop: int,
) -> None:
    """Shrink vectors to their prior means and biases to zero, changing the rows `start` to `stop` in place.

    With rate η and weight λ, exp(-η λ) of the distance is left: that is where the gradient of the penalty λ/2 |p - m|²
    leads to in the time η.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, for taking the penalties apart
    from the errors.
    """
    part = slice(start, stop)
    biases[part] *= np.exp(-rate * bias_weights[part])
    vectors[part] = prior_means[part] + np.exp(-rate * weights[part])[:, None] * (vectors[part] - prior_means[part])


@compiled
def sum_rows(offsets: Any, indices: Any, vectors: Any, sums: Any, start: int, stop: int) -> None:  # pragma: no cover
    """Fill the rows `start` to `stop` of `sums`; as `sum_rows_reference`, but fast."""
    k = vectors.shape[1]
    for row in range(start, stop):
        total = sums[row]
        for f in range(k):
            total[f] = 0
        n, end = offsets[row], offsets[row + 1]
        while n + 8 <= end:  # eight at a time: the total is read and written less often
            a, b, c, d = vectors[indices[n]], vectors[indices[n + 1]], vectors[indices[n + 2]], vectors[indices[n + 3]]
            n += 4
            e, g, h, i = vectors[indices[n]], vectors[indices[n + 1]], vectors[indices[n + 2]], vectors[indices[n + 3]]
            n += 4
            for f in range(k):
                total[f] += ((a[f] + b[f]) + (c[f] + d[f])) + ((e[f] + g[f]) + (h[f] + i[f]))
        while n < end:
            a = vectors[indices[n]]
            for f in range(k):
                total[f] += a[f]
            n += 1


def sum_rows_reference(offsets: Offsets, indices: Indices, vectors: Floats) -> Floats:
    """For each sparse row, the sum of the `vectors` (float32, (columns, k)) at its indices; shape (rows, k)."""
    return np.array([vectors[indices[start:stop]].sum(axis=0) for start, stop in pairwise(offsets)], np.float32)


@compiled
def predict_pairs(factors: Any, users: Any, movies: Any, predicted: Any) -> None:  # pragma: no cover
    """Fill `predicted` (float32, shape (pairs,)) with the model's z of each (user, movie) pair."""
    for n in range(len(users)):
        u, i = users[n], movies[n]
        p, q = factors.P[u], factors.Q[i]
        dot = np.float32(0)
        for f in range(p.shape[0]):
            dot += p[f] * q[f]
        predicted[n] = factors.user_bias[u] + factors.movie_bias[i] + dot


def predict_pairs_reference(factors: Factors, users: Indices, movies: Indices, predicted: Floats) -> None:
    """Fill `predicted` with b_u + b_i + p·q of each (user, movie) pair."""
    P, Q, user_bias, movie_bias = factors
    predicted[:] = user_bias[users] + movie_bias[movies] + np.einsum("nf,nf->n", P[users], Q[movies])
