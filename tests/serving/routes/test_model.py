"""`GET /api/v1/model`."""

import json
from dataclasses import replace

from fastapi.testclient import TestClient

import reelwise
from reelwise.data.published import CITATION
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from support.models.tiny_metrics import METRICS
from support.models.tiny_recommender import REVISION, tiny_model
from support.running.v1 import got


def test_the_model_says_what_it_is(client: TestClient) -> None:
    assert got(client, "/model") == {
        "revision": REVISION,
        "dataset": "tiny",
        "simulated": False,
        "counts": {"users": 3, "movies": 6, "ratings": 8, "catalogue": 7},
        "rating_scale": {"low": 0.5, "high": 5.0},
        "taste": True,
        "balance": 0.0,
        "predicts_stars": True,
        "genres": ["Action", "Animation", "Children", "Comedy", "Crime", "Drama", "Sci-Fi", "Thriller"],
        "trained_at": "2026-01-01T00:00:00+00:00",
        "catalogue_ends": 2002,
        "version": reelwise.__version__,
        "metrics": {},
        "map": True,
        "posters": False,
        "poster_attribution": "This product uses the TMDB API but is not endorsed or certified by TMDB.",
        "training": {"epochs": None, "rmse": []},
        "shown": [],
        "stars_distribution": [
            {"stars": 2.0, "ratings": 1},
            {"stars": 3.0, "ratings": 1},
            {"stars": 4.0, "ratings": 4},
            {"stars": 4.5, "ratings": 1},
            {"stars": 5.0, "ratings": 1},
        ],
        "licence": {"name": "MovieLens", "link": "https://grouplens.org/datasets/movielens/"},
        "citation": CITATION,
    }


def test_the_model_says_how_good_it_is() -> None:
    config = tiny_model(simulated=True).config
    rating_model = config.rating_model.model_copy(update={"epochs_run": 2})
    assert METRICS.stars is not None
    metrics = METRICS.model_copy(update={"stars": METRICS.stars.model_copy(update={"validation_rmse": (0.9, 0.8)})})
    measured = replace(tiny_model(), metrics=metrics, config=config.model_copy(update={"rating_model": rating_model}))
    model = got(TestClient(create_app(recommender=Recommender(measured))), "/model")
    assert model["metrics"] == json.loads(metrics.model_dump_json(exclude_none=True))
    assert model["metrics"]["stars"]["model"] == {"rmse": 0.84321, "mae": 0.66}
    assert model["training"] == {"epochs": 2, "rmse": [0.9, 0.8]}
    assert model["simulated"] is True
    assert (model["licence"]["name"], model["citation"]) == ("MIT", None)
