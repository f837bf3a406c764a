from dataclasses import replace

import numpy as np
import pytest

from reelwise.data.types import Doubles, Floats
from reelwise.models.config import WeightedALSConfig
from reelwise.models.ranking.weighted_als import WeightedALS
from support.models.checkerboard import checkerboard

RATINGS = checkerboard(users=60, movies=40, share=0.5)
MODEL = WeightedALS(WeightedALSConfig(factors=4, iterations=10), seed=1).fit(RATINGS.interactions())
BLEND, CONFIG, PROFILES = MODEL.blend, MODEL.blend_config, MODEL.profiles
EVEN, ODD = [1, 3, 5], [0, 2, 4]  # rows; row 1 is movie 2


def score(picks: list[int], disliked: list[int] | None = None) -> Floats:
    scores: Floats = MODEL.Q @ BLEND.select(picks, disliked or []).vector
    return scores


def naive_weights(picks: list[int]) -> Doubles:
    """The formula of the module, word by word."""
    weights = []
    for user in PROFILES.users:
        movies, stars = RATINGS.by_user[int(user)]
        likes = set(movies[stars >= 4].tolist())
        raw = np.maximum(MODEL.Q @ MODEL.P[user], CONFIG.floor)
        raw = raw + CONFIG.like_bonus * np.array([movie in likes for movie in range(40)])
        likelihood = np.prod([raw[movie] / raw.sum() for movie in picks])
        tempered = likelihood ** BLEND.inverse_temperature(len(picks))
        weights.append(tempered * (len(likes) + 5) ** CONFIG.activity_exponent_for(len(PROFILES.likes)))
    return np.asarray(np.array(weights) / np.sum(weights))


@pytest.mark.parametrize("picks", [[], [7], EVEN, [0, 1, 2]])
def test_weights_follow_the_formula(picks: list[int]) -> None:
    np.testing.assert_allclose(BLEND.select(picks).weights, naive_weights(picks), rtol=1e-3, atol=1e-6)


def test_weights_sum_to_one_and_profiles_that_like_the_picks_count_more() -> None:
    weights = BLEND.select(EVEN, [2]).weights
    assert weights.sum() == pytest.approx(1, abs=1e-5)
    assert weights[RATINGS.users.ids[PROFILES.users] % 2 == 0].sum() > 0.99


@pytest.mark.parametrize(("picks", "colour"), [(EVEN, 0), (ODD, 1), ([7], 0)])
def test_picks_lead_to_their_colour(picks: list[int], colour: int) -> None:
    assert set(RATINGS.movies.ids[np.argsort(-score(picks))[:15]] % 2) == {colour}


def test_a_dislike_leads_away() -> None:
    assert score([7], [9])[9] < score([7])[9]
    assert score([], [1, 3])[EVEN].mean() < score([])[EVEN].mean()


def test_without_each_is_the_selection_without_it_at_the_same_temperature_and_weight() -> None:
    without, weight = BLEND.select(EVEN).without_each(), BLEND.fold_in_weight(len(EVEN))
    for row in range(len(EVEN)):
        others = np.delete(EVEN, row)
        mean = BLEND.softmax(BLEND.evidence([others]), BLEND.inverse_temperature(len(EVEN)))[0] @ BLEND.vectors
        np.testing.assert_allclose(without[row], BLEND.correct(mean, others, weight), atol=1e-4)


def test_the_correction_is_a_regression_from_the_blend_towards_the_picks() -> None:
    """The same point is found by minimising its two terms directly."""
    vector, weight, config = BLEND.select(EVEN).weights @ BLEND.vectors, 0.7, MODEL.config
    X, Q = MODEL.Q[EVEN].astype(np.float64), MODEL.Q.astype(np.float64)
    precision = config.missing_weight * (Q.T @ Q + config.regularisation * len(Q) * np.eye(4))
    direct = np.linalg.solve(precision + weight * X.T @ X, precision @ vector + weight * X.T @ np.ones(3))
    np.testing.assert_allclose(BLEND.correct(vector, np.array(EVEN), weight), direct, atol=1e-4)


def test_a_stronger_correction_brings_the_picks_nearer_to_one() -> None:
    vector, picks = BLEND.select(EVEN).weights @ BLEND.vectors, np.array(EVEN)
    misses = [np.abs(1 - MODEL.Q[EVEN] @ BLEND.correct(vector, picks, weight)).mean() for weight in (0, 0.1, 1, 10)]
    assert misses == sorted(misses, reverse=True)
    assert BLEND.correct(vector, np.empty(0, np.int64), 1.0) is vector


def test_evidence_of_many_selections_is_that_of_each() -> None:
    selections = [np.array(EVEN), np.array([7]), np.array([], np.int32), np.array(ODD)]
    for row, picks in zip(BLEND.evidence(selections), selections, strict=True):
        np.testing.assert_allclose(row, BLEND.log_likelihoods(picks.tolist()).sum(axis=0), rtol=1e-5)
    assert BLEND.evidence([]).shape == (0, len(PROFILES.users))


def test_temperature_and_weight_follow_the_logarithm_between_known_numbers_of_picks() -> None:
    config = replace(CONFIG, picks=(1, 4, 16), inverse_temperatures=(3.0, 2.0, 1.0), fold_in_weights=(0.0, 1.0, 2.0))
    blend = replace(BLEND, config=config)
    known = [blend.inverse_temperature(picks) for picks in (1, 2, 4, 8, 16, 20, 0)]
    assert known == pytest.approx([3, 2.5, 2, 1.5, 1, 1, 3])
    assert [blend.fold_in_weight(picks) for picks in (1, 2, 16)] == pytest.approx([0, 0.5, 2])
