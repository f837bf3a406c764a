"""The inner loop of weighted ALS, compiled by numba, beside a plain NumPy reference that says what it computes.

The kernel releases the GIL, so plain threads run it side by side.
"""

from typing import Any, NamedTuple

import numpy as np

from reelwise.data.types import Floats, Indices, Offsets
from reelwise.models.compiled import compiled


class WeightedRows(NamedTuple):
    """Sparse rows of observed entries: `offsets` int64 (rows + 1,), `indices` int32, each entry with weight and target.

    The two floats are float32, shape (entries,).
    """

    offsets: Offsets
    indices: Indices
    weights: Floats
    targets: Floats


@compiled
def als_half_step(
    solved: Any, fixed: Any, gram: Any, rows: Any, penalties: Any, steps: int, start: int, stop: int
) -> None:  # pragma: no cover
    """Improve the rows `start` to `stop` of `solved` by `steps` of conjugate gradients from where they are.

    The system of each row is that of `als_half_step_reference`, which this reaches as `steps` grows.
    """
    k = fixed.shape[1]
    work = np.empty((3, k + 64), np.float32)  # apart, or where the heap puts them would decide how sums are ordered
    residual, direction, image = work[0], work[1], work[2]
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
