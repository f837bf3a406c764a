"""A model that was trained on what people watched, without stars, states none on any path."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.recommend.recommender import Recommender
from reelwise.serving.application import create_app
from support.models.tiny_recommender import tiny_model_without_stars

STARS = ("predicted_stars", "stars_margin", "mean_stars", "stars", "average_rating")


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(recommender=Recommender(tiny_model_without_stars())))


def stars_in(answer: Any) -> list[tuple[str, Any]]:
    """All that an answer says of stars."""
    if isinstance(answer, list):
        return [found for one in answer for found in stars_in(one)]
    if not isinstance(answer, dict):
        return []
    own = [(name, value) for name, value in answer.items() if name in STARS]
    return own + [found for value in answer.values() for found in stars_in(value)]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/recommendations", {"movie_ids": [1]}),
        ("/api/v1/recommendations", {"movie_ids": [1], "rank_by": "stars"}),
        ("/api/v1/recommendations", {"stars": {"1": 4.5, "296": 2}}),
        ("/api/v1/recommendations", {"movie_ids": [1], "strategy": "profile"}),
        ("/api/v1/match", {"movie_ids": [1, 296]}),
        ("/api/v1/movies/resolve", {"movies": [{"title": "Toy Story"}]}),
        ("/api/v1/users/7/recommendations", None),
        ("/api/v1/users/7/history", None),
        ("/api/v1/movies/1", None),
        ("/api/v1/movies/1/similar", None),
        ("/api/v1/movies?q=toy", None),
        ("/api/v1/movies/starter", None),
        ("/find_matching_user", {"movie_ids": [1, 296]}),
    ],
)
def test_no_path_states_stars(client: TestClient, path: str, body: Any) -> None:
    answer = client.get(path) if body is None else client.post(path, json=body)
    assert answer.status_code == 200
    found = stars_in(answer.json())
    assert found
    assert {value for _, value in found} == {None}


def test_the_fixed_paths_say_how_films_fit_in_taste_instead(client: TestClient) -> None:
    by_taste = client.get("/api/v1/users/7/recommendations").json()["recommendations"]
    for query in ("", "?rank_by=stars", "?rank_by=taste"):
        found = client.get(f"/recommendations/7{query}").json()
        assert [film["movieId"] for film in found] == [film["movieId"] for film in by_taste]
        scores = [film["score"] for film in found]
        assert scores == sorted(scores, reverse=True)
        assert len(set(scores)) > 1
    assert client.post("/recommendations_from_selection", json={"movie_ids": [1]}).json()
    match = client.post("/find_matching_user", json={"movie_ids": [1, 296]}).json()
    assert match == {"matched_user_id": 7, "match_count": 2, "average_rating": None}


def test_predictions_are_refused_with_the_reason(client: TestClient) -> None:
    answer = client.post("/api/v1/predictions", json={"user_id": 7, "movies": [1]})
    assert answer.status_code == 422
    assert "trained on what people watched, without stars" in answer.json()["detail"]


def test_the_model_says_that_it_predicts_none(client: TestClient) -> None:
    model = client.get("/api/v1/model").json()
    assert (model["predicts_stars"], model["stars_distribution"]) == (False, [])
