import numpy as np
import pytest

from reelwise.models.retrieval_sketch import Sketch
from support.models.memory_store import MemoryStore

MOVIES = 200


def build(k: int) -> tuple[Sketch, np.ndarray, np.ndarray]:
    """A sketch of two thirds of the movies, their vectors, and those of users."""
    rng = np.random.default_rng(k)
    Q, users = (rng.standard_normal((rows, k), np.float32) * np.float32(0.8) ** np.arange(k) for rows in (MOVIES, 50))
    return Sketch.build(Q, users, np.flatnonzero(np.arange(MOVIES) % 3)), Q, users


@pytest.mark.parametrize("k", [1, 4, 40])
def test_it_knows_each_product_to_within_what_is_left_of_both_vectors(k: int) -> None:
    sketch, Q, users = build(k)
    h = len(sketch.coordinates) - 1
    turned = users @ sketch.basis
    known, rest = turned[:, :h] @ sketch.coordinates[:h], np.linalg.norm(turned[:, h:], axis=1)[:, None]
    products = users @ Q[sketch.order].T
    assert (np.abs(products - known) <= rest * sketch.coordinates[h] + 1e-3).all()
    assert np.abs(products - known).mean() < 0.2 * np.abs(products).mean()


def test_candidates_stand_in_the_order_of_their_length() -> None:
    sketch, Q, _ = build(4)
    assert (np.diff(sketch.minus_lengths) >= 0).all()
    np.testing.assert_allclose(np.linalg.norm(sketch.coordinates, axis=0), -sketch.minus_lengths, rtol=1e-4)
    assert sorted(sketch.order) == [row for row in range(MOVIES) if row % 3]
    assert sketch.order[sketch.place[sketch.order]].tolist() == sketch.order.tolist()
    assert set(sketch.place[::3]) == {len(sketch.order)}
    assert sketch.longest == pytest.approx(np.linalg.norm(Q[sketch.order], axis=1).max())


@pytest.mark.parametrize("k", [4, 40])
def test_what_is_saved_is_loaded(k: int) -> None:
    store = MemoryStore()
    sketch, *_ = build(k)
    sketch.save(store, "rating")
    for name, array in vars(Sketch.load(store, "rating", MOVIES, k)).items():
        np.testing.assert_array_equal(array, getattr(sketch, name))
