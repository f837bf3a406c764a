"""`only_ids`: the films to choose from, for somebody who names films and for a known user."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from support.running.v1 import V1, ids, posted


def test_only_these_are_ranked(client: TestClient) -> None:
    order = ids(posted(client, movie_ids=[2571]))
    answer = posted(client, movie_ids=[2571], only_ids=[order[2], order[0], "tmdb:603", 424242])
    assert ids(answer) == [order[0], order[2]]
    assert answer["unknown_ids"] == [424242]
    assert answer["named"][1:] == [
        {"given": "tmdb:603", "movieId": 2571, "title": "Matrix, The (1999)", "counts_as": "candidate", "why": None}
    ]
    assert ids(posted(client, movie_ids=[2571], only_ids=None)) == order


def test_they_hold_for_what_most_people_like_too(client: TestClient) -> None:
    assert ids(posted(client, movie_ids=[424242], only_ids=[1196])) == [1196]


def test_a_known_user(client: TestClient) -> None:
    response = client.get(f"{V1}/users/9/recommendations", params={"only_ids": [1, 2571, 593]})
    assert sorted(ids(response.json())) == [1, 593]


@pytest.mark.parametrize(
    ("only", "detail"),
    [
        ([], "only is empty; name the films to choose from, or leave it out"),
        ([0], "body.only_ids.0: Input should be greater than or equal to 1"),
        (["x"], "body.only_ids.0: Input should be a valid integer"),
        ([True], "body.only_ids.0: Input should be a valid integer"),
        ("1", "body.only_ids: Input should be a valid list"),
        (1.5, "body.only_ids: Input should be a valid list"),
        ([*range(1, 5002)], "5,001 films to choose from are too many; name up to 5,000"),
    ],
)
def test_what_names_no_films_is_422(client: TestClient, only: Any, detail: str) -> None:
    response = client.post(f"{V1}/recommendations", json={"movie_ids": [1], "only_ids": only})
    assert response.status_code == 422
    assert response.json()["detail"] == detail


def test_a_library_of_5000_fits_beside_a_whole_history(client: TestClient) -> None:
    stars = {f"imdb:tt{number:08}": 4.5 for number in range(300_000, 302_000)}
    only, excluded = ([f"imdb:tt{number:08}" for number in range(start, start + 5000)] for start in (400_000, 500_000))
    assert ids(posted(client, stars=stars, only_ids=[*only[1:], 1], exclude_ids=excluded)) == [1]
