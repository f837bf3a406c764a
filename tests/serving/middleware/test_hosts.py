"""Which names the server may be called by: a stranger's name that leads here is none (DNS rebinding)."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender

PATH = "/api/v1/users/7/history"
OWN = ["localhost", "LOCALHOST:8000", "films.localhost.", "127.0.0.1:8000", "[::1]:8000", "10.0.0.7", "box-1"]
STRANGE = ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "", "\xff"]


def status(host: str, path: str = PATH, **settings: Any) -> int:
    client = TestClient(create_app(Settings(**settings, _env_file=None), tiny_recommender()))
    return client.get(path, headers=[(b"Host", host.encode("latin-1")), (b"X-API-Key", b"a-key")]).status_code


@pytest.mark.parametrize("host", OWN)
def test_as_itself_and_by_numbers_it_may_always_be_called(host: str) -> None:
    assert status(host) == status(host, allowed_hosts="films.example") == 200


@pytest.mark.parametrize("host", STRANGE)
def test_by_a_stranger_s_name_it_may_not(host: str) -> None:
    assert status(host) == status(host, allowed_hosts="films.example") == 421
    assert status(host, "/health/ready") == 200


def test_by_a_name_that_is_set_it_may() -> None:
    for host in ("films.example", "Films.Example:8000"):
        assert status(host, allowed_hosts="other.example, films.example") == 200
    assert status("evil.example", allowed_hosts="*") == 200


def test_a_page_of_a_stranger_has_no_key_so_with_keys_any_name_will_do_unless_some_are_set() -> None:
    assert status("evil.example", api_keys="a-key") == 200
    assert status("evil.example", api_keys="a-key", allowed_hosts="films.example") == 421


def test_the_refusal_is_a_problem_that_says_what_to_set() -> None:
    client = TestClient(create_app(Settings(_env_file=None), tiny_recommender()))
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert "REELWISE_ALLOWED_HOSTS" in answer.json()["detail"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
