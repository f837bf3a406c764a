from dataclasses import replace

import numpy as np

from reelwise.data.likes import likes_of
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.ranking.profiles import Profiles
from reelwise.models.ranking.weighted_als import WeightedALS
from support.models.checkerboard import checkerboard

TRAIN = checkerboard(users=60, movies=40, share=0.5).interactions()
MODEL = WeightedALS(WeightedALSConfig(factors=4, iterations=3)).fit(TRAIN)
CONFIG = BlendConfig()


def test_profiles_know_their_likes_and_what_their_scores_sum_to() -> None:
    profiles, likes = MODEL.profiles, likes_of(TRAIN)
    assert profiles.likes.tolist() == likes.counts_by_user()[profiles.users].tolist()
    for movie in range(40):
        fans = profiles.users[profiles.likers.of(movie)]
        assert fans.tolist() == sorted(likes.users[likes.movies == movie])
    scores = (
        np.maximum(MODEL.P[profiles.users] @ MODEL.Q.T, CONFIG.floor).sum(axis=1) + CONFIG.like_bonus * profiles.likes
    )
    np.testing.assert_allclose(profiles.partition, scores, rtol=1e-5)


def test_a_sample_of_profiles_stands_for_many_users() -> None:
    few, again = (Profiles.choose(MODEL.P, MODEL.Q, TRAIN, replace(CONFIG, profiles=10), seed=3) for _ in range(2))
    assert len(few.users) == 10
    assert (np.diff(few.users) > 0).all()
    assert few.users.tolist() == again.users.tolist()
    assert set(few.likers.profiles) <= set(range(10))
    rows = np.searchsorted(MODEL.profiles.users, few.users)
    np.testing.assert_allclose(few.partition, MODEL.profiles.partition[rows], rtol=1e-6)


def test_users_without_likes_are_no_profiles_unless_nobody_has_one() -> None:
    dull = TRAIN.with_stars(np.where(TRAIN.users < 4, 3, 5).astype(np.float32))
    assert Profiles.choose(MODEL.P, MODEL.Q, dull, CONFIG, seed=0).users.tolist() == list(range(4, 60))
    nobody = TRAIN.with_stars(np.full(len(TRAIN), 3, np.float32))
    profiles = Profiles.choose(MODEL.P, MODEL.Q, nobody, CONFIG, seed=0)
    assert profiles.users.tolist() == list(range(60))
    assert not profiles.likes.any()
