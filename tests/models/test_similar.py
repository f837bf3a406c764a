import numpy as np

from reelwise.models.similar import find_similar

VECTORS = np.array([[1, 0], [2, 0.2], [3, 0.1], [0, 1], [-1, 0]], np.float32)
COUNTS = np.array([500, 400, 2, 300, 300])


def similar(vectors: np.ndarray, counts: np.ndarray, movie: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
    return find_similar(unit @ unit[movie], counts, movie, n)


def test_like_films_come_first_and_the_film_itself_never() -> None:
    found, likeness = similar(VECTORS, COUNTS, 0, 10)
    assert found.tolist() == [1, 2]
    assert 1 >= likeness[0] > likeness[1] > 0


def test_a_film_with_a_handful_of_ratings_is_held_back() -> None:
    assert similar(VECTORS, COUNTS, 0, 1)[0].tolist() == [1]
    assert similar(VECTORS, np.full(5, 400), 0, 1)[0].tolist() == [2]  # by direction alone it is nearer


def test_films_without_a_vector_are_no_trouble() -> None:
    vectors = np.vstack([VECTORS, np.zeros(2, np.float32)])
    counts = np.append(COUNTS, 0)
    assert 5 not in similar(vectors, counts, 0, 10)[0]
    assert len(similar(vectors, counts, 5, 10)[0]) == 0
