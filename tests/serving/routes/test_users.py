"""Recommendations, histories and matches of known users."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from support.models.tiny_recommender import tiny_recommender
from support.running.v1 import PULP_FICTION, UNKNOWN, UNRATED, V1, as_json, got, ids, posted, sources

TINY = tiny_recommender()
TOO_LARGE = 2**31


def test_a_user_gets_films_by_taste_that_the_user_has_not_rated(client: TestClient) -> None:
    answer = got(client, "/users/9/recommendations")
    assert answer["recommendations"] == [as_json(film) for film in TINY.recommend(9)]
    assert ids(answer)[0] == 1  # of what is left, 1 is most like science fiction
    assert not {1196, 2571} & set(ids(answer))
    assert sources(answer) == {"known user"}


def test_a_user_can_leave_films_out_and_order_by_stars(client: TestClient) -> None:
    answer = got(client, "/users/9/recommendations", exclude_ids=[1, UNKNOWN], rank_by="stars")
    assert ids(answer) == [296, 593, 7001]
    assert answer["unknown_ids"] == [UNKNOWN]


@pytest.mark.parametrize(
    "query",
    [
        "genres=polka",
        "genres=",
        "year_min=1799",
        "min_ratings=-1",
        "diversity=2",
        "balance=nan",
        "rank_by=magic",
        "exclude_ids=0",
        "exclude_ids=x",
        "strategy=blend",  # a user is no selection
        "limit=3",
    ],
)
def test_a_query_that_is_not_as_declared_is_422(client: TestClient, query: str) -> None:
    assert client.get(f"{V1}/users/8/recommendations?{query}").status_code == 422


def test_a_history_has_most_stars_first_and_at_most_limit(client: TestClient) -> None:
    rated = got(client, "/users/7/history")
    assert [(film["movieId"], film["stars"]) for film in rated] == [(1, 5.0), (296, 4.0), (593, 4.0), (7001, 2.0)]
    assert rated[1] == PULP_FICTION | {"stars": 4.0}
    assert got(client, "/users/7/history", limit=2) == rated[:2]


@pytest.mark.parametrize("limit", ["0", "1001", "ten"])
def test_a_limit_outside_1_to_1000_is_422(client: TestClient, limit: str) -> None:
    assert client.get(f"{V1}/users/7/history?limit={limit}").status_code == 422


@pytest.mark.parametrize("path", ["recommendations", "history"])
def test_an_unknown_user_is_404(client: TestClient, path: str) -> None:
    response = client.get(f"{V1}/users/{UNKNOWN}/{path}")
    assert response.status_code == 404
    assert str(UNKNOWN) in response.json()["detail"]


@pytest.mark.parametrize("path", ["recommendations", "history"])
def test_any_text_is_a_user_id_but_for_its_length(client: TestClient, path: str) -> None:
    for unknown in ("0", str(TOO_LARGE), "9" * 128, "me", "7.0", "-7"):
        response = client.get(f"{V1}/users/{unknown}/{path}")
        assert (response.status_code, f"does not know user {unknown}" in response.json()["detail"]) == (404, True)
    assert client.get(f"{V1}/users/{'9' * 129}/{path}").status_code == 422


def test_a_match_tells_what_is_shared_and_what_else_that_user_loved(client: TestClient) -> None:
    answer = posted(client, "/match", movie_ids=[1, 296, 2571, 1])
    assert answer == {
        "matched_user_id": 7,
        "match_count": 2,
        "average_rating": 4.5,
        "shared": [got(client, "/movies", q="toy story")[0] | {"stars": 5.0}, PULP_FICTION | {"stars": 4.0}],
        # not 7001, to which user 7 gave two stars
        "also_loved": [got(client, "/movies", q="silence of the lambs")[0] | {"stars": 4.0}],
        "named": [
            {"given": movie, "movieId": movie, "title": title, "counts_as": "like", "why": None}
            for movie, title in ((1, "Toy Story (1995)"), (296, "Pulp Fiction (1994)"), (2571, "Matrix, The (1999)"))
        ],
        "unknown_ids": [],
    }
    fixed = client.post("/find_matching_user", json={"movie_ids": [1, 296, 2571, 1]}).json()
    assert fixed.items() <= answer.items()


def test_a_match_lists_unknown_ids(client: TestClient) -> None:
    assert posted(client, "/match", movie_ids=[1, UNKNOWN])["unknown_ids"] == [UNKNOWN]


def test_films_that_nobody_rated_match_nobody(client: TestClient) -> None:
    assert posted(client, "/match", movie_ids=[7002]) == {
        "matched_user_id": None,
        "match_count": 0,
        "average_rating": None,
        "shared": [],
        "also_loved": [],
        "named": [UNRATED],
        "unknown_ids": [],
    }


def test_only_unknown_ids_match_404(client: TestClient) -> None:
    response = client.post(f"{V1}/match", json={"movie_ids": [UNKNOWN]})
    assert response.status_code == 404
    assert str(UNKNOWN) in response.json()["detail"]


@pytest.mark.parametrize("movie_ids", [[], [1] * 21, ["1"], [True], [0], None])
def test_a_selection_that_is_none_is_422(client: TestClient, movie_ids: Any) -> None:
    assert client.post(f"{V1}/match", json={"movie_ids": movie_ids}).status_code == 422
