"""A map of the films: two coordinates each, such that films that the same people like lie close together.

Two dimensions cannot hold the distances of many; what can be kept is who is next to whom. So every film attracts its
nearest neighbours, and pushes away films drawn at random. With positions y, the similarity of a
pair on the map is s_ij = 1 / (1 + |y_i - y_j|²), and stochastic gradient descent lowers

    sum over neighbours j of -w_ij log s_ij  +  γ sum over random films r of -w_ij log(1 - s_ir)

from a start on the two principal axes. Sources: Tang et al., "Visualizing Large-scale and High-dimensional Data", WWW
2016 (the objective); McInnes, Healy, Melville, "UMAP", 2018 (the weights w_ij).

Films that few people rated are left out of that, because their tastes are mostly chance, and would be islands of one
viewer each. They are put amid their nearest neighbours afterwards. Those that the same few people rated would share a
place there; such a clump is opened to a disc, like the seeds of a sunflower.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from reelwise.data.types import Counts, Floats, Indices, Positions
from reelwise.models.compiled import compiled
from reelwise.models.side_by_side import one_thread_per_product
from reelwise.models.vectors import unit_rows

NEIGHBOURS = 15
EPOCHS = 100
_MOST_KNOWN = 10_000
_FEW_RATINGS = 10  # a film with fewer is not known, unless it is among the best known
_ALWAYS_KNOWN = 500
_NEGATIVES = 5  # random films that push a pair's film away, in each epoch
_BLOCK = 512  # rows of a product of vectors
_START = 10.0  # the largest coordinate at the start, in units of the distance at which the similarity is a half
_REPULSION = np.float32(3)  # γ
_LONGEST = np.float32(4)  # a step, in units of the rate
_TINY = np.float32(1e-3)
_APART = 0.005  # where films are closer than that, in units of half the map's width, they are a clump
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


class Pairs(NamedTuple):
    """Films and their neighbours: parallel arrays of shape (pairs,), rows as int32 and float32 weights from 0 to 1."""

    films: Indices
    neighbours: Indices
    weights: Floats


def draw_map(
    centred_embeddings: Floats,
    counts: Counts,
    seed: int,
    on_epoch: Callable[[int], object] = lambda _: None,
) -> Floats:
    """Coordinates of the movies, float32, shape (movies, 2), from -1 to 1. The same seed gives the same map.

    Args:
        centred_embeddings: of the movies, without what the average user likes, float32, shape (movies, k).
        counts: number of ratings of each movie, shape (movies,).
        seed: of every random choice.
        on_epoch: called with the number of epochs done, of `EPOCHS`.
    """
    directions = unit_rows(centred_embeddings)
    known = _known(counts)
    positions = np.empty((len(counts), 2), np.float32)
    with one_thread_per_product():
        positions[known] = _lay_out(directions[known], seed, on_epoch)
        others = np.setdiff1d(np.arange(len(counts)), known)
        positions[others] = _place_amid(directions[others], directions[known], positions[known])
    return _fill_square(_open_clumps(_fill_square(positions), counts))


def nearest(wanted: Floats, among: Floats, n: int) -> tuple[Indices, Floats]:
    """The `n` rows of `among` with the largest products with each row of `wanted`, and these products, largest first.

    Both have the shape (rows of wanted, n), fewer where there are fewer rows.
    """
    n = min(n, len(among))
    rows, products = np.empty((len(wanted), n), np.int32), np.empty((len(wanted), n), np.float32)
    for start in range(0, len(wanted), _BLOCK):
        part = slice(start, start + _BLOCK)
        scores = wanted[part] @ among.T
        found = np.argpartition(scores, len(among) - n, axis=1)[:, len(among) - n :]
        of_found = np.take_along_axis(scores, found, axis=1)
        order = np.argsort(-of_found, axis=1, kind="stable")
        rows[part] = np.take_along_axis(found, order, axis=1)
        products[part] = np.take_along_axis(of_found, order, axis=1)
    return rows, products


def _known(counts: Counts) -> Positions:
    """The rows of the films that the map is made of, ascending."""
    by_fame = np.argsort(-counts, kind="stable")
    enough = int((counts >= _FEW_RATINGS).sum())
    return np.sort(by_fame[: min(max(enough, _ALWAYS_KNOWN), _MOST_KNOWN)])


def _lay_out(directions: Floats, seed: int, on_epoch: Callable[[int], object]) -> Floats:
    random = np.random.default_rng(seed)
    positions, pairs = _project_on_principal_axes(directions), _pairs(directions)
    order = random.permutation(len(pairs.films))
    pairs = Pairs(pairs.films[order], pairs.neighbours[order], pairs.weights[order])
    for epoch in range(EPOCHS):
        negatives = random.integers(0, len(directions), (len(order), _NEGATIVES), dtype=np.int32)
        map_step(positions, pairs, negatives, np.float32(1 - epoch / EPOCHS))
        on_epoch(epoch + 1)
    return positions


def _pairs(directions: Floats) -> Pairs:
    """Each film with its nearest; the weight falls from 1 for the nearest, as fast as the neighbourhood is narrow."""
    rows, cosines = nearest(directions, directions, NEIGHBOURS + 1)
    films = np.broadcast_to(np.arange(len(rows), dtype=np.int32)[:, None], rows.shape)
    nearest_other = cosines[:, :2].min(axis=1, keepdims=True)  # the nearest of all is the film itself
    further = np.maximum(nearest_other - cosines, 0)
    width = np.maximum(further.mean(axis=1, keepdims=True), 1e-6)
    others = rows != films
    return Pairs(films[others], rows[others], np.exp(-further / width)[others].astype(np.float32))


def _project_on_principal_axes(directions: Floats) -> Floats:
    centred = (directions - directions.mean(axis=0)).astype(np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, :-3:-1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])  # eigenvectors have no sign
    positions = np.zeros((len(directions), 2), np.float32)
    positions[:, : axes.shape[1]] = centred @ axes
    return positions * np.float32(_START / max(float(np.abs(positions).max()), 1e-12))


def _place_amid(wanted: Floats, directions: Floats, positions: Floats) -> Floats:
    """The mean position of the nearest films, weighed by how much alike they are."""
    rows, cosines = nearest(wanted, directions, NEIGHBOURS)
    weights = np.maximum(cosines, _TINY)
    mean: Floats = np.einsum("nk,nkd->nd", weights / weights.sum(axis=1, keepdims=True), positions[rows])
    return mean


def _fill_square(positions: Floats) -> Floats:
    """The positions moved and scaled to reach from -1 to 1."""
    centred = positions - (positions.max(axis=0) + positions.min(axis=0)) / 2
    filled: Floats = centred / np.float32(max(float(np.abs(centred).max()), 1e-12))
    return filled


def _open_clumps(positions: Floats, counts: Counts) -> Floats:
    """The positions, where the films of a clump lie around the best-known one, which keeps its place.

    The n-th of them is moved by c √n in the direction n φ, with the golden angle φ, so that all have the same room.
    Source: Vogel, "A better way to construct the sunflower head", 1979.
    """
    _, clump = np.unique(np.round(positions / _APART), axis=0, return_inverse=True)
    by_clump = np.lexsort((-counts, clump))
    ordered = clump[by_clump]
    n = np.empty(len(clump), np.int64)
    n[by_clump] = np.arange(len(clump)) - np.searchsorted(ordered, ordered)
    angle = n * _GOLDEN_ANGLE
    moved = _APART * np.sqrt(n)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    apart: Floats = (positions + moved).astype(np.float32)
    return apart


@compiled
def map_step(positions: Any, pairs: Any, negatives: Any, rate: Any) -> None:  # pragma: no cover
    """One pass over the pairs, in their order; as `map_step_reference`, but fast."""
    longest = _LONGEST * rate
    for pair in range(len(pairs.films)):
        film, other = positions[pairs.films[pair]], positions[pairs.neighbours[pair]]
        strength = np.float32(2) * rate * pairs.weights[pair]
        x, y = film[0] - other[0], film[1] - other[1]
        attraction = strength / (np.float32(1) + x * x + y * y)
        x, y = max(-longest, min(longest, attraction * x)), max(-longest, min(longest, attraction * y))
        film[0] -= x
        film[1] -= y
        other[0] += x
        other[1] += y
        for negative in negatives[pair]:
            other = positions[negative]
            x, y = film[0] - other[0], film[1] - other[1]
            square = x * x + y * y
            repulsion = _REPULSION * strength / ((_TINY + square) * (np.float32(1) + square))
            film[0] += max(-longest, min(longest, repulsion * x))
            film[1] += max(-longest, min(longest, repulsion * y))


def map_step_reference(positions: Floats, pairs: Pairs, negatives: Indices, rate: np.float32) -> None:
    """One pass over the pairs in their order, changing `positions` (float32, shape (films, 2)) in place.

    For each pair, with step size η, d = y_i - y_j to the neighbour and e = y_i - y_r to each negative:

        y_i -= 2 η w d / (1 + |d|²)        y_j += the same        y_i += 2 η γ w e / ((0.001 + |e|²) (1 + |e|²))

    No coordinate moves by more than 4 η at once.

    Args:
        positions: where the films are.
        pairs: films, their neighbours and weights.
        negatives: int32, shape (pairs, negatives): the films that each pair's film is pushed away from.
        rate: η.
    """
    for film, other, weight, pushed_by in zip(*pairs, negatives, strict=True):
        apart = positions[film] - positions[other]
        step = np.clip(2 * rate * weight * apart / (1 + apart @ apart), -_LONGEST * rate, _LONGEST * rate)
        positions[film] -= step
        positions[other] += step
        for negative in pushed_by:
            apart = positions[film] - positions[negative]
            square = apart @ apart
            repulsion = 2 * rate * _REPULSION * weight / ((_TINY + square) * (1 + square))
            positions[film] += np.clip(repulsion * apart, -_LONGEST * rate, _LONGEST * rate)
