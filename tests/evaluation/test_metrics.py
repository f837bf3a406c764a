from collections.abc import Callable, Sequence
from math import inf, log2, nan, sqrt
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwise.data.csr import CSR
from reelwise.evaluation.measures import (
    MRR,
    Coverage,
    DistinctMovies,
    HitRate,
    MostShown,
    Novelty,
    RankedLists,
    RankingMetric,
    Recall,
)
from reelwise.evaluation.metrics import Hits, PerUser, bootstrap_interval, hits, mae, ndcg, rmse, stratified_ndcg


def of_hits(metric: RankingMetric) -> Callable[[Hits], PerUser]:
    """A metric that looks at hits alone."""
    return lambda found: cast("PerUser", metric.measure(cast("RankedLists", SimpleNamespace(hits=found))))


recall, mrr, hit = of_hits(Recall()), of_hits(MRR()), of_hits(HitRate())


def of_lists(metric: RankingMetric, ranked: list[list[int]], raters: Sequence[int] = (1,) * 9, users: int = 8) -> float:
    """A metric that looks at what is recommended alone."""
    return cast("float", metric.measure(RankedLists(np.array(ranked, np.int32), TARGETS, np.array(raters), users)))


def rows_of(*rows: list[int]) -> CSR:
    by = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    indices = np.array([index for row in rows for index in row], np.int32)
    return CSR.grouped(by, indices, np.ones(len(indices), np.float32), len(rows))


def hits_at(*at: Sequence[int], targets: list[int]) -> Hits:
    return Hits(np.array(at, np.bool_), np.array(targets))


RANKED = np.array([[7, 3, 5, 1], [2, 0, -1, -1], [4, 6, 8, 9], [1, 2, 3, 4]])
TARGETS = rows_of([3, 1, 9], [0], [5, 7], [4, 2, 3, 1, 0, 8])
FOUND = hits(RANKED, TARGETS)


def test_hits_are_where_the_targets_stand() -> None:
    at = [[False, True, False, True], [False, True, False, False], [False] * 4, [True] * 4]
    assert FOUND.at.tolist() == at
    assert FOUND.targets.tolist() == [3, 1, 2, 6]


def test_ndcg_by_hand() -> None:
    first = (1 / log2(3) + 1 / log2(5)) / (1 / log2(2) + 1 / log2(3) + 1 / log2(4))
    np.testing.assert_allclose(ndcg(FOUND), [first, 1 / log2(3), 0, 1])


def test_recall_by_hand() -> None:
    np.testing.assert_allclose(recall(FOUND), [2 / 3, 1, 0, 4 / 6])


def test_reciprocal_rank_and_hit_by_hand() -> None:
    np.testing.assert_allclose(mrr(FOUND), [1 / 2, 1 / 2, 0, 1])
    assert hit(FOUND).tolist() == [1, 1, 0, 1]


def test_the_padding_of_a_short_list_is_never_a_hit() -> None:
    # with 10 movies, -1 in the row of user 1 would stand for movie 9 of user 0
    assert not hits(np.array([[0], [-1]]), rows_of([9], [3])).at.any()


def test_a_user_without_targets_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="user 1 has no targets"):
        hits(np.array([[0], [1]]), rows_of([0], []))


def test_lists_and_targets_must_be_of_the_same_users() -> None:
    with pytest.raises(ValueError, match="2 ranked lists for 1 users"):
        hits(np.array([[0], [1]]), rows_of([0]))


HITS = st.lists(st.booleans(), min_size=1, max_size=12).flatmap(
    lambda at: st.integers(max(sum(at), 1), 20).map(lambda targets: hits_at(at, targets=[targets]))
)


@given(HITS)
def test_all_metrics_lie_between_0_and_1(found: Hits) -> None:
    for metric in (ndcg, recall, mrr, hit):
        assert 0 <= metric(found)[0] <= 1


@given(st.integers(1, 20), st.integers(1, 30))
def test_a_perfect_ranking_has_ndcg_1(k: int, targets: int) -> None:
    found = hits_at([1] * min(k, targets) + [0] * max(k - targets, 0), targets=[targets])
    assert ndcg(found)[0] == mrr(found)[0] == hit(found)[0] == 1
    assert recall(found)[0] == min(k, targets) / targets


@given(HITS, st.data())
def test_swapping_a_hit_upward_never_lowers_a_metric_and_raises_ndcg(found: Hits, data: st.DataObject) -> None:
    upper, lower = sorted(data.draw(st.tuples(*[st.integers(0, found.at.shape[1] - 1)] * 2)))
    swapped = found.at.copy()
    swapped[0, [upper, lower]] = sorted(found.at[0, [upper, lower]], reverse=True)
    better = found._replace(at=swapped)
    for metric in (ndcg, recall, mrr, hit):
        assert metric(better)[0] >= metric(found)[0]
    if not np.array_equal(swapped, found.at):
        assert ndcg(better)[0] > ndcg(found)[0]


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=5))
def test_a_user_s_figures_do_not_depend_on_the_other_users(at: list[list[bool]]) -> None:
    together = Hits(np.array(at), np.full(len(at), 3))
    for metric in (ndcg, recall, mrr, hit):
        alone = [metric(Hits(np.array([row]), np.array([3])))[0] for row in at]
        assert metric(together).tolist() == alone


def test_coverage_counts_each_movie_once_and_no_padding() -> None:
    assert of_lists(Coverage(), [[0, 1], [1, -1]], raters=[1] * 4) == 0.5


def stratified(ranked: np.ndarray, wanted: CSR, raters: np.ndarray, exponent: float = 0.5) -> np.ndarray:
    return stratified_ndcg(hits(ranked, wanted), ranked, wanted, raters, exponent)


def test_finding_a_little_known_movie_counts_more() -> None:
    # weights 1/√25, 1/√100, 1/√400: 0.2, 0.1 and 0.05
    raters, wanted = np.array([5, 80, 380, 0]), rows_of([0, 2], [1])
    lists = np.array([[2, 0, 3], [3, -1, -1]])
    second = 1 / np.log2(3)
    expected = [(0.05 + 0.2 * second) / (0.2 + 0.05 * second), 0.0]
    assert stratified(lists, wanted, raters).tolist() == pytest.approx(expected)
    assert stratified(np.array([[0, 2, 3], [1, 0, 2]]), wanted, raters).tolist() == pytest.approx([1, 1])
    assert stratified(np.array([[2], [1]]), wanted, raters).tolist() == pytest.approx([0.25, 1])


@given(st.integers(0, 1000))
def test_where_nothing_is_weighed_it_is_ndcg(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ranked = np.array([rng.permutation(12)[:5] for _ in range(4)])
    wanted = rows_of(*(sorted(rng.permutation(12)[: rng.integers(1, 9)].tolist()) for _ in range(4)))
    plain = ndcg(hits(ranked, wanted))
    assert stratified(ranked, wanted, rng.integers(0, 99, 12), exponent=0) == pytest.approx(plain)
    assert stratified(ranked, wanted, np.full(12, 7)) == pytest.approx(plain)


def test_the_most_shown_movie_is_in_so_many_lists() -> None:
    assert of_lists(MostShown(), [[0, 1], [2, 0], [3, -1], [4, 5]]) == 0.5
    assert of_lists(DistinctMovies(), [[0, 1], [2, 0], [3, -1]]) == 4
    with pytest.raises(ValueError, match="nothing is shown most"):
        of_lists(MostShown(), [[-1]])


def test_novelty_is_the_mean_self_information() -> None:
    # of 8 users, 8, 4 and 1 rated the movies: 0, 1 and 3 bits; who is rated by nobody counts as rated by one
    raters = [8, 4, 1, 0]
    assert of_lists(Novelty(), [[0, 1], [2, -1]], raters) == pytest.approx(4 / 3)
    assert of_lists(Novelty(), [[3]], raters) == 3
    with pytest.raises(ValueError, match="nothing is recommended"):
        of_lists(Novelty(), [[-1]], raters)


def test_the_bootstrap_interval_has_the_width_that_theory_expects() -> None:
    per_user = np.random.default_rng(0).normal(2, 1, 4000)
    interval = bootstrap_interval(per_user, seed=1, resamples=5000)
    for bound, quantile in zip(interval, (-1.96, 1.96), strict=True):
        assert (bound - per_user.mean()) * sqrt(4000) == pytest.approx(quantile, rel=0.07)


def test_the_bootstrap_interval_depends_on_the_seed_alone_and_widens_with_the_level() -> None:
    per_user = np.random.default_rng(0).random(200)
    assert bootstrap_interval(per_user, seed=3) == bootstrap_interval(per_user, seed=3)
    assert bootstrap_interval(per_user, seed=3) != bootstrap_interval(per_user, seed=4)
    half, most = (bootstrap_interval(per_user, seed=3, level=level) for level in (0.5, 0.99))
    assert most.low < half.low < half.high < most.high


def test_rmse_and_mae_by_hand() -> None:
    predicted, stars = np.array([3.0, 5.0], np.float32), np.array([4.0, 2.0], np.float32)
    assert rmse(predicted, stars) == pytest.approx(sqrt(5))
    assert mae(predicted, stars) == 2


@pytest.mark.parametrize("metric", [rmse, mae])
@pytest.mark.parametrize("missing", [nan, inf])
def test_a_missing_prediction_is_refused_not_dropped(metric: Callable[..., float], missing: float) -> None:
    with pytest.raises(ValueError, match="1 of 2 predictions are missing"):
        metric(np.array([3.0, missing]), np.array([3.0, 4.0]))


@pytest.mark.parametrize("metric", [rmse, mae])
def test_errors_of_nothing_are_refused(metric: Callable[..., float]) -> None:
    with pytest.raises(ValueError, match="predictions for"):
        metric(np.array([]), np.array([]))
