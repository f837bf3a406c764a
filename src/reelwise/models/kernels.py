"""The inner loops of SGD, compiled by numba, each beside a plain NumPy reference that says what it computes.

Kernels release the GIL, so plain threads run them side by side.
"""

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]

# Sums may be reordered (which vectorises the dot product); NaN and infinity keep their meaning.
_compiled = numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract", "nsz", "arcp"})


class Factors(NamedTuple):
    """What SGD fits: `z[u, i] ≈ user_bias[u] + movie_bias[i] + P[u]·Q[i]`.

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
    """What the vectors are pulled to, where plain L2 pulls them to zero; shaped like the factors' P and Q."""

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

    users: Integers
    movies: Integers
    z: Floats
    offsets: npt.NDArray[np.int64]


@_compiled
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


def sgd_step_reference(factors: Factors, blocks: Blocks, chosen: npt.NDArray[np.int64], rate: np.float32) -> None:
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


@_compiled
def decay_rows(
    vectors: Any, centres: Any, weights: Any, biases: Any, bias_weights: Any, rate: Any, start: int, stop: int
) -> None:  # pragma: no cover
    """Pull the rows `start` to `stop` of one side; as `decay_rows_reference`, but fast."""
    for row in range(start, stop):
        biases[row] *= np.float32(math.exp(-rate * bias_weights[row]))
        kept = np.float32(math.exp(-rate * weights[row]))
        vector, centre = vectors[row], centres[row]
        for f in range(vectors.shape[1]):
            vector[f] = centre[f] + kept * (vector[f] - centre[f])


def decay_rows_reference(
    vectors: Floats,
    centres: Floats,
    weights: Floats,
    biases: Floats,
    bias_weights: Floats,
    rate: np.float32,
    start: int,
    stop: int,
) -> None:
    """Pull vectors to their centres and biases to zero, changing the rows `start` to `stop` in place.

    With rate η and weight λ, exp(-η λ) of the distance is left: that is where the gradient of the penalty λ/2 |p - m|²
    leads to in the time η.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, for taking the penalties apart
    from the errors.
    """
    part = slice(start, stop)
    biases[part] *= np.exp(-rate * bias_weights[part])
    vectors[part] = centres[part] + np.exp(-rate * weights[part])[:, None] * (vectors[part] - centres[part])


@_compiled
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


def sum_rows_reference(offsets: npt.NDArray[np.int64], indices: Integers, vectors: Floats) -> Floats:
    """For each sparse row, the sum of the `vectors` (float32, (columns, k)) at its indices; shape (rows, k)."""
    return np.array([vectors[indices[start:stop]].sum(axis=0) for start, stop in pairwise(offsets)], np.float32)


@_compiled
def predict_pairs(factors: Any, users: Any, movies: Any, predicted: Any) -> None:  # pragma: no cover
    """Fill `predicted` (float32, shape (pairs,)) with the model's z of each (user, movie) pair."""
    for n in range(len(users)):
        u, i = users[n], movies[n]
        p, q = factors.P[u], factors.Q[i]
        dot = np.float32(0)
        for f in range(p.shape[0]):
            dot += p[f] * q[f]
        predicted[n] = factors.user_bias[u] + factors.movie_bias[i] + dot


def predict_pairs_reference(factors: Factors, users: Integers, movies: Integers, predicted: Floats) -> None:
    """Fill `predicted` with b_u + b_i + p·q of each (user, movie) pair."""
    P, Q, user_bias, movie_bias = factors
    predicted[:] = user_bias[users] + movie_bias[movies] + np.einsum("nf,nf->n", P[users], Q[movies])


class WeightedRows(NamedTuple):
    """Sparse rows of observed entries: `offsets` int64 (rows + 1,), `indices` int32, each entry with weight and target.

    The two floats are float32, shape (entries,).
    """

    offsets: npt.NDArray[np.int64]
    indices: Integers
    weights: Floats
    targets: Floats


@_compiled
def als_half_step(
    solved: Any, fixed: Any, gram: Any, rows: Any, penalties: Any, steps: int, start: int, stop: int
) -> None:  # pragma: no cover
    """Improve the rows `start` to `stop` of `solved` by `steps` of conjugate gradients from where they are.

    The system of each row is that of `als_half_step_reference`, which this reaches as `steps` grows.
    """
    k = fixed.shape[1]
    residual, direction, image = np.empty(k, np.float32), np.empty(k, np.float32), np.empty(k, np.float32)
    for row in range(start, stop):
        x, penalty = solved[row], penalties[row]
        first, last = rows.offsets[row], rows.offsets[row + 1]
        for a in range(k):  # residual = b - A x
            total = penalty * x[a]
            for b in range(k):
                total += gram[a, b] * x[b]
            residual[a] = -total
        for n in range(first, last):
            q = fixed[rows.indices[n]]
            dot = np.float32(0)
            for a in range(k):
                dot += q[a] * x[a]
            scale = rows.weights[n] * (rows.targets[n] - dot)
            for a in range(k):
                residual[a] += scale * q[a]
        norm = np.float32(0)
        for a in range(k):
            direction[a] = residual[a]
            norm += residual[a] * residual[a]
        for _ in range(steps):
            if norm < np.float32(1e-18):
                break
            for a in range(k):  # image = A direction
                total = penalty * direction[a]
                for b in range(k):
                    total += gram[a, b] * direction[b]
                image[a] = total
            for n in range(first, last):
                q = fixed[rows.indices[n]]
                dot = np.float32(0)
                for a in range(k):
                    dot += q[a] * direction[a]
                scale = rows.weights[n] * dot
                for a in range(k):
                    image[a] += scale * q[a]
            curvature = np.float32(0)
            for a in range(k):
                curvature += direction[a] * image[a]
            length = norm / curvature
            smaller = np.float32(0)
            for a in range(k):
                x[a] += length * direction[a]
                residual[a] -= length * image[a]
                smaller += residual[a] * residual[a]
            ratio = smaller / norm
            norm = smaller
            for a in range(k):
                direction[a] = residual[a] + ratio * direction[a]


def als_half_step_reference(fixed: Floats, gram: Floats, rows: WeightedRows, penalties: Floats) -> Floats:
    """Solve each row's regularised weighted least squares exactly.

    With the other side's vectors q_i fixed, row u minimises

        sum over observed i of w_ui (t_ui - p·q_i)^2  +  a0 sum over all i of (p·q_i)^2  +  λ_u |p|^2

    whose solution is p = (a0 QᵀQ + sum w q qᵀ + λ_u I)^-1 sum w t q. `gram` is a0 QᵀQ: all missing entries at once.

    Source: Hu, Koren, Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008, section 4;
    weights as in Rendle et al., "Revisiting the Performance of iALS on Item Recommendation Benchmarks", 2021.
    """
    solved = np.zeros((len(rows.offsets) - 1, fixed.shape[1]), np.float32)
    for row in range(len(solved)):
        part = slice(rows.offsets[row], rows.offsets[row + 1])
        q, w, t = fixed[rows.indices[part]], rows.weights[part], rows.targets[part]
        system = gram + (q.T * w) @ q + penalties[row] * np.eye(fixed.shape[1])
        solved[row] = np.linalg.solve(system, q.T @ (w * t))
    return solved
