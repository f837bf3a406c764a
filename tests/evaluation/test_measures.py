"""Metrics as objects agree with their equations on lists that can be worked out by hand."""

from typing import Any

import numpy as np
import pytest

from reelwise.data.csr import CSR
from reelwise.errors import UsageError
from reelwise.evaluation.measures import (
    MAE,
    MAP,
    MRR,
    NDCG,
    RMSE,
    Coverage,
    HitRate,
    Novelty,
    Precision,
    RankedLists,
    RankingMetric,
    Recall,
)

# three lists of four movies; the third user has found nothing, and got three movies only
RANKED = np.array([[5, 1, 6, 2], [0, 3, 1, 2], [4, 5, 6, -1]], np.int32)
TARGETS = CSR.grouped(np.array([0, 0, 1, 2, 2, 2]), np.array([1, 2, 0, 0, 1, 2], np.int32), np.ones(6, np.float32), 3)
LISTS = RankedLists(RANKED, TARGETS, np.array([8, 4, 4, 2, 2, 1, 0, 1]), 8)

EACH: list[tuple[RankingMetric, list[float]]] = [
    (Recall(4), [1, 1, 0]),
    (Recall(2), [1 / 2, 1, 0]),
    (Precision(4), [2 / 4, 1 / 4, 0]),
    (Precision(1), [0, 1, 0]),
    (MRR(4), [1 / 2, 1, 0]),
    (HitRate(1), [0, 1, 0]),
    (MAP(4), [(1 / 2 + 2 / 4) / 2, 1, 0]),
    (MAP(2), [(1 / 2) / 2, 1, 0]),
    (NDCG(2), [(1 / np.log2(3)) / (1 + 1 / np.log2(3)), 1, 0]),
]


@pytest.mark.parametrize(("metric", "expected"), EACH, ids=[metric.label for metric, _ in EACH])
def test_each_list_has_its_figure(metric: RankingMetric, expected: list[float]) -> None:
    np.testing.assert_allclose(metric.measure(LISTS.first(metric.k)), expected)


def test_some_figures_are_of_all_lists_together() -> None:
    assert Coverage(4).measure(LISTS) == 7 / 8
    assert Coverage(1).measure(LISTS.first(1)) == 3 / 8
    bits = -np.log2(np.array([1, 8, 2]) / 8)
    assert Novelty(1).measure(LISTS.first(1)) == pytest.approx(bits.mean())


def test_stars_have_errors() -> None:
    predicted, stars = np.array([4, 2], np.float32), np.array([5, 5], np.float32)
    assert RMSE().measure(predicted, stars) == pytest.approx(np.sqrt((1 + 9) / 2))
    assert MAE().measure(predicted, stars) == 2
    with pytest.raises(ValueError, match="1 of 2 predictions are missing"):
        RMSE().measure(np.array([4, np.nan], np.float32), stars)


def test_metrics_are_values_with_a_label() -> None:
    assert NDCG(5) == NDCG(k=5) != NDCG()
    assert [metric.label for metric in (NDCG(5), HitRate(), RMSE())] == ["NDCG@5", "HitRate@10", "RMSE"]


@pytest.mark.parametrize("k", [0, -1, 2.5, "10", None, True])
def test_lists_are_at_least_one_long(k: Any) -> None:
    with pytest.raises(UsageError, match=r"NDCG\(.*\): expected the length of the lists, a whole number from 1"):
        NDCG(k)
