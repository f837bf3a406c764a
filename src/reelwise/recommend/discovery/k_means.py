"""Spherical k-means: rows fall into groups by their direction."""

from collections.abc import Iterator

import numpy as np

from reelwise.data.types import Doubles, Floats, Positions
from reelwise.models.vectors import unit_rows

_STEPS = 30


def run_k_means(directions: Floats, weights: Doubles, k: int) -> Iterator[tuple[Positions, Floats]]:
    """The members of each cluster, ascending, and their cosines with its centre; the heaviest cluster first."""
    centres = directions[list(_choose_centres(directions, weights, k))]
    weighted = directions * weights[:, None].astype(np.float32)
    for _ in range(_STEPS):
        belongs = (directions @ centres.T).argmax(axis=1)
        centres = unit_rows(np.eye(k, dtype=np.float32)[:, belongs] @ weighted)
    cosines = directions @ centres.T
    belongs = cosines.argmax(axis=1)
    weight_of = np.bincount(belongs, weights, minlength=k)
    for cluster in np.argsort(-weight_of, kind="stable"):
        members = np.flatnonzero(belongs == cluster)
        if len(members):
            yield members, cosines[members, cluster]


def _choose_centres(directions: Floats, weights: Doubles, k: int) -> Iterator[int]:
    """Choose where clusters start: at the best-known film, and then at random films far from those before (k-means++).

    Source: Arthur and Vassilvitskii, "k-means++: The Advantages of Careful Seeding", 2007.
    """
    random = np.random.default_rng(0)
    chosen, nearest = 0, np.full(len(directions), -1, np.float32)
    for _ in range(k):
        yield chosen
        nearest = np.maximum(nearest, directions @ directions[chosen])
        chance = np.square(1 - nearest.astype(np.float64)) * weights + 1e-12
        chosen = int(random.choice(len(directions), p=chance / chance.sum()))
