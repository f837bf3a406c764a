"""Keys: without any nobody is asked; with some, every path but the open ones wants one."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.errors import UsageError
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender

KEY, OTHER = "correct-horse-battery", "staple~!@#$%^&*()"
OPEN = ["/", "/health/live", "/health/ready", "/docs", "/redoc", "/openapi.json", "/docs/assets/swagger-ui.css"]
CLOSED = ["/recommendations/8", "/api/v1/movies", "/api/v1/users/8/history", "/nowhere", "/metrics", "/app2", "/docs/"]


@pytest.fixture
def locked() -> Iterator[TestClient]:
    settings = Settings(api_keys=f"{KEY}, {OTHER},", _env_file=None)
    with TestClient(create_app(settings, tiny_recommender()), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_without_a_key_a_path_is_401_and_says_how_to_send_one(locked: TestClient, method: str, path: str) -> None:
    response = locked.request(method, path)
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert response.json().keys() == {"type", "title", "status", "detail"}
    assert "X-API-Key" in response.json()["detail"]


@pytest.mark.parametrize("name", ["X-API-Key", "Authorization"])
def test_blanks_around_a_key_are_no_part_of_it(locked: TestClient, name: str) -> None:
    key = f" {KEY} " if name == "X-API-Key" else f"Bearer {KEY} "
    assert locked.get("/recommendations/8", headers={name: key}).status_code == 200


@pytest.mark.parametrize("path", OPEN)
def test_health_and_docs_are_open(locked: TestClient, path: str) -> None:
    assert locked.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/app/../recommendations/8", "//recommendations/8", "/docs/assets/../../recommendations/8", "/health/live/x"],
)
def test_no_spelling_of_a_path_goes_round_the_guard(locked: TestClient, path: str) -> None:
    assert locked.get(path).status_code in (401, 404)


def test_a_root_path_changes_nothing() -> None:
    app = create_app(Settings(api_keys=KEY, _env_file=None), tiny_recommender())
    client = TestClient(app, root_path="/films")
    assert client.get("/films/health/ready").status_code == 200
    assert client.get("/films/recommendations/8").status_code == 401
    assert client.get("/films/recommendations/8", headers={"X-API-Key": KEY}).status_code == 200


@pytest.mark.parametrize("key", [KEY, OTHER])
@pytest.mark.parametrize(
    ("name", "scheme"), [("X-API-Key", ""), ("Authorization", "Bearer "), ("Authorization", "bearer ")]
)
def test_each_key_is_taken_in_both_ways(locked: TestClient, key: str, name: str, scheme: str) -> None:
    assert locked.get("/recommendations/8", headers={name: scheme + key}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": ""},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": KEY + "x"},
        {"X-API-Key": f"{KEY}, {OTHER},"},
        {"X-API-Key": KEY.upper()},
        {"X-API-Key": "é".encode()},
        {"Authorization": KEY},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer "},
        {"Cookie": f"X-API-Key={KEY}"},
    ],
)
def test_a_wrong_key_is_401(locked: TestClient, headers: dict[str, Any]) -> None:
    assert locked.get("/recommendations/8", headers=headers).status_code == 401
    assert locked.get(f"/recommendations/8?api_key={KEY}", headers=headers).status_code == 401


def test_without_keys_nobody_is_asked(client: TestClient) -> None:
    assert client.get("/recommendations/8").status_code == 200
    document = client.get("/openapi.json").json()
    assert "security" not in document
    assert not {"ApiKey", "Bearer"} & document["components"]["securitySchemes"].keys()


def test_the_document_says_which_paths_take_a_key(locked: TestClient) -> None:
    document = locked.get("/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["ApiKey"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    assert schemes["Bearer"] == {"type": "http", "scheme": "bearer"}
    assert document["security"] == [{"ApiKey": []}, {"Bearer": []}]
    film = "/api/v1/movies/{movie_id}"
    admins = (("/api/v1/model/reload", "post"), ("/api/v1/users/{user_id}", "delete"), (film, "put"), (film, "delete"))
    for path, method in admins:
        operation = document["paths"][path].pop(method)
        assert operation["security"] == [{"adminBearer": []}, {"adminKey": []}]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation.get("security") == ([] if path in OPEN else None)
            assert ("401" in operation["responses"]) == (path not in OPEN)


@pytest.mark.parametrize(
    ("method", "path", "status"),  # 409: this model came from no folder; 503: there is no store
    [("POST", "/api/v1/model/reload", 409), ("DELETE", "/api/v1/users/8", 503), ("DELETE", "/api/v1/users/a%2Fb", 503)],
)
def test_what_asks_for_the_admin_key_takes_no_other(method: str, path: str, status: int) -> None:
    client = TestClient(create_app(Settings(api_keys=KEY, admin_key="another-key"), tiny_recommender()))
    for key, expected in (("another-key", status), (KEY, 401), ("neither", 401), (None, 401)):
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        assert client.request(method, path, headers=headers).status_code == expected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/model"),
        ("GET", "/api/v1/users/8/export"),
        ("PUT", "/api/v1/users/8/ratings/1"),
        ("DELETE", "/api/v1/users/8/ratings/1"),
        ("GET", "/api/v1/movies/1"),
        ("POST", "/api/v1/feedback"),
        ("GET", "/metrics"),
    ],
)
def test_the_admin_key_opens_nothing_else(method: str, path: str) -> None:
    client = TestClient(create_app(Settings(api_keys=KEY, admin_key="another-key"), tiny_recommender()))
    assert client.request(method, path, headers={"X-API-Key": "another-key"}).status_code == 401
    assert client.request(method, path, headers={"X-API-Key": KEY}).status_code != 401


def test_a_key_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWISE_API_KEYS", KEY)
    settings = Settings()
    assert KEY not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


@pytest.mark.parametrize("keys", ["a secret with blanks", "schlüssel", ",", "good,bad one"])
def test_keys_that_no_header_can_hold_are_refused_without_being_shown(
    keys: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELWISE_API_KEYS", keys)
    with pytest.raises(UsageError) as caught:
        Settings()
    assert str(caught.value).startswith("REELWISE_API_KEYS=***: ")
    assert keys not in str(caught.value) or keys == ","
