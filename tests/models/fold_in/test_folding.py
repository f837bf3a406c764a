"""A history is folded into both models, at once or rating by rating, and leads where it should."""

import numpy as np
import pytest

from reelwise.data.types import Doubles, Floats
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.fold_in.folding import Folding
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from support.models.checkerboard import checkerboard

RATINGS = checkerboard(users=60, movies=40, share=0.5)
TRAIN = RATINGS.interactions()
RANKING = WeightedALS(factors=4, seed=1).fit(TRAIN)
RATING = MatrixFactorization(
    factors=4, epochs=60, learning_rate=0.05, user_regularisation=0.1, movie_regularisation=0.1, seed=1
).fit(TRAIN)
FOLDING = Folding(RANKING, RATING)
EVEN = np.array([1, 3, 5, 7, 9])  # rows; row 1 is movie 2


def stars_of(*stars: float) -> Floats:
    return np.array(stars, np.float32)


LOVES = stars_of(5, 4, 5, 4, 5)


def log_likelihood(movie: int) -> Doubles:
    """Log L(i | u) by the formula in `blending`."""
    config, likers = RANKING.blend_config, RANKING.profiles.likers
    raw = np.maximum(RANKING.P[RANKING.profiles.users] @ RANKING.Q.T, config.floor).astype(np.float64)
    for row in range(len(RANKING.Q)):
        raw[likers.of(row), row] += config.like_bonus
    return np.asarray(np.log(raw[:, movie] / raw.sum(axis=1)))


def test_embeddings_follow_the_formulas() -> None:
    movies, stars = np.array([1, 3, 6, 8]), stars_of(5, 4, 3, 1)
    evidence = log_likelihood(1) + log_likelihood(3) + 0.5 * log_likelihood(6)
    config = RANKING.blend_config
    tempered = RANKING.blend.inverse_temperature(2.5) * evidence
    likes = RANKING.profiles.likes
    raw = np.exp(tempered - tempered.max()) * (likes + 5) ** config.activity_exponent_for(len(likes))
    weights = raw / raw.sum()
    found = FOLDING.embed(FOLDING.fold(movies, stars))
    np.testing.assert_allclose(found.weights, weights, rtol=1e-3, atol=1e-7)

    Q, mean = RANKING.Q.astype(np.float64), weights @ RANKING.P[RANKING.profiles.users]
    X, t = Q[movies], np.array([1.1, 1, 0.6, 0])
    als = RANKING.config
    A = 2 * als.missing_weight * (Q.T @ Q + als.regularisation * len(Q) * np.eye(4))
    np.testing.assert_allclose(found.ranking, mean + np.linalg.solve(A + X.T @ X, X.T @ (t - X @ mean)), atol=1e-4)

    assert RATING.fold_in_parts is not None
    mu, sigma = map(float, RATING.fold_in_parts.scaling)
    P = RATING.P[RANKING.profiles.users].astype(np.float64)
    mean = weights @ np.column_stack([P[:, :4] / sigma, (P[:, 4] - mu) / sigma])
    X = np.column_stack([RATING.Q[movies, :4], np.ones(4)]).astype(np.float64)
    t = (stars - mu - RATING.Q[movies, 5]) / sigma
    row = mean + np.linalg.solve(X.T @ X + np.diag([12, 12, 12, 12, 5]), X.T @ (t - X @ mean))
    predicted = mu + sigma * (RATING.Q[:, :4] @ row[:4] + row[4]) + RATING.Q[:, 5]
    np.testing.assert_allclose(RATING.Q @ found.rating, predicted, atol=1e-4)


def test_a_history_leads_to_its_colour_in_both_models() -> None:
    found = FOLDING.embed(FOLDING.fold(EVEN, LOVES))
    rest = np.setdiff1d(np.arange(40), EVEN)
    for scores in (RANKING.Q @ found.ranking, RATING.Q @ found.rating):
        best = rest[np.argsort(-scores[rest])[:10]]
        assert set(RATINGS.movies.ids[best] % 2) == {0}


@pytest.mark.parametrize(("stars", "falls"), [(1.0, True), (5.0, False)])
def test_one_star_makes_similar_films_fall_and_five_make_them_rise(stars: float, falls: bool) -> None:
    """Orders, not scores: the films of the other colour stand lower after one star for one of them, or higher."""
    both_colours, odd = [1, 3, 0, 2], np.arange(8, 40, 2)

    def mean_place(movies: list[int], *stars: float) -> float:
        found = FOLDING.embed(FOLDING.fold(np.array(movies), stars_of(*stars)))
        return float(np.argsort(np.argsort(-(RANKING.Q @ found.ranking)))[odd].mean())

    before = mean_place(both_colours, 4, 4, 4, 4)
    assert (mean_place([*both_colours, 6], 4, 4, 4, 4, stars) > before) is falls


def test_nobody_is_the_average_of_the_profiles() -> None:
    nothing = FOLDING.embed(FOLDING.fold(np.empty(0, np.int64), stars_of()))
    np.testing.assert_allclose(nothing.weights, RANKING.blend.select([]).weights, rtol=1e-5)
    assert np.isfinite(RATING.Q @ nothing.rating).all()


def test_thousands_of_ratings_need_no_more_than_their_own_memory() -> None:
    """The films' likelihoods are worked out in parts."""
    movies = np.arange(40)
    history = FOLDING.fold(movies, np.full(40, 4, np.float32))
    np.testing.assert_allclose(history.evidence, sum(log_likelihood(movie) for movie in range(40)), rtol=1e-3)


@pytest.mark.parametrize(
    "invalid",
    [
        {"targets": (0, 0, 1)},
        {"like_weights": (0, 0, 0, 0, -1)},
        {"rating_ridge": 0},
        {"temperature_decay": float("nan")},
    ],
)
def test_an_invalid_setting_is_refused(invalid: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected"):
        FoldInConfig(**invalid)  # type: ignore[arg-type]


def test_the_only_profile_stands_for_its_own_person() -> None:
    alone = TRAIN.where(TRAIN.users == 0)
    ranking = WeightedALS(factors=4, seed=1).fit(alone)
    folding = Folding(ranking, MatrixFactorization(factors=4, epochs=5, seed=1).fit(alone))
    assert len(ranking.profiles.users) == 1
    assert folding.weigh(folding.fold(alone.movies, alone.stars), own=0).tolist() == [1]
