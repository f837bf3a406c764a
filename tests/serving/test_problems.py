"""The error contract.

Every error, on every path, is `application/problem+json` with `type`, `title`, `status` and `detail`; `detail` is a
string. A 422 that comes from the shape of a request has `errors` besides: a list of `loc`, `msg`, `type` and, where
they are short, `input` and `ctx`. A 405 keeps `Allow`, a 503 has `Retry-After`. A 500 says nothing about its cause.
"""

from http import HTTPStatus
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient

from reelwise.errors import DataError, UnknownUser
from reelwise.recommend.filters import Filters
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from reelwise.serving import create_app
from support.models.tiny_recommender import REVISION

SELECTION = "/find_matching_user"
JSON = {"Content-Type": "application/json"}


def problem(response: Any, status: int, *further_keys: str) -> dict[str, Any]:
    """The body, once it is known to keep the contract."""
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body.keys() == {"type", "title", "status", "detail", *further_keys}
    assert body["type"] == "about:blank"
    assert body["title"] == HTTPStatus(status).phrase
    assert body["status"] == status
    assert isinstance(body["detail"], str)
    assert body["detail"]
    return body


def failing_app(error: Exception) -> FastAPI:
    app = create_app()

    @app.get("/fail")
    def fail() -> None:
        raise error

    return app


@pytest.mark.parametrize("path", ["/nowhere", "/docs/assets/nothing.js", "/api/v1/nothing"])
def test_an_unknown_path_is_404_and_is_named(client: TestClient, path: str) -> None:
    assert path in problem(client.get(path), 404)["detail"]


@pytest.mark.parametrize(("path", "allowed"), [("/", "GET"), (SELECTION, "POST"), ("/health/live", "GET")])
def test_a_wrong_method_is_405_and_says_which_is_right(client: TestClient, path: str, allowed: str) -> None:
    response = client.delete(path)
    problem(response, 405)
    assert response.headers["Allow"] == allowed


def test_a_malformed_request_is_422_and_every_fault_is_listed(client: TestClient) -> None:
    body = problem(client.post(SELECTION, json={"movie_ids": [1, "x", 0]}), 422, "errors")
    assert body["detail"].startswith("body.movie_ids.1: ")
    assert [(fault["loc"], fault["input"]) for fault in body["errors"]] == [
        (["body", "movie_ids", 1], "x"),
        (["body", "movie_ids", 2], 0),
    ]


def test_a_malformed_parameter_is_422(client: TestClient) -> None:
    body = problem(client.get("/recommendations/8?n=0"), 422, "errors")
    assert body["errors"][0]["loc"] == ["query", "n"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"{",
        b'{"movie_ids": "\xff"}',
        b"\xff\xfe",
        b"[" * 60000,
        b'{"movie_ids": [%s]}' % (b"1" * 5000),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_a_body_that_cannot_be_read_is_422(client: TestClient, content: bytes) -> None:
    problem(client.post(SELECTION, content=content, headers=JSON), 422, "errors")


@pytest.mark.parametrize(
    ("value", "echo"),
    [("NaN", "nan"), ("Infinity", "inf"), ("-Infinity", "-inf"), (r'"\ud800"', "\ud800"), ("2.5", 2.5)],
)
def test_an_input_that_json_does_not_know_is_echoed_as_text(client: TestClient, value: str, echo: Any) -> None:
    response = client.post(SELECTION, content=f'{{"movie_ids": [{value}]}}', headers=JSON)
    assert problem(response, 422, "errors")["errors"][0]["input"] == echo


@pytest.mark.parametrize("content", [b"\xff\xfe", b'{"movie_ids": [1]}'])
def test_a_body_that_is_not_sent_as_json_is_422(client: TestClient, content: bytes) -> None:
    response = client.post(SELECTION, content=content, headers={"Content-Type": "text/plain"})
    problem(response, 422, "errors")


def test_an_error_never_echoes_a_long_input(client: TestClient) -> None:
    response = client.post(SELECTION, json={"movie_ids": ["x" * 1000] * 50})
    problem(response, 422, "errors")
    response = client.post(SELECTION, json={"movie_ids": ["x" * 3000] * 20})
    problem(response, 422, "errors")
    assert len(response.content) < 10_000


def test_no_model_is_503_and_says_when_to_come_back(client_without_model: TestClient) -> None:
    response = client_without_model.get("/")
    problem(response, 503)
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("error", "status"), [(UnknownUser("No user 5."), 404), (DataError("ratings.csv: broken."), 500)]
)
def test_an_error_of_the_tree_has_its_status_and_its_text(error: Exception, status: int) -> None:
    response = TestClient(failing_app(error)).get("/fail")
    assert problem(response, status)["detail"] == str(error)


def test_the_detail_of_an_http_exception_is_always_a_string() -> None:
    response = TestClient(failing_app(HTTPException(409, detail=[1, 2], headers={"X-Why": "because"}))).get("/fail")
    assert problem(response, 409)["detail"] == "[1, 2]"
    assert response.headers["X-Why"] == "because"


def test_an_unexpected_exception_is_500_and_keeps_its_text_inside(
    app: FastAPI, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(user_id: int, n: int) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(service, "recommend", fail)
    response = TestClient(app, raise_server_exceptions=False).get("/recommendations/8")
    assert problem(response, 500, "request_id")["request_id"] == response.headers["X-Request-ID"]
    assert "secret" not in response.text
    assert response.headers["X-Model-Revision"] == REVISION


def test_an_unexpected_exception_reaches_the_server_which_logs_it() -> None:
    with pytest.raises(ZeroDivisionError):
        TestClient(failing_app(ZeroDivisionError())).get("/fail")


def test_an_answer_that_is_no_number_is_500(app: FastAPI, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    (movie,) = service.recommend(Request(user=8, filters=Filters(1)))
    no_number = movie._replace(predicted_stars=float("nan"))
    monkeypatch.setattr(service, "recommend", lambda *_, **__: [no_number])
    problem(TestClient(app, raise_server_exceptions=False).get("/recommendations/8"), 500, "request_id")


@pytest.mark.parametrize("declared", [None, "application/x-www-form-urlencoded", "text/plain"])
@pytest.mark.parametrize("path", ["/find_matching_user", "/api/v1/recommendations"])
def test_a_body_that_is_not_said_to_be_json_is_told_so(client: TestClient, path: str, declared: str | None) -> None:
    headers = {"Content-Type": declared} if declared else {}
    response = client.post(path, content=b'{"movie_ids": [1]}', headers=headers)
    assert response.status_code == 422
    said = f"its Content-Type is '{declared}'" if declared else "it has no Content-Type"
    assert f"{said}; send JSON with `Content-Type: application/json`" in response.json()["detail"]
