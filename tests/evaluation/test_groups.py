"""Groups by chance, and how good a list is for each of their members."""

import numpy as np
import pytest

from reelwise.evaluation import groups
from reelwise.evaluation.groups import GROUPS, WAYS, _measure, draw_groups, measure_groups
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from support.models.checkerboard import checkerboard


def test_a_list_is_measured_for_each_member() -> None:
    mean, least, liked_by_all = _measure(np.array([2, 3, 1]), [frozenset({1, 2}), frozenset({2})])
    of_ann = (1 + 1 / np.log2(4)) / (1 + 1 / np.log2(3))
    assert np.allclose([mean, least, liked_by_all], [(1 + of_ann) / 2, of_ann, 1])


def test_nobody_is_in_two_groups_before_everybody_is_in_one() -> None:
    drawn = draw_groups(60, 5, 1)
    assert len(drawn) == GROUPS
    assert sorted(np.concatenate(drawn[:12]).tolist()) == list(range(60))
    assert all(len(set(group.tolist())) == 5 for group in drawn)
    assert not np.array_equal(drawn[0], draw_groups(60, 5, 2)[0])


def test_ways_to_choose_are_measured_beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "GROUPS", 40)
    ratings = checkerboard(users=120, movies=110, seed=3).interactions()
    held_out = np.arange(80, 120)
    train = ratings.where(~np.isin(ratings.users, held_out))
    ranking = WeightedALS(factors=4, iterations=3, seed=1).fit(train, progress=False)
    rating = MatrixFactorization(factors=4, epochs=5, seed=1).fit(train, progress=False)
    found = measure_groups(ratings, ranking, rating, FoldInConfig(), held_out, 1)
    assert found.figures.keys() == WAYS.keys()
    for by_size in found.figures.values():
        assert list(by_size) == [2, 3, 5]
        assert all((figures.least_ndcg <= figures.mean_ndcg).all() for figures in by_size.values())
    least = {name: by_size[5].least_ndcg.mean() for name, by_size in found.figures.items()}
    assert least["together"] >= least["average"]
    few = measure_groups(ratings, ranking, rating, FoldInConfig(), held_out[:20], 1)
    assert few.missing.startswith("too few of the users")
