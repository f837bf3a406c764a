from dataclasses import replace

import numpy as np
import pytest

from reelwise.artifacts.config import RankingConfig
from reelwise.artifacts.model import Model
from reelwise.models.config import BlendConfig, WeightedALSConfig
from reelwise.models.ranking.blending import Blend
from reelwise.recommend.query import Tastes, Viewers
from reelwise.training.pipeline import TrainingSettings, train
from support.checkerboard import checkerboard_dataset
from support.tiny_recommender import tiny_model


@pytest.fixture(scope="module")
def model() -> Model:
    return train(checkerboard_dataset(), TrainingSettings(evaluate=False))


def test_a_known_user_has_seen_the_history_and_is_carried_by_its_likes(model: Model) -> None:
    viewer = Viewers(model).known(3)
    movies, stars = model.history.by_user[3]
    assert viewer.seen.tolist() == movies.tolist()
    assert viewer.carriers is not None
    assert viewer.carriers()[0].tolist() == movies[stars >= 4].tolist()


def test_a_blend_is_between_its_profiles_in_taste_and_in_stars(model: Model) -> None:
    tastes = Viewers(model).tastes
    assert tastes
    even = tastes.blended([1, 3, 5])
    assert even.taste is not None
    assert even.source == "blend"
    predicted = model.Q @ even.stars
    assert predicted[1::2].mean() > 4 > 2 > predicted[0::2].mean()


def test_the_margin_of_a_blend_holds_what_its_profiles_would_give() -> None:
    """Against a simulation: draw a profile by its weight, then a true rating with that profile's spread."""
    rng = np.random.default_rng(3)
    tiny = tiny_model()
    assert tiny.taste
    assert tiny.spread
    model = replace(tiny, P=np.array([[0.7], [1.0], [1.3]], np.float32))
    settings = RankingConfig(model=WeightedALSConfig(factors=2), blend=BlendConfig())
    blended = Tastes(model, tiny.taste, settings).blended([3])
    weights = Blend(tiny.taste, model.history, settings.blend, settings.model).selection([3]).weights
    drawn = rng.choice(3, 200_000, p=weights / weights.sum(dtype=np.float64))
    noise = rng.standard_normal(len(drawn))
    assert blended.margins
    for movie, margin in enumerate(blended.margins(np.arange(6))):
        true = model.P[drawn, 0] * model.Q[movie, 0] + noise * tiny.spread.users[drawn] * tiny.spread.movies[movie]
        assert margin == pytest.approx(true.std(), rel=0.02)
        assert model.Q[movie] @ blended.stars == pytest.approx(true.mean(), rel=0.02)


def test_nobody_in_particular_is_popular(model: Model) -> None:
    tastes = Viewers(model).tastes
    assert tastes
    assert tastes.blended([]).source == "popular"


def test_without_a_taste_model_there_are_no_tastes() -> None:
    viewers = Viewers(tiny_model(with_taste=False))
    assert viewers.tastes is None
    assert viewers.known(0).taste is None
