from dataclasses import replace

import numpy as np
import pytest

from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.ranking.blending import Blend, Profiles, Taste
from reelwise.models.ranking.weighted_als import fit_ranking_model
from support.checkerboard import checkerboard

RATINGS = checkerboard(users=60, movies=40, share=0.5)
TASTE = WeightedALSConfig(factors=4, iterations=10)
MODEL = fit_ranking_model(RATINGS.interactions(), 60, 40, RATINGS.scale, TASTE, seed=1)
SETTINGS = BlendConfig()
PROFILES = Profiles.chosen(MODEL.P, MODEL.Q, RATINGS, SETTINGS, seed=0)
BLEND = Blend(Taste(MODEL.P, MODEL.Q, PROFILES), RATINGS, SETTINGS, TASTE)
EVEN, ODD = [1, 3, 5], [0, 2, 4]  # rows; row 1 is movie 2


def scores(picks: list[int], disliked: list[int] | None = None) -> np.ndarray:
    return np.asarray(MODEL.Q @ BLEND.selection(picks, disliked or []).vector)


def naive_weights(picks: list[int]) -> np.ndarray:
    """The formula of the module, word by word."""
    weights = []
    for place, user in enumerate(PROFILES.users):
        movies, stars = RATINGS.by_user[int(user)]
        likes = set(movies[stars >= 4].tolist())
        fit = np.maximum(MODEL.Q @ MODEL.P[user], SETTINGS.floor)
        raw = fit + SETTINGS.history_weight * np.array([movie in likes for movie in range(40)])
        likelihood = np.prod([raw[movie] / raw.sum() for movie in picks])
        assert PROFILES.likes[place] == len(likes)
        weights.append(likelihood ** BLEND.power(len(picks)) * (len(likes) + 5) ** SETTINGS.activity_exponent)
    return np.asarray(np.array(weights) / np.sum(weights))


@pytest.mark.parametrize("picks", [[], [7], EVEN, [0, 1, 2]])
def test_weights_follow_the_formula(picks: list[int]) -> None:
    np.testing.assert_allclose(BLEND.selection(picks).weights, naive_weights(picks), rtol=1e-3, atol=1e-6)


def test_weights_sum_to_one() -> None:
    assert BLEND.selection(EVEN, [2]).weights.sum() == pytest.approx(1, abs=1e-5)


def test_profiles_that_like_the_picks_count_more() -> None:
    weights = BLEND.selection(EVEN).weights
    even_users = RATINGS.user_ids[PROFILES.users] % 2 == 0
    assert weights[even_users].sum() > 0.99


@pytest.mark.parametrize(("picks", "colour"), [(EVEN, 0), (ODD, 1), ([7], 0)])
def test_picks_lead_to_their_colour(picks: list[int], colour: int) -> None:
    order = np.argsort(-scores(picks))[:15]
    assert all(RATINGS.movie_ids[row] % 2 == colour for row in order)


def test_a_dislike_leads_away() -> None:
    assert scores([7], [9])[9] < scores([7])[9]
    assert scores([], [1, 3])[EVEN].mean() < scores([])[EVEN].mean()


def test_without_each_is_the_selection_without_it_at_the_same_power_and_pull() -> None:
    without = BLEND.selection(EVEN).without_each()
    for row, movie in enumerate(EVEN):
        others = [other for other in EVEN if other != movie]
        mean = BLEND.tempered(BLEND.evidence([np.array(others)]), BLEND.power(len(EVEN)))[0] @ BLEND.vectors
        np.testing.assert_allclose(without[row], BLEND.pulled(mean, np.array(others), BLEND.pull(len(EVEN))), atol=1e-4)


def test_the_pull_is_a_regression_from_the_blend_towards_the_picks() -> None:
    """The same point is found by minimising its two terms directly."""
    vector, picks, pull = BLEND.selection(EVEN).weights @ BLEND.vectors, np.array(EVEN), 0.7
    X, Q = MODEL.Q[picks].astype(np.float64), MODEL.Q.astype(np.float64)
    precision = TASTE.missing_weight * (Q.T @ Q) + TASTE.regularisation * TASTE.missing_weight * len(Q) * np.eye(4)
    direct = np.linalg.solve(precision + pull * X.T @ X, precision @ vector + pull * X.T @ np.ones(3))
    np.testing.assert_allclose(BLEND.pulled(vector, np.array(EVEN), pull), direct, atol=1e-4)


def test_a_stronger_pull_brings_the_picks_nearer_to_one() -> None:
    vector = BLEND.selection(EVEN).weights @ BLEND.vectors
    misses = [np.abs(1 - MODEL.Q[EVEN] @ BLEND.pulled(vector, np.array(EVEN), pull)).mean() for pull in (0, 0.1, 1, 10)]
    assert misses == sorted(misses, reverse=True)
    assert BLEND.pulled(vector, np.empty(0, np.int64), 1.0) is vector


def test_evidence_of_many_selections_is_that_of_each() -> None:
    selections = [np.array(EVEN), np.array([7]), np.array(ODD)]
    for row, picks in zip(BLEND.evidence(selections), selections, strict=True):
        np.testing.assert_allclose(row, BLEND.log_likelihoods(picks.tolist()).sum(axis=0), rtol=1e-5)


def test_the_power_follows_the_logarithm_between_known_numbers_of_picks() -> None:
    blend = replace(BLEND, settings=replace(SETTINGS, picks=(1, 4, 16), powers=(3.0, 2.0, 1.0), pulls=(0.0, 1.0, 2.0)))
    assert [blend.power(picks) for picks in (1, 2, 4, 8, 16, 20, 0)] == pytest.approx([3, 2.5, 2, 1.5, 1, 1, 3])
    assert [blend.pull(picks) for picks in (1, 2, 16)] == pytest.approx([0, 0.5, 2])


def test_a_sample_of_profiles_stands_for_many_users() -> None:
    few = Profiles.chosen(MODEL.P, MODEL.Q, RATINGS, replace(SETTINGS, profiles=10), seed=3)
    again = Profiles.chosen(MODEL.P, MODEL.Q, RATINGS, replace(SETTINGS, profiles=10), seed=3)
    assert len(few.users) == 10
    assert (np.diff(few.users) > 0).all()
    assert few.users.tolist() == again.users.tolist()
    rows = np.searchsorted(PROFILES.users, few.users)
    np.testing.assert_allclose(few.mass, PROFILES.mass[rows], rtol=1e-6)


def test_users_without_likes_are_no_profiles() -> None:
    seen = RATINGS.interactions()
    ratings = checkerboard(users=3, movies=4, share=1)
    dull = replace(
        ratings, by_user=replace(ratings.by_user, stars=np.where(np.arange(12) < 4, 3, 5).astype(np.float32))
    )
    profiles = Profiles.chosen(MODEL.P[:3], MODEL.Q[:4], dull, SETTINGS, seed=0)
    assert profiles.users.tolist() == [1, 2]
    assert profiles.likes.tolist() == [4, 4]
    assert len(seen.users) == len(RATINGS)


def test_flavours_are_what_is_left_without_the_average_viewer() -> None:
    random = np.random.default_rng(0)
    P, Q = (random.random((rows, 5), dtype=np.float32) for rows in (30, 20))
    taste = Taste(P, Q, PROFILES)
    centred_embeddings, average = taste.centred_embeddings(), P.mean(axis=0)
    np.testing.assert_allclose(centred_embeddings @ average, 0, atol=1e-5)
    np.testing.assert_allclose(Q - centred_embeddings, np.outer(Q @ average, average) / (average @ average), atol=1e-5)
    np.testing.assert_array_equal(taste.centred_embeddings(np.array([3, 1])), centred_embeddings[[3, 1]])
