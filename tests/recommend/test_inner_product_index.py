"""The index finds exactly what all products and `top_n` find."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.models.retrieval_sketch import Sketch
from reelwise.models.top_n import top_n
from reelwise.recommend import inner_product_index
from reelwise.recommend.inner_product_index import InnerProductIndex, Scores, products

NOTHING = np.empty(0, np.int64)
SHAPES = ("even", "steep", "few directions", "folded biases", "tied", "zero", "huge and tiny")


def index_of(Q: np.ndarray, users: np.ndarray, candidates: np.ndarray | None = None) -> InnerProductIndex:
    return InnerProductIndex(Q, Sketch.build(Q, users, np.arange(len(Q)) if candidates is None else candidates))


def weighted_index(Q: np.ndarray, users: np.ndarray, weights: np.ndarray, is_sketched: bool) -> InnerProductIndex:
    sketched = Q * weights[:, None] if is_sketched else Q
    return InnerProductIndex(Q, Sketch.build(sketched, users, np.arange(len(Q))), weights, is_sketched)


def vectors(rng: np.random.Generator, shape: str, rows: int, k: int) -> np.ndarray:
    made = rng.standard_normal((rows, k))
    if shape == "steep":
        made *= rng.random((rows, 1)) ** 6
    elif shape == "few directions":
        made = rng.standard_normal((rows, 2)) @ rng.standard_normal((2, k))
    elif shape == "folded biases":
        made *= 0.1
        made[:, -1] = 3.5
    elif shape == "tied":
        made = rng.integers(-1, 2, (rows, k)).astype(np.float64)
    elif shape == "zero":
        made *= rng.random((rows, 1)) < 0.3
    elif shape == "huge and tiny":
        made *= 10.0 ** rng.integers(-12, 7, (rows, 1))
    return made.astype(np.float32)


def expected(Q: np.ndarray, user: np.ndarray, n: int, refused: np.ndarray) -> list[int]:
    found: list[int] = top_n(products(Q, user), n, refused).tolist()
    return found


@given(
    seed=st.integers(0, 2**32 - 1),
    movies_are=st.sampled_from(SHAPES),
    users_are=st.sampled_from(SHAPES),
    movies=st.integers(1, 300),
    few=st.sampled_from([0, 4096]),
    k=st.integers(1, 24),
    n=st.integers(1, 320),
    refused=st.floats(0, 1),
    first=st.integers(1, 60),
    many=st.integers(1, 60),
)
def test_it_is_the_head_of_the_whole_order(
    seed: int,
    movies_are: str,
    users_are: str,
    movies: int,
    few: int,
    k: int,
    n: int,
    refused: float,
    first: int,
    many: int,
) -> None:
    rng = np.random.default_rng(seed)
    Q, users = vectors(rng, movies_are, movies, k), vectors(rng, users_are, 20, k)
    Q[rng.integers(movies, size=movies // 5)] = Q[0]  # the same film many times
    left_out = np.flatnonzero(rng.random(movies) < refused)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inner_product_index, "_FEW", few)  # so that both ways are gone
        patch.setattr(inner_product_index, "_FIRST", first)
        patch.setattr(inner_product_index, "_MANY", many)
        candidates = np.flatnonzero(rng.random(movies) < 0.8)
        candidates = candidates if len(candidates) else np.arange(movies)
        index, never = index_of(Q, users, candidates), np.setdiff1d(np.arange(movies), candidates)
        for user in users[:3]:
            best, scores = index.best(user, n, left_out)
            assert best.tolist() == expected(Q, user, n, np.concatenate([left_out, never]))
            assert scores.tolist() == products(Q[best], user).tolist()


@given(
    seed=st.integers(0, 2**32 - 1),
    movies_are=st.sampled_from(SHAPES),
    movies=st.integers(1, 300),
    few=st.sampled_from([0, 4096]),
    n=st.integers(1, 320),
    is_sketched=st.booleans(),
)
def test_weighted_products_are_found_as_if_all_were_looked_at(
    seed: int, movies_are: str, movies: int, few: int, n: int, is_sketched: bool
) -> None:
    rng = np.random.default_rng(seed)
    Q, users = vectors(rng, movies_are, movies, 8), vectors(rng, "even", 9, 8)
    Q[rng.integers(movies, size=movies // 5)] = Q[0]
    weights = (10 ** rng.uniform(0, 1.2, movies)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inner_product_index, "_FEW", few)
        patch.setattr(inner_product_index, "_FIRST", 7)
        patch.setattr(inner_product_index, "_MANY", 20)
        index = weighted_index(Q, users, weights, is_sketched)
        refused = rng.integers(movies, size=3)
        for user in users[:3]:
            best, scores = index.best(user, n, refused)
            assert best.tolist() == top_n(products(Q, user) * weights, n, refused).tolist()
            assert scores.tolist() == (products(Q[best], user) * weights[best]).tolist()


@pytest.mark.parametrize("movies_are", SHAPES)
@pytest.mark.parametrize("n", [1, 10, 1000])
def test_so_it_is_among_many_films(movies_are: str, n: int) -> None:
    rng = np.random.default_rng(n)
    Q, users = vectors(rng, movies_are, 20_000, 32), vectors(rng, "folded biases", 200, 32)
    index, refused = index_of(Q, users), rng.choice(20_000, 300)
    for user in users[:5]:
        assert index.best(user, n, refused)[0].tolist() == expected(Q, user, n, refused)


def test_a_user_unlike_all_others_is_no_exception() -> None:
    rng = np.random.default_rng(0)
    Q = vectors(rng, "steep", 5000, 8)
    index = index_of(Q, np.zeros((9, 8), np.float32))
    for user in (*vectors(rng, "huge and tiny", 20, 8), np.zeros(8, np.float32)):
        assert index.best(user, 10, NOTHING)[0].tolist() == expected(Q, user, 10, NOTHING)


def test_few_films_are_looked_at() -> None:
    rng = np.random.default_rng(1)
    Q, users = vectors(rng, "steep", 50_000, 64), vectors(rng, "even", 100, 64)
    index = index_of(Q, users)
    looked_at = [len(index.contenders(user, 10, NOTHING)[0]) for user in users]
    assert np.mean(looked_at) < 50_000 / 8  # the first coordinates say no more than the others: hardest of all


def test_nothing_is_left_where_all_is_refused() -> None:
    index = index_of(np.ones((3, 2), np.float32), np.ones((1, 2), np.float32))
    user = np.ones(2, np.float32)
    assert index.best(user, 2, np.arange(3))[0].tolist() == []
    assert index.best(user, 2, np.array([1]))[0].tolist() == [0, 2]
    assert index.best(-user, 9, NOTHING)[0].tolist() == [0, 1, 2]


@given(st.integers(0, 2**32 - 1), st.integers(1, 80), st.integers(1, 70))
def test_a_product_does_not_depend_on_where_its_row_stands(seed: int, rows: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    Q, user = vectors(rng, "even", rows, k), vectors(rng, "even", 1, k)[0]
    order = rng.permutation(rows)
    assert products(Q[order], user).tolist() == products(Q, user)[order].tolist()
    assert products(Q[:1], user)[0] == products(Q, user)[0]


def test_products_are_rounded_once() -> None:
    vectors_of_two = np.array([[1e8, 1, -1e8], [3, 0, 0]], np.float32)
    assert products(vectors_of_two, np.ones(3, np.float32)).tolist() == [1, 3]


def test_scores_of_some_are_those_of_all() -> None:
    rng = np.random.default_rng(2)
    Q, user = vectors(rng, "even", 50, 6), vectors(rng, "even", 1, 6)[0]
    scores = Scores(weighted_index(Q, Q, np.linspace(1, 2, 50).astype(np.float32), is_sketched=True), user)
    assert scores.of(np.array([4, 2])) == pytest.approx((Q @ user)[[4, 2]], rel=1e-5)
    assert scores.best(3, NOTHING)[0].tolist() == np.argsort(-(Q @ user) * np.linspace(1, 2, 50))[:3].tolist()
