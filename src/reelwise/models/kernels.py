"""The inner loops of SGD, compiled by numba, each beside a plain NumPy reference that says what it computes.

Kernels release the GIL, so plain threads run them side by side.
"""

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


class Penalties(NamedTuple):
    """The L2 weight of each row, per rating: of its vector and of its bias. Shapes (users,) and (movies,); float32."""

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
def sgd_step(factors: Any, penalties: Any, blocks: Any, chosen: Any, rate: Any) -> None:  # pragma: no cover
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
            error = blocks.z[n] - user_bias[u] - movie_bias[i] - dot
            user_bias[u] += rate * (error - penalties.user_bias[u] * user_bias[u])
            movie_bias[i] += rate * (error - penalties.movie_bias[i] * movie_bias[i])
            step = rate * error
            shrink_p = np.float32(1) - rate * penalties.user[u]
            shrink_q = np.float32(1) - rate * penalties.movie[i]
            for f in range(k):
                old = p[f]
                p[f] = shrink_p * old + step * q[f]
                q[f] = shrink_q * q[f] + step * old


def sgd_step_reference(
    factors: Factors, penalties: Penalties, blocks: Blocks, chosen: npt.NDArray[np.int64], rate: np.float32
) -> None:
    """One SGD pass over the `chosen` blocks, changing `factors` in place.

    For each rating, with error e = z - b_u - b_i - p·q, step size η and L2 weights λ:

        b_u += η (e - λ_bu b_u)      p += η (e q - λ_u p)
        b_i += η (e - λ_bi b_i)      q += η (e p - λ_i q)

    Source: Koren, Bell, Volinsky, "Matrix Factorization Techniques for Recommender Systems", 2009, equations 5 to 7.
    """
    P, Q, user_bias, movie_bias = factors
    for block in chosen:
        for n in range(blocks.offsets[block], blocks.offsets[block + 1]):
            u, i = blocks.users[n], blocks.movies[n]
            p, q = P[u].copy(), Q[i].copy()
            error = blocks.z[n] - user_bias[u] - movie_bias[i] - p @ q
            user_bias[u] += rate * (error - penalties.user_bias[u] * user_bias[u])
            movie_bias[i] += rate * (error - penalties.movie_bias[i] * movie_bias[i])
            P[u] += rate * (error * q - penalties.user[u] * p)
            Q[i] += rate * (error * p - penalties.movie[i] * q)


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
