"""Whom a site vouches for has a notebook in the live store; nobody else can read it, write it or ask as that user."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi.testclient import TestClient

from reelwise.errors import UsageError
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_model

SECRET, OTHER_SECRET = "a-secret-that-is-known-to-the-site-1", "a-secret-that-is-not-known-to-the-site"
KEY = "open-sesame-open-sesame"
FILMS = "/api/v1/me/films"
PULP_FICTION, MATRIX = 296, 2571
NOTHING: dict[str, Any] = {"stars": None, "seen": False, "liked": False, "disliked": False, "watchlist": False}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings(store=f"sqlite:///{tmp_path}/live.db", user_secret=SECRET, api_keys=KEY, admin_key="kin-key-9")
    with TestClient(create_app(settings, Recommender(tiny_model()))) as client:
        yield client


def claims(user: object = "alice", seconds: float = 600, **more: Any) -> dict[str, Any]:
    return {"sub": user, "aud": "reelwise", "exp": int(time.time() + seconds)} | more


def vouch(user: object = "alice", secret: str = SECRET, seconds: float = 600, **more: Any) -> dict[str, str]:
    return {"X-Reelwise-User": jwt.encode(claims(user, seconds, **more), secret, algorithm="HS256")}


def keep(client: TestClient, *notes: dict[str, Any], user: str = "alice") -> None:
    response = client.post(FILMS, json={"films": notes}, headers=vouch(user))
    assert response.status_code == 204, response.text


def kept(client: TestClient, user: str = "alice") -> dict[int, dict[str, Any]]:
    answer = client.get(FILMS, headers=vouch(user)).json()
    assert answer["user_id"] == (int(user) if user.isdecimal() else user)
    return {film["movieId"]: {name: film[name] for name in NOTHING} for film in answer["films"]}


def test_what_is_said_is_kept_changed_and_taken_back(client: TestClient) -> None:
    assert kept(client) == {}
    keep(client, {"movieId": MATRIX, "stars": 4.5, "seen": True}, {"movieId": PULP_FICTION, "watchlist": True})
    said = {MATRIX: NOTHING | {"stars": 4.5, "seen": True}, PULP_FICTION: NOTHING | {"watchlist": True}}
    assert kept(client) == said
    keep(client, {"movieId": MATRIX}, {"movieId": PULP_FICTION, "disliked": True})
    assert kept(client) == {PULP_FICTION: NOTHING | {"disliked": True}}
    keep(client, {"movieId": MATRIX, "liked": True, "seen": True})
    assert kept(client)[MATRIX] == NOTHING | {"liked": True, "seen": True}
    assert kept(client, "bob") == {}


def test_it_counts_in_the_lists_of_that_user(client: TestClient) -> None:
    keep(client, {"movieId": MATRIX, "stars": 4.5, "seen": True})
    answer = client.get("/api/v1/users/alice/recommendations", headers={"X-API-Key": KEY}).json()
    assert MATRIX not in [film["movieId"] for film in answer["recommendations"]]
    keep(client, {"movieId": MATRIX, "watchlist": True})
    assert client.get("/api/v1/users/alice/ratings", headers={"X-API-Key": KEY}).json() == []


def test_stars_of_the_model_are_there_and_can_be_taken_back(client: TestClient) -> None:
    assert {movie: said["stars"] for movie, said in kept(client, "8").items()} == {1: 3.0, MATRIX: 4.0}
    keep(client, {"movieId": 1}, user="8")
    assert list(kept(client, "8")) == [MATRIX]


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"X-Reelwise-User": "alice"},
        vouch(secret=OTHER_SECRET),
        vouch(seconds=-1),
        vouch(seconds=3 * 24 * 3600),  # good for too long
        vouch(aud="another"),
        vouch(""),
        {"X-Reelwise-User": jwt.encode(claims(), None, algorithm="none")},  # type: ignore[arg-type]
        {"X-Reelwise-User": jwt.encode({"sub": "alice", "aud": "reelwise"}, SECRET, algorithm="HS256")},
        {"X-API-Key": KEY},
        {"Authorization": f"Bearer {vouch()['X-Reelwise-User']}"},  # another place
    ],
)
def test_without_a_good_token_there_is_nothing(client: TestClient, header: dict[str, str]) -> None:
    for response in (client.get(FILMS, headers=header), client.post(FILMS, headers=header, json={"films": []})):
        assert response.status_code == (403 if "X-API-Key" in header else 401)
        lacks_key = "Authorization" in header or not header
        assert ("key" if lacks_key else "Send a token of the site") in response.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/users/bob/history"),
        ("GET", "/api/v1/users/alice/export"),
        ("PUT", "/api/v1/users/bob/ratings/1"),
        ("DELETE", "/api/v1/users/bob"),
        ("POST", "/api/v1/feedback"),
        ("POST", "/api/v1/match"),
        ("POST", "/api/v1/predictions"),
        ("PUT", "/api/v1/movies/1"),
        ("DELETE", "/api/v1/movies/1"),
        ("GET", "/recommendations/7"),
        ("POST", "/find_matching_user"),
        ("GET", "/metrics"),
        ("DELETE", "/api/v1/me/films"),
        ("GET", "/api/v1/me/films/../../users/bob/history"),
    ],
)
def test_a_token_opens_what_the_page_asks_and_nothing_of_others(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path, headers=vouch()).status_code == 401


def test_a_visitor_gets_lists_without_a_key_and_names_no_user(client: TestClient) -> None:
    header = vouch()
    assert client.post("/api/v1/recommendations", json={"movie_ids": [1]}, headers=header).status_code == 200
    assert client.get("/api/v1/movies/1", headers=header).status_code == 200
    named = {"members": [{"movie_ids": [1]}, {"user_id": 8}]}
    films = {"members": [{"movie_ids": [1]}, {"movie_ids": [296]}]}
    assert client.post("/api/v1/groups/recommendations", json=named, headers=header).status_code == 403
    assert client.post("/api/v1/groups/recommendations", json=films, headers=header).status_code == 200
    assert client.post("/api/v1/groups/recommendations", json=named, headers={"X-API-Key": KEY}).status_code == 200


@pytest.mark.parametrize(
    ("note", "status"),
    [({"movieId": 99999}, 404), ({"movieId": 1, "stars": 9}, 422), ({"movieId": 1, "user_id": "bob"}, 422)],
)
def test_what_cannot_be_kept_is_refused_as_a_whole(client: TestClient, note: dict[str, Any], status: int) -> None:
    notes = [{"movieId": MATRIX, "seen": True}, note]
    assert client.post(FILMS, json={"films": notes}, headers=vouch()).status_code == status
    assert kept(client) == {}


def test_who_was_erased_is_kept_no_more(client: TestClient) -> None:
    keep(client, {"movieId": MATRIX, "seen": True})
    assert client.delete("/api/v1/users/alice", headers={"X-API-Key": "kin-key-9"}).status_code == 204
    assert client.get(FILMS, headers=vouch()).status_code == 404
    assert client.post(FILMS, json={"films": [{"movieId": 1, "seen": True}]}, headers=vouch()).status_code == 404


def test_without_a_store_or_a_secret_nobody_is_vouched_for(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/live.db"
    for settings in (Settings(user_secret=SECRET), Settings(store=store)):
        with TestClient(create_app(settings, Recommender(tiny_model()))) as client:
            assert client.get(FILMS, headers=vouch()).status_code == 403


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(UsageError, match=r"REELWISE_USER_SECRET.*needs at least 32 characters"):
        Settings(user_secret="abcdefgh123")


def test_of_like_and_dislike_the_later_counts_and_both_at_once_are_refused(client: TestClient) -> None:
    for type_ in ("like", "dislike"):
        tell = {"events": [{"user_id": "alice", "movieId": MATRIX, "type": type_}]}
        assert client.post("/api/v1/feedback", json=tell, headers={"X-API-Key": KEY}).status_code == 200
        assert kept(client) == {MATRIX: NOTHING | {f"{type_}d": True}}
    both = {"films": [{"movieId": MATRIX, "liked": True, "disliked": True}]}
    assert client.post(FILMS, json=both, headers=vouch()).status_code == 422
