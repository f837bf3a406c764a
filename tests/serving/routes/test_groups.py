"""`/api/v1/groups/recommendations`. In the tiny model user 9 likes science fiction, and 296 is crime."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

PATH = "/api/v1/groups/recommendations"
ANN, BO = {"name": "Ann", "movie_ids": [296]}, {"user_id": 9}


def posted(client: TestClient, members: list[Any], **wishes: Any) -> Any:
    response = client.post(PATH, json={"members": members, **wishes})
    assert response.status_code == 200, response.text
    return response.json()


def test_each_film_says_what_it_is_to_each(client: TestClient) -> None:
    answer = posted(client, [ANN, BO], n=2)
    found = {film["movieId"]: film for film in answer["recommendations"]}
    assert {*found} == {1, 593}
    assert (found[1]["title"], found[1]["tmdbId"], found[1]["ratings"]) == ("Toy Story (1995)", 862, 2)
    ann, bo = found[1]["members"]
    assert (ann["name"], bo["name"]) == ("Ann", "member 2")
    assert ann["predicted_stars"] == bo["predicted_stars"] == 4.123
    assert ann["stars_margin"] < bo["stars_margin"] == 1.6
    assert ann["reason"] == {"movieId": 296, "title": "Pulp Fiction (1994)", "share": ann["reason"]["share"]}
    assert bo["reason"] is None


def test_what_each_film_was_taken_for(client: TestClient) -> None:
    answer = posted(client, [{"movie_ids": ["tmdb:680", 424242]}, {"stars": {"2571": 5, "1": 1}}], only_ids=[1196, 77])
    ann, bo = answer["members"]
    assert (ann["source"], ann["unknown_ids"]) == ("blend", [424242])
    assert [(film["given"], film["movieId"], film["counts_as"]) for film in ann["named"]] == [("tmdb:680", 296, "like")]
    assert {film["movieId"]: film["counts_as"] for film in bo["named"]} == {2571: "like", 1: "dislike"}
    assert [film["movieId"] for film in answer["recommendations"]] == [1196]
    assert (answer["named"], answer["unknown_ids"]) == ([], [77])


@pytest.mark.parametrize(
    ("members", "wishes", "detail"),
    [
        ([ANN], {}, "a group of 1; expected 2 to 8 members"),
        ([BO] * 9, {}, "a group of 9; expected 2 to 8 members"),
        ([ANN, ANN], {}, "two members are called 'Ann'; give each a name of their own"),
        ([ANN, {"name": "Bo"}], {}, "name either a user, or at least one film"),
        ([ANN, {"user_id": 9, "movie_ids": [1]}], {}, "name either a user, or at least one film"),
        ([ANN, {"movie_ids": [1], "x": 1}], {}, "body.members.1.x: Extra inputs are not permitted"),
        ([ANN, {"movie_ids": [1], "disliked_ids": [1]}], {}, "member 2: movie id 1 is named both as liked and"),
        ([ANN, BO], {"nobody_below": 6}, "nobody_below is 6.0; expected stars from 0.5 to 5"),
        ([ANN, BO], {"new_films": "only"}, "body.new_films: Extra inputs are not permitted"),
        ([ANN, BO], {"genres": ["Noir"]}, "no film has the genre 'noir'"),
    ],
)
def test_what_is_no_group_is_422(client: TestClient, members: Any, wishes: Any, detail: str) -> None:
    response = client.post(PATH, json={"members": members, **wishes})
    assert response.status_code == 422
    assert response.json()["detail"].startswith(detail)


def test_an_unknown_user_is_404_and_no_model_503(client: TestClient, client_without_model: TestClient) -> None:
    response = client.post(PATH, json={"members": [ANN, {"user_id": 77}]})
    assert (response.status_code, response.json()["detail"]) == (404, "member 2: the model does not know user 77")
    assert client_without_model.post(PATH, json={"members": [ANN, BO]}).status_code == 503
