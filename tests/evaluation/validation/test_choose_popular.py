"""What was popular lately is shown to somebody unknown where tastes drift, and only there."""

from dataclasses import replace

from reelwise.evaluation.validation.choose_popular import choose_popular
from reelwise.models.ranking.weighted_als import WeightedALS
from support.models.drifting import drifting_ratings

RANKING = WeightedALS(factors=4, seed=1, threads=1)


def test_where_tastes_drift_what_is_late_wins() -> None:
    found = choose_popular(drifting_ratings(), RANKING, seed=1)
    assert found
    assert found.info
    assert found.figures.lately == found.info.describe()
    assert found.figures.ndcg > found.figures.ranking_ndcg + 0.1


def test_where_tastes_stay_the_ranking_model_keeps_its_say() -> None:
    found = choose_popular(drifting_ratings(drift=False), RANKING, seed=1)
    assert found
    assert found.info is None
    assert found.figures.people >= 30


def test_without_times_or_newcomers_nothing_is_measured() -> None:
    ratings = drifting_ratings()
    assert choose_popular(replace(ratings, times=None), RANKING, seed=1) is None
    assert choose_popular(drifting_ratings(users=60), RANKING, seed=1) is None
