from dataclasses import replace

import numpy as np
import pytest

from reelwise.models.config import WeightedALSConfig
from reelwise.models.ranking.weighted_als import RankingModel, fit_ranking_model
from support.checkerboard import checkerboard

SETTINGS = WeightedALSConfig(factors=4, iterations=10)
RATINGS = checkerboard(users=60, movies=40, share=0.4)
USERS, MOVIES = len(RATINGS.user_ids), len(RATINGS.movie_ids)
SAME_COLOUR = RATINGS.user_ids[:, None] % 2 == RATINGS.movie_ids % 2


def fit(**options: object) -> RankingModel:
    return fit_ranking_model(RATINGS.interactions(), USERS, MOVIES, RATINGS.scale, SETTINGS, seed=1, **options)  # type: ignore[arg-type]


def test_what_is_liked_by_the_same_people_scores_higher_rated_or_not() -> None:
    model = fit()
    scores = model.P @ model.Q.T
    assert scores[SAME_COLOUR].mean() > 3 * np.abs(scores[~SAME_COLOUR]).mean()
    for user in range(USERS):
        assert scores[user][SAME_COLOUR[user]].mean() > 2 * scores[user][~SAME_COLOUR[user]].mean()


def test_the_loss_falls_with_every_iteration() -> None:
    losses: list[float] = []
    seen = RATINGS.interactions()

    def loss(_: int, model: RankingModel) -> None:
        scores = model.P @ model.Q.T
        aims = np.interp(seen.stars, [1, 5], [0.2, 1.1])  # the targets of the lowest and the highest stars
        losses.append(float(((aims - scores[seen.users, seen.movies]) ** 2).sum() + 0.3 * (scores**2).sum()))

    fit(on_iteration=loss)
    assert losses == sorted(losses, reverse=True)
    assert len(losses) == SETTINGS.iterations


@pytest.mark.parametrize("threads", [2, 5])
def test_the_result_depends_on_the_seed_alone(threads: int) -> None:
    one, many = fit(threads=1), fit(threads=threads)
    assert one.P.tobytes() == many.P.tobytes()
    assert one.Q.tobytes() == many.Q.tobytes()


def test_a_start_that_is_near_the_end_saves_iterations() -> None:
    end = fit().P @ fit().Q.T
    start = fit()
    before = start.P.tobytes(), start.Q.tobytes()
    near, far = (
        fit_ranking_model(
            RATINGS.interactions(), USERS, MOVIES, RATINGS.scale, replace(SETTINGS, iterations=1), seed=2, start=at
        )
        for at in (start, None)
    )
    assert 10 * np.abs(near.P @ near.Q.T - end).mean() < np.abs(far.P @ far.Q.T - end).mean()
    assert (start.P.tobytes(), start.Q.tobytes()) == before


def test_training_ends_when_it_is_told_to() -> None:
    told: list[int] = []
    fit(on_iteration=lambda number, _: told.append(number) or number < 3)  # type: ignore[func-returns-value]
    assert told == [1, 2, 3]


def test_who_and_what_has_no_ratings_gets_a_zero_vector() -> None:
    seen = RATINGS.interactions()
    model = fit_ranking_model(seen, USERS + 1, MOVIES + 1, RATINGS.scale, replace(SETTINGS, factors=3), seed=1)
    assert model.P.shape == (USERS + 1, 3)
    assert not model.P[-1].any()
    assert not model.Q[-1].any()
