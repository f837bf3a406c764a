"""Groups by chance, and how good a list is for each of their members."""

import numpy as np

from reelwise.data.interactions import MOVIELENS_SCALE
from reelwise.evaluation.groups import GROUPS, WAYS, _measure, draw_groups, measure_groups
from reelwise.evaluation.validation.people import Person
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from support.checkerboard import checkerboard


def person(likes: list[int], others: list[int]) -> Person:
    nothing = np.empty(0, np.int32)
    stars = np.array([5.0] * len(likes) + [2.0] * len(others), np.float32)
    return Person(0, nothing, nothing.astype(np.float32), np.array(likes + others, np.int32), stars)


def test_a_list_is_measured_for_each_member() -> None:
    ann, bo = person([1, 2], [3]), person([2], [1])
    mean, least, liked_by_all = _measure(np.array([2, 3, 1]), [ann, bo], MOVIELENS_SCALE)
    of_ann = (1 + 1 / np.log2(4)) / (1 + 1 / np.log2(3))
    assert np.allclose([mean, least, liked_by_all], [(1 + of_ann) / 2, of_ann, 1])


def test_nobody_is_in_two_groups_before_everybody_is_in_one() -> None:
    groups = draw_groups(60, 5, 1)
    assert len(groups) == GROUPS
    assert sorted(np.concatenate(groups[:12]).tolist()) == list(range(60))
    assert all(len(set(group.tolist())) == 5 for group in groups)
    assert not np.array_equal(groups[0], draw_groups(60, 5, 2)[0])


def test_ways_to_choose_are_measured_beside_each_other() -> None:
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
