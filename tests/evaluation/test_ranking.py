from dataclasses import dataclass
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.data.csr import CSR
from reelwise.data.types import Floats
from reelwise.evaluation.ranking import measure_ndcg, measure_ranker, recommend
from reelwise.evaluation.splitting import KnownUsers
from reelwise.models.queries import Queries
from reelwise.models.top_n import top_k
from support.models.checkerboard import checkerboard

SPLIT = KnownUsers.split(checkerboard().interactions(), seed=1)
USERS, MOVIES = SPLIT.train.shape


@dataclass(frozen=True)
class Table:
    """Ranks known users by a fixed table of scores."""

    table: Floats

    def score(self, queries: Queries) -> Floats:
        scores: Floats = self.table[queries.users]
        return scores


def targets_first() -> Table:
    """An oracle: it knows the targets."""
    table = np.zeros((USERS, MOVIES), np.float32)
    table[SPLIT.test.queries.users] = SPLIT.test.targets.indicators(MOVIES)
    return Table(table)


RANDOM = Table(np.random.default_rng(0).integers(0, 9, (USERS, MOVIES)).astype(np.float32))  # many scores are equal
EQUAL = st.sampled_from([-1.0, 0.0, 2.0]) | st.floats(-9, 9, width=32)


@given(st.integers(1, 8), st.integers(1, 10), st.integers(1, 12), st.data())
def test_the_top_k_is_the_head_of_the_whole_order(rows: int, movies: int, k: int, data: st.DataObject) -> None:
    scores = data.draw(st.lists(st.lists(EQUAL, min_size=movies, max_size=movies), min_size=rows, max_size=rows))
    excluded = data.draw(st.lists(st.sets(st.integers(0, movies - 1)), min_size=rows, max_size=rows))
    by = np.repeat(np.arange(rows), [len(row) for row in excluded])
    indices = np.array([movie for row in excluded for movie in row], np.int32)
    found = top_k(np.array(scores, np.float32), k, CSR.grouped(by, indices, np.ones(len(by), np.float32), rows))
    for row in range(rows):
        order = sorted(set(range(movies)) - excluded[row], key=lambda movie: (-scores[row][movie], movie))[:k]
        assert found[row].tolist() == order + [-1] * (k - len(order))


@pytest.mark.parametrize("broken", [nan, inf, -inf])
def test_scores_that_are_not_finite_are_refused(broken: float) -> None:
    table = RANDOM.table.copy()
    table[3, 2] = broken
    with pytest.raises(ValueError, match="scores must be finite"):
        recommend(Table(table), SPLIT.test, 5)


@pytest.mark.parametrize("k", [1, 5, MOVIES, MOVIES + 3])
def test_what_is_excluded_is_never_recommended_and_all_else_can_be(k: int) -> None:
    ranked = recommend(RANDOM, SPLIT.test, k)
    assert ranked.shape == (len(SPLIT.test.queries), k)
    for row, movies in enumerate(ranked):
        shown, excluded = movies[movies >= 0].tolist(), SPLIT.test.excluded[row][0].tolist()
        assert not set(shown) & set(excluded)
        assert len(set(shown)) == len(shown) == min(k, MOVIES - len(excluded))


def test_batches_make_no_difference() -> None:
    whole = recommend(RANDOM, SPLIT.test, 10)
    for batch in (1, 7, USERS):
        np.testing.assert_array_equal(recommend(RANDOM, SPLIT.test, 10, batch=batch), whole)


def test_an_oracle_scores_1_and_its_opposite_0() -> None:
    best = measure_ranker(targets_first(), SPLIT.test, SPLIT.train).means()
    assert best["ndcg"] == best["recall"] == best["mrr"] == best["hit"] == 1
    assert set(measure_ndcg(targets_first(), SPLIT.test)) == {1}
    worst = measure_ranker(Table(-targets_first().table), SPLIT.test, SPLIT.train, k=3).means()
    assert worst["ndcg"] == worst["recall"] == worst["mrr"] == worst["hit"] == 0


def test_recommending_rare_movies_is_more_novel_than_popular_ones() -> None:
    raters = np.bincount(SPLIT.train.movies, minlength=MOVIES).astype(np.float32)
    popular, rare = (
        measure_ranker(Table(np.tile(scores, (USERS, 1))), SPLIT.test, SPLIT.train, k=3) for scores in (raters, -raters)
    )
    assert rare.novelty > popular.novelty
    assert 0 < popular.coverage < 1
