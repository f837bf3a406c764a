"""What browsers are told: which pages may ask (CORS), and what to be wary of (security headers)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from reelwise.errors import UsageError
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender

ORIGIN = "https://films.example"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type, x-api-key",
}


def client_with(**settings: Any) -> TestClient:
    app = create_app(Settings(**settings, _env_file=None), tiny_recommender())
    app.add_api_route("/fail", fail)
    return TestClient(app, raise_server_exceptions=False)


def fail() -> None:
    raise ZeroDivisionError


# --- CORS ---


def test_no_other_origin_may_ask_by_default(client: TestClient) -> None:
    response = client.options("/find_matching_user", headers=PREFLIGHT)
    assert response.status_code == 405
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert "Access-Control-Allow-Origin" not in client.get("/", headers={"Origin": ORIGIN}).headers


@pytest.mark.parametrize(("origins", "allowed"), [(f"http://localhost:3000, {ORIGIN}", ORIGIN), ("*", "*")])
def test_an_origin_that_is_set_may_ask_with_a_key_and_without_cookies(origins: str, allowed: str) -> None:
    client = client_with(cors_origins=origins, api_keys="a-key")
    response = client.options("/find_matching_user", headers=PREFLIGHT)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == allowed
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "X-API-Key" in response.headers["Access-Control-Allow-Headers"]
    answer = client.get("/recommendations/8", headers={"Origin": ORIGIN, "X-API-Key": "a-key"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == allowed
    assert "X-Model-Revision" in answer.headers["Access-Control-Expose-Headers"]
    for headers in (response.headers, answer.headers):
        assert "Access-Control-Allow-Credentials" not in headers


def asked_for(document: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Each path that is documented, its methods, and the headers that these read."""
    schemes = document["components"]["securitySchemes"].values()
    keys = [scheme.get("name", "Authorization") for scheme in schemes if scheme.get("in", "header") == "header"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            headers = [one["name"] for one in operation.get("parameters", []) if one["in"] == "header"]
            yield path, method.upper(), ["Content-Type", *keys, *headers]


def test_a_page_that_may_ask_may_ask_for_every_path_that_is_documented() -> None:
    app = create_app(Settings(cors_origins=ORIGIN, api_keys="a-key", _env_file=None), tiny_recommender())
    client = TestClient(app)
    names = set[str]()
    for path, method, headers in asked_for(app.openapi()):
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": ", ".join(headers)}
        response = client.options(path, headers=PREFLIGHT | asked)
        assert response.status_code == 200, (path, method, headers, response.text)
        names |= {name.lower() for name in headers}
    assert {"x-api-key", "x-reelwise-user", "if-none-match"} <= names
    unchanged = client.get("/api/v1/movies/map", headers={"Origin": ORIGIN})
    assert "ETag" in unchanged.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("headers", "what"),
    [
        ({"Origin": "https://evil.example"}, "origin"),
        ({"Origin": "null"}, "origin"),
        ({"Access-Control-Request-Method": "PATCH"}, "method"),
        ({"Access-Control-Request-Headers": "x-other"}, "headers"),
    ],
)
def test_a_preflight_that_is_refused_is_a_problem(headers: dict[str, str], what: str) -> None:
    response = client_with(cors_origins=ORIGIN).options("/find_matching_user", headers=PREFLIGHT | headers)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert what in response.json()["detail"]
    assert response.headers["Content-Length"] == str(len(response.content))
    assert ("Access-Control-Allow-Origin" in response.headers) is False


@pytest.mark.parametrize(("path", "status"), [("/recommendations/8", 401), ("/fail", 500), ("/nowhere", 404)])
def test_a_page_that_may_ask_can_read_errors(path: str, status: int) -> None:
    client = client_with(cors_origins=ORIGIN, api_keys="a-key")
    headers = {"Origin": ORIGIN} | ({} if status == 401 else {"X-API-Key": "a-key"})
    response = client.get(path, headers=headers)
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("origin", ["films.example", "https://films.example/", "https://a@b", "ftp://x", "**"])
def test_what_is_no_origin_is_a_usage_error(origin: str) -> None:
    with pytest.raises(UsageError, match="is not an origin"):
        Settings(cors_origins=f"{ORIGIN},{origin}")


# --- security headers ---

ANSWERS = [
    ("/recommendations/8", 200),
    ("/openapi.json", 200),
    ("/nowhere", 404),
    ("/recommendations/0", 422),
    ("/fail", 500),
]


@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_an_answer_is_data_and_is_not_kept(path: str, status: int) -> None:
    response = client_with().get(path)
    assert response.status_code == status
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/docs/assets/swagger-ui.css", "/app/", "/app/main.js"])
def test_a_file_may_be_kept_and_load_files_from_here(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers.get_list("X-Content-Type-Options") == ["nosniff"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers.get("Cache-Control") != "no-store"


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_a_page_of_docs_has_one_policy_which_runs_no_foreign_script(client: TestClient, path: str) -> None:
    response = client.get(path)
    (policy,) = response.headers.get_list("Content-Security-Policy")
    directives = {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}
    assert directives["script-src"][0] == "'self'"
    assert all(re.fullmatch("'sha256-[A-Za-z0-9+/]{43}='", word) for word in directives["script-src"][1:])
    assert len(directives["script-src"]) - 1 == response.text.count("<script>")
    assert directives["frame-ancestors"] == ["'none'"]


def test_an_answer_keeps_what_it_says_itself() -> None:
    app = create_app(Settings(_env_file=None), tiny_recommender())

    @app.get("/kept")
    def kept() -> Response:
        return JSONResponse([], headers={"Cache-Control": "max-age=60"})

    assert TestClient(app).get("/kept").headers.get_list("Cache-Control") == ["max-age=60"]
