"""Every response names its request."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

MADE = re.compile("[0-9a-f]{32}")


@pytest.mark.parametrize("given", ["a", "4bf92f35-77b3", "Root=1-67891233-abcdef012345678912345678", "~" * 128])
def test_a_sane_id_is_kept(client: TestClient, given: str) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "two words", "~" * 129, "caf\u00e9", "tab\there"])
def test_any_other_id_is_replaced(client: TestClient, given: str) -> None:
    response = client.get("/health/live", headers={b"X-Request-ID": given.encode("latin-1")})
    assert MADE.fullmatch(response.headers["X-Request-ID"])


def test_made_ids_differ(client: TestClient) -> None:
    assert len({client.get("/health/live").headers["X-Request-ID"] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/recommendations/8?n=0", 422), ("/docs/assets/nothing.js", 404)]
)
def test_an_error_has_it_too_once(client: TestClient, path: str, status: int) -> None:
    response = client.get(path, headers={"X-Request-ID": "mine"})
    assert response.status_code == status
    assert response.headers.get_list("X-Request-ID") == ["mine"]


def test_a_failure_says_it_in_its_body(app: FastAPI) -> None:
    @app.get("/fail")
    def fail() -> None:
        raise ZeroDivisionError

    response = TestClient(app, raise_server_exceptions=False).get("/fail", headers={"X-Request-ID": "mine"})
    assert response.status_code == 500
    assert response.headers["X-Request-ID"] == response.json()["request_id"] == "mine"
