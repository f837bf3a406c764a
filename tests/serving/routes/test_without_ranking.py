"""A model without a ranking model."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.serving import create_app
from support.models.tiny_recommender import tiny_recommender
from support.running.v1 import UNKNOWN, V1, got, ids, posted, refused, sources

ALL_RATED = {1, 296, 593, 1196, 2571, 7001}


@pytest.fixture
def client_without_taste() -> TestClient:
    return TestClient(create_app(recommender=tiny_recommender(with_taste=False)))


def test_without_a_taste_model_the_model_says_so(client_without_taste: TestClient) -> None:
    assert got(client_without_taste, "/model")["taste"] is False
    assert got(client_without_taste, "/model")["map"] is False


def test_without_a_taste_model_a_selection_gets_its_profile_by_stars(client_without_taste: TestClient) -> None:
    answer = posted(client_without_taste, movie_ids=[2571])
    assert ids(answer) == [296, 1, 593, 7001]  # user 9 matches, who rated 1196 and 2571
    assert sources(answer) == {"profile"}
    assert {(film["score"], len(film["reasons"])) for film in answer["recommendations"]} == {(None, 0)}


@pytest.mark.parametrize(
    "body", [{"movie_ids": [UNKNOWN]}, {"movie_ids": [7002]}, {"disliked_ids": [1196]}, {"stars": {"1196": 3}}]
)
def test_without_a_taste_model_somebody_who_likes_nothing_rated_gets_what_is_given_most_stars(
    client_without_taste: TestClient, body: dict[str, Any]
) -> None:
    answer = posted(client_without_taste, exclude_ids=[1196], **body)
    assert ids(answer) == [296, 2571, 1, 593, 7001]
    assert sources(answer) == {"popular"}


def test_without_a_taste_model_a_user_gets_films_by_stars(client_without_taste: TestClient) -> None:
    assert ids(got(client_without_taste, "/users/8/recommendations")) == [296, 593, 1196, 7001]


def test_without_a_taste_model_there_are_starter_films(client_without_taste: TestClient) -> None:
    assert set(ids(got(client_without_taste, "/movies/starter"))) == ALL_RATED


def test_what_takes_a_taste_model_is_422_without_one(client_without_taste: TestClient) -> None:
    assert "no ranking model" in refused(client_without_taste, movie_ids=[1], strategy="blend")
    assert "no ranking model" in refused(client_without_taste, movie_ids=[1], rank_by="taste")
    response = client_without_taste.get(f"{V1}/movies/593/similar")
    assert response.status_code == 422
    assert "no ranking model" in response.json()["detail"]
