"""Pooled scores are found exactly: as if all films were looked at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.models.ranking.linear_part import LinearPart, in_steps
from reelwise.models.retrieval_sketch import Sketch
from reelwise.models.top_n import top_n
from reelwise.recommend import inner_product_index
from reelwise.recommend.inner_product_index import InnerProductIndex, Scores, products
from reelwise.recommend.ordering.pooled_scores import PooledScores

FILMS, K = 200, 6


def made(seed: int, few: int = 0) -> tuple[PooledScores, np.ndarray, np.ndarray, np.ndarray]:
    """Scores of somebody who likes two films; the pooled scores of all films, their weights, and Q."""
    rng = np.random.default_rng(seed)
    Q = rng.standard_normal((FILMS, K)).astype(np.float32) * rng.random((FILMS, 1), np.float32)
    Q[100:110] = Q[0]
    films = np.sort(rng.choice(FILMS, 40, replace=False)).astype(np.int32)
    linear = LinearPart(
        np.array([1, 3]), films, rng.random((2, 40), np.float32), in_steps(rng.normal(0, 0.2, (2, 40, 40)))
    )
    weights = rng.uniform(1, 4, FILMS).astype(np.float32)
    embedding, picks = rng.standard_normal(K).astype(np.float32), np.array([films[3], films[9]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inner_product_index, "_FEW", few)
        index = InnerProductIndex(Q, Sketch.build(Q * weights[:, None], Q, np.arange(FILMS)), weights)
    scores = products(Q, embedding)
    scores[films] = np.float32(0.65) * scores[films] + np.float32(0.35) * linear.add_up(linear.carried(picks))
    return PooledScores(Scores(index, embedding), linear, Q[films], picks), scores, weights, Q


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 220), few=st.sampled_from([0, 4096]))
def test_they_are_the_head_of_the_whole_order(seed: int, n: int, few: int) -> None:
    pooled, scores, weights, _ = made(seed, few)
    refused = np.random.default_rng(seed).integers(FILMS, size=30)
    rows, fits = pooled.best(n, refused)
    assert rows.tolist() == top_n(scores * weights, n, refused).tolist()
    assert fits == pytest.approx((scores * weights)[rows], rel=1e-6)
    assert pooled.of(rows) == pytest.approx(scores[rows], rel=1e-6)


def test_falls_are_those_of_both_parts() -> None:
    pooled, _, _, Q = made(1)
    without = np.zeros((2, K), np.float32)
    rows = np.arange(FILMS)
    falls = pooled.falls(rows, without)
    linear, embedding = pooled._linear, pooled._blend.embedding
    others = np.setdiff1d(rows, linear.films)
    assert falls[others] == pytest.approx(np.repeat((Q @ embedding)[others, None], 2, 1), abs=1e-5)
    both = 0.65 * (Q @ embedding)[linear.films, None] + 0.35 * linear.carried(linear.films[[3, 9]]).T
    assert falls[linear.films] == pytest.approx(both, abs=1e-5)
