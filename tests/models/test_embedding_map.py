"""The map keeps neighbours together, and is the same each time."""

import numpy as np
import pytest

from reelwise.data.types import Floats, Indices
from reelwise.models.embedding_map import EPOCHS, Pairs, draw_map, map_step, map_step_reference, nearest


def curved(films: int = 800) -> tuple[Floats, Floats]:
    """Directions in ten dimensions that depend on two hidden numbers, which are given, too."""
    random = np.random.default_rng(0)
    hidden = random.uniform(-1, 1, (films, 2))
    waves = np.sin(hidden @ random.normal(size=(2, 10)) * 2.5 + random.uniform(0, 6, 10))
    return waves.astype(np.float32), hidden.astype(np.float32)


def neighbours(positions: Floats, n: int) -> Indices:
    """The rows of the `n` films that are nearest to each, shape (films, n)."""
    apart = ((positions[:, None].astype(np.float64) - positions[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    return np.argsort(apart, axis=1)[:, :n].astype(np.int32)


def kept(centred_embeddings: Floats, positions: Floats) -> float:
    """The share of each film's ten nearest in taste that are among its ten nearest on the map."""
    unit = centred_embeddings / np.linalg.norm(centred_embeddings, axis=1, keepdims=True)
    both = zip(neighbours(unit, 10), neighbours(positions, 10), strict=True)
    return float(np.mean([len(np.intersect1d(one, other)) for one, other in both])) / 10


def many(films: int) -> np.ndarray:
    return np.full(films, 100)


def test_neighbours_stay_neighbours_far_more_than_on_two_principal_axes() -> None:
    centred_embeddings, _ = curved()
    unit = centred_embeddings / np.linalg.norm(centred_embeddings, axis=1, keepdims=True)
    centred = unit - unit.mean(axis=0)
    principal = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -2:]
    drawn = kept(centred_embeddings, draw_map(centred_embeddings, many(800), seed=1))
    assert drawn > 0.6
    assert drawn > 1.5 * kept(centred_embeddings, principal)


def test_two_kinds_of_films_are_two_places() -> None:
    random = np.random.default_rng(0)
    kinds = np.repeat([0, 1], 60)
    centred_embeddings = (np.eye(2, 8)[kinds] + random.normal(0, 0.1, (120, 8))).astype(np.float32)
    positions = draw_map(centred_embeddings, many(120), seed=1)
    near = neighbours(positions, 10)
    assert (kinds[near] == kinds[:, None]).mean() > 0.99


def test_it_fills_the_square_and_no_more() -> None:
    positions = draw_map(curved()[0], many(800), seed=1)
    assert positions.dtype == np.float32
    assert positions.shape == (800, 2)
    assert np.abs(positions).max() == pytest.approx(1)
    np.testing.assert_allclose(positions.max(axis=0), -positions.min(axis=0), atol=1e-6)


def test_the_same_seed_draws_the_same_map_and_another_seed_another() -> None:
    centred_embeddings, _ = curved(100)
    first = draw_map(centred_embeddings, many(100), seed=1)
    np.testing.assert_array_equal(first, draw_map(centred_embeddings, many(100), seed=1))
    assert (first != draw_map(centred_embeddings, many(100), seed=2)).any()


def test_films_that_few_people_rated_do_not_shape_it_and_lie_amid_films_of_their_taste() -> None:
    centred_embeddings, _ = curved(1200)
    counts = np.where(np.arange(1200) < 1000, 50, 2)
    shuffled = np.random.default_rng(3).permutation(1200)  # known and unknown are mixed
    positions = draw_map(centred_embeddings[shuffled], counts[shuffled], seed=1)
    changed = centred_embeddings[shuffled].copy()
    rare = np.flatnonzero(counts[shuffled] < 10)
    changed[rare[0]] = -changed[rare[0]]
    moved = (draw_map(changed, counts[shuffled], seed=1) != positions).any(axis=1)
    assert moved[rare[0]]
    assert moved.sum() < 3  # all else stays, unless the corner of the map was the one that moved
    unit = centred_embeddings[shuffled] / np.linalg.norm(centred_embeddings[shuffled], axis=1, keepdims=True)
    to_likest = positions[rare] - positions[neighbours(unit, 1)[rare, 0]]
    assert np.median(np.linalg.norm(to_likest, axis=1)) < 0.1


@pytest.mark.parametrize("films", [1, 2, 3, 16, 17])
def test_a_handful_of_films_is_no_trouble(films: int) -> None:
    positions = draw_map(np.random.default_rng(0).normal(size=(films, 4)).astype(np.float32), many(films), seed=1)
    assert np.isfinite(positions).all()
    assert np.abs(positions).max() <= 1.0001


@pytest.mark.parametrize("k", [1, 2])
def test_films_of_one_taste_and_films_of_none_have_places_too(k: int) -> None:
    centred_embeddings = np.zeros((40, k), np.float32)
    centred_embeddings[:20] = 1
    assert np.isfinite(draw_map(centred_embeddings, many(40), seed=1)).all()


def test_it_says_how_far_it_is() -> None:
    told: list[int] = []
    draw_map(curved(30)[0], many(30), 1, told.append)
    assert told == list(range(1, EPOCHS + 1))


def test_nearest_finds_the_largest_products_in_their_order() -> None:
    random = np.random.default_rng(0)
    wanted, among = (random.normal(size=(rows, 5)).astype(np.float32) for rows in (1100, 70))
    rows, products = nearest(wanted, among, 6)
    all_products = wanted @ among.T
    np.testing.assert_allclose(products, -np.sort(-all_products, axis=1)[:, :6], rtol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(all_products, rows, axis=1), products, rtol=1e-4, atol=1e-6)
    assert nearest(wanted, among, 100)[0].shape == (1100, 70)


def test_the_kernel_does_what_its_reference_says() -> None:
    random = np.random.default_rng(0)
    one = random.normal(size=(20, 2)).astype(np.float32)
    one[3] = one[4]  # at one place there is no direction to be pushed in
    other = one.copy()
    pairs = Pairs(
        random.integers(0, 20, 60, dtype=np.int32),
        random.integers(0, 20, 60, dtype=np.int32),
        random.random(60, dtype=np.float32),
    )
    negatives = random.integers(0, 20, (60, 5), dtype=np.int32)
    map_step(one, pairs, negatives, np.float32(0.1))
    map_step_reference(other, pairs, negatives, np.float32(0.1))
    np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def test_films_that_the_same_few_people_rated_do_not_share_a_place() -> None:
    centred_embeddings, _ = curved(1300)
    counts = np.where(np.arange(1300) < 1000, 50, 1)
    counts[1000] = 2
    centred_embeddings[1000:] = centred_embeddings[0]  # one viewer's films
    positions = draw_map(centred_embeddings, counts, seed=1)
    assert len(np.unique(positions.round(4), axis=0)) == 1300
    apart = np.linalg.norm(positions[1000:] - positions[1000], axis=1)  # the best known keeps its place
    assert np.all(apart < 0.12)
    assert np.median(apart) > 0.04
