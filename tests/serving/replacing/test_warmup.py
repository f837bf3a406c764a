"""A model is asked what each path asks before it is served."""

import re

from reelwise.recommend.service import Service
from reelwise.serving import create_app
from reelwise.serving.replacing.warmup import _questions, warm
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_model, tiny_recommender

# What asks no model, or the live store, TMDB or the files of a site for the rest.
ELSEWHERE = re.compile(
    "/|/health/.+|/metrics|/api/v1/(model/reload|feedback|me/films|movies/new|users/{user_id}(|/ratings.*|/export)"
    "|movies/{movie_id}/(poster|details))"
)


def test_every_path_that_asks_the_model_is_asked_once() -> None:
    service = Service(tiny_model())
    asked = {path for path, _ in _questions(service)}
    documented = create_app(Settings(_env_file=None), tiny_recommender()).openapi()["paths"]
    assert asked == {path for path in documented if not ELSEWHERE.fullmatch(path)}
    warm(service)
