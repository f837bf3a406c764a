"""`only_ids`: the films to choose from, for somebody who names films and for a known user."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

V1 = "/api/v1"


def posted(client: TestClient, **body: Any) -> Any:
    response = client.post(f"{V1}/recommendations", json=body)
    assert response.status_code == 200
    return response.json()


def ids(answer: Any) -> list[int]:
    return [film["movieId"] for film in answer["recommendations"]]


def test_only_these_are_ranked(client: TestClient) -> None:
    order = ids(posted(client, movie_ids=[2571]))
    answer = posted(client, movie_ids=[2571], only_ids=[order[2], order[0], "tmdb:603", 424242])
    assert ids(answer) == [order[0], order[2]]
    assert answer["unknown_ids"] == [424242]
    assert answer["named"][1:] == [
        {"given": "tmdb:603", "movieId": 2571, "title": "Matrix, The (1999)", "counts_as": "candidate", "why": None}
    ]
    assert posted(client, movie_ids=[2571], only_ids=None) == posted(client, movie_ids=[2571])


def test_they_hold_for_what_most_people_like_too(client: TestClient) -> None:
    assert ids(posted(client, movie_ids=[424242], only_ids=[1196])) == [1196]


def test_a_known_user(client: TestClient) -> None:
    response = client.get(f"{V1}/users/9/recommendations", params={"only_ids": [1, 2571, 593]})
    assert sorted(ids(response.json())) == [1, 593]


@pytest.mark.parametrize("only", [[], [0], ["x"], [True], "1", [*range(1, 5002)]])
def test_what_names_no_films_is_422(client: TestClient, only: Any) -> None:
    response = client.post(f"{V1}/recommendations", json={"movie_ids": [1], "only_ids": only})
    assert response.status_code == 422
    detail = response.json()["detail"]
    assert "only_ids" in detail or "the films to choose from" in detail or "films to choose from are too many" in detail


def test_a_library_of_5000_fits_beside_a_whole_history(client: TestClient) -> None:
    stars = {f"imdb:tt{number:08}": 4.5 for number in range(300_000, 302_000)}
    only, excluded = ([f"imdb:tt{number:08}" for number in range(start, start + 5000)] for start in (400_000, 500_000))
    assert ids(posted(client, stars=stars, only_ids=[*only[1:], 1], exclude_ids=excluded)) == [1]
