"""The four fixed paths, sentence by sentence."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.recommend.results import Recommendation
from reelwise.recommend.service import Service
from reelwise.serving import create_app
from support.models.tiny_recommender import REVISION, tiny_recommender

FOUR_PATHS = [
    ("GET", "/"),
    ("GET", "/recommendations/8"),
    ("POST", "/find_matching_user"),
    ("POST", "/recommendations_from_selection"),
]
RECOMMENDING = FOUR_PATHS[1::2]
SELECTING = ["/find_matching_user", "/recommendations_from_selection"]

TOO_LARGE = 2**31


def ask(client: TestClient, method: str, path: str, movie_ids: Any = (1,)) -> Any:
    return client.request(method, path, json={"movie_ids": list(movie_ids)} if method == "POST" else None)


def movie_ids(response: Any) -> list[int]:
    assert response.status_code == 200
    return [movie["movieId"] for movie in response.json()]


# --- GET / ---


def test_the_root_says_that_the_api_runs(client: TestClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    body = response.json()
    assert list(body.items())[:2] == [
        ("status", "OK"),
        ("message", "Recommender API is running and models are loaded."),
    ]


def test_the_root_links_to_paths_that_answer(client: TestClient) -> None:
    for path in client.get("/").json()["links"].values():
        assert client.get(path).status_code == 200


def test_the_root_names_the_model(client: TestClient) -> None:
    assert client.get("/").json()["model"] == {"revision": REVISION, "simulated": False}


@pytest.mark.parametrize(("method", "path"), FOUR_PATHS)
def test_every_path_is_503_with_the_reason_without_a_model(
    client_without_model: TestClient, method: str, path: str
) -> None:
    response = ask(client_without_model, method, path)
    assert response.status_code == 503
    assert "reelwise train" in response.json()["detail"]


# --- GET /recommendations/{user_id} ---


def test_recommendations_have_exactly_four_keys_and_come_best_first(client: TestClient) -> None:
    response = client.get("/recommendations/9")
    assert response.status_code == 200
    assert response.json() == [
        {"movieId": 296, "title": "Pulp Fiction (1994)", "score": 5.0, "tmdbId": 680},
        {"movieId": 1, "title": "Toy Story (1995)", "score": 4.123, "tmdbId": 862},
        {"movieId": 593, "title": "Silence of the Lambs, The (1991)", "score": 4.0, "tmdbId": 274},
        {"movieId": 7001, "title": "A Film Without Links (2001)", "score": 3.0, "tmdbId": None},
    ]


def test_recommendations_leave_out_what_the_user_rated(client: TestClient) -> None:
    assert not {1, 2571} & set(movie_ids(client.get("/recommendations/8")))


def test_an_unknown_user_gets_an_empty_list(client: TestClient) -> None:
    response = client.get("/recommendations/424242")
    assert (response.status_code, response.json()) == (200, [])


@pytest.mark.parametrize(
    "user_id",
    ["0", "-1", str(TOO_LARGE), "9" * 20, "9" * 5000, "true", "abc", "1.5", "8.0", "0_8", "%2B8", "8%20", "%D9%A8"],
)
def test_a_user_id_that_is_no_id_is_422(client: TestClient, user_id: str) -> None:
    assert client.get(f"/recommendations/{user_id}").status_code == 422


@pytest.mark.parametrize("user_id", [1, TOO_LARGE - 1])
def test_the_bounds_of_a_user_id_are_inside(client: TestClient, user_id: int) -> None:
    assert client.get(f"/recommendations/{user_id}").status_code == 200


# --- both recommending paths: n, rank_by ---


@pytest.mark.parametrize(("method", "path"), RECOMMENDING)
def test_n_is_the_most_that_is_given(client: TestClient, method: str, path: str) -> None:
    everything = movie_ids(ask(client, method, path))
    assert movie_ids(ask(client, method, f"{path}?n=2")) == everything[:2]
    assert movie_ids(ask(client, method, f"{path}?n=100")) == everything


def client_film() -> Recommendation:
    return tiny_recommender().recommend(8)[0]


@pytest.mark.parametrize(("method", "path"), RECOMMENDING)
def test_n_is_10_unless_given(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    film = client_film()
    monkeypatch.setattr(service, "recommend", lambda request: [film] * request.filters.n)
    assert len(movie_ids(ask(client, method, path))) == 10


@pytest.mark.parametrize("n", ["1", "100"])
@pytest.mark.parametrize(("method", "path"), RECOMMENDING)
def test_the_bounds_of_n_are_inside(client: TestClient, method: str, path: str, n: str) -> None:
    assert ask(client, method, f"{path}?n={n}").status_code == 200


@pytest.mark.parametrize("n", ["0", "101", "-1", "ten", "", "9" * 20])
@pytest.mark.parametrize(("method", "path"), RECOMMENDING)
def test_n_outside_1_to_100_is_422(client: TestClient, method: str, path: str, n: str) -> None:
    assert ask(client, method, f"{path}?n={n}").status_code == 422


@pytest.mark.parametrize(("method", "path"), RECOMMENDING)
def test_rank_by_stars_is_the_default_and_anything_unknown_is_422(client: TestClient, method: str, path: str) -> None:
    assert movie_ids(ask(client, method, f"{path}?rank_by=stars")) == movie_ids(ask(client, method, path))
    for unknown in ("", "STARS", "magic"):
        assert ask(client, method, f"{path}?rank_by={unknown}").status_code == 422


# --- POST /find_matching_user ---


def test_the_match_is_the_user_who_rated_most_of_the_films(client: TestClient) -> None:
    response = client.post("/find_matching_user", json={"movie_ids": [1, 296, 593]})
    assert response.status_code == 200
    assert response.json() == {"matched_user_id": 7, "match_count": 3, "average_rating": 4.333}


def test_a_tie_goes_to_the_higher_mean(client: TestClient) -> None:
    response = client.post("/find_matching_user", json={"movie_ids": [2571]})
    assert response.json() == {"matched_user_id": 9, "match_count": 1, "average_rating": 4.5}


def test_a_tie_of_means_goes_to_the_lowest_user_id(client: TestClient) -> None:
    response = client.post("/find_matching_user", json={"movie_ids": [1196, 593]})
    assert response.json() == {"matched_user_id": 7, "match_count": 1, "average_rating": 4.0}


def test_films_that_nobody_rated_match_nobody(client: TestClient) -> None:
    response = client.post("/find_matching_user", json={"movie_ids": [7002]})
    assert response.status_code == 200
    assert response.json() == {"matched_user_id": None, "match_count": 0, "average_rating": None}


# --- POST /recommendations_from_selection ---


def test_a_selection_gets_what_its_match_would_be_recommended(client: TestClient) -> None:
    response = ask(client, "POST", "/recommendations_from_selection", [1, 2571])
    assert response.json() == client.get("/recommendations/8").json()


def test_a_selection_gets_neither_itself_nor_what_its_match_rated(client: TestClient) -> None:
    # User 7 matches and has rated all films but 1196 and 2571; of these 2571 is a pick.
    assert movie_ids(ask(client, "POST", "/recommendations_from_selection", [1, 593, 2571])) == [1196]


def test_a_selection_that_matches_nobody_gets_an_empty_list(client: TestClient) -> None:
    assert movie_ids(ask(client, "POST", "/recommendations_from_selection", [7002])) == []


def test_profile_is_the_default_strategy_and_anything_unknown_is_422(client: TestClient) -> None:
    path = "/recommendations_from_selection"
    assert movie_ids(ask(client, "POST", f"{path}?strategy=profile")) == movie_ids(ask(client, "POST", path))
    for unknown in ("", "null", "Profile", "magic"):
        assert ask(client, "POST", f"{path}?strategy={unknown}").status_code == 422


# --- the selection, on both paths that take one ---


@pytest.mark.parametrize("path", SELECTING)
def test_repeated_ids_count_once(client: TestClient, path: str) -> None:
    once = ask(client, "POST", path, [1, 2571])
    assert once.status_code == 200
    assert ask(client, "POST", path, [1, 1, 2571, 1]).json() == once.json()
    assert ask(client, "POST", path, [1] * 20).status_code == 200


@pytest.mark.parametrize("path", SELECTING)
def test_unknown_ids_are_ignored(client: TestClient, path: str) -> None:
    assert ask(client, "POST", path, [1, 424242]).json() == ask(client, "POST", path, [1]).json()


@pytest.mark.parametrize("path", SELECTING)
def test_only_unknown_ids_are_400(client: TestClient, path: str) -> None:
    response = ask(client, "POST", path, [424242, TOO_LARGE - 1])
    assert response.status_code == 400
    assert "424242" in response.json()["detail"]


@pytest.mark.parametrize("path", SELECTING)
def test_a_whole_float_is_an_integer(client: TestClient, path: str) -> None:
    response = client.post(path, content='{"movie_ids": [1.0, 2571]}', headers={"Content-Type": "application/json"})
    assert response.status_code == 200
    assert response.json() == ask(client, "POST", path, [1, 2571]).json()


@pytest.mark.parametrize("path", SELECTING)
def test_further_keys_are_ignored(client: TestClient, path: str) -> None:
    assert client.post(path, json={"movie_ids": [1], "note": "hello"}).status_code == 200


@pytest.mark.parametrize("path", SELECTING)
@pytest.mark.parametrize(
    "ids",
    [
        "[]",
        str([1] * 21),
        "[0]",
        "[-1]",
        f"[{TOO_LARGE}]",
        f"[{'9' * 20}]",
        f"[{'9' * 5000}]",
        "[true]",
        '["1"]',
        "[1.5]",
        "[1e300]",
        "[NaN]",
        "[Infinity]",
        "[null]",
        "[[1]]",
        "null",
        "1",
        '"1"',
        '{"0": 1}',
        r'["\ud800"]',
        "[" * 900 + "]" * 900,
        "[" * 20000 + "]" * 20000,
    ],
    ids=lambda ids: ids[:12],
)
def test_a_selection_that_is_none_is_422(client: TestClient, path: str, ids: str) -> None:
    body = f'{{"movie_ids": {ids}}}'
    assert client.post(path, content=body, headers={"Content-Type": "application/json"}).status_code == 422


@pytest.mark.parametrize("path", SELECTING)
def test_a_body_without_movie_ids_is_422(client: TestClient, path: str) -> None:
    assert client.post(path, json={}).status_code == 422
    assert client.post(path).status_code == 422


# --- the model on every response ---


@pytest.mark.parametrize("path", ["/", "/health/live", "/docs", "/nowhere", "/recommendations/0"])
def test_every_response_names_the_model(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.headers["X-Model-Revision"] == REVISION
    assert "X-Model-Simulated" not in response.headers


def test_what_comes_from_simulated_viewers_is_marked() -> None:
    client = TestClient(create_app(recommender=tiny_recommender(simulated=True)))
    assert client.get("/recommendations/8").headers["X-Model-Simulated"] == "true"
    assert client.get("/").json()["model"]["simulated"] is True


def test_without_a_model_no_response_names_one(client_without_model: TestClient) -> None:
    assert "X-Model-Revision" not in client_without_model.get("/health/live").headers
