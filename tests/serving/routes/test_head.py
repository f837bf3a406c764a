"""HEAD answers as GET does, without the body."""

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from support.running.scraping import Scrape
from support.running.served_app import served

PATHS = ["/", "/app/", "/app/model", "/docs", "/redoc", "/health/live", "/health/ready", "/docs/assets/swagger-ui.css"]


@pytest.mark.parametrize("path", [*PATHS, "/recommendations/8", "/recommendations/0", "/nowhere"])
def test_head_has_the_status_and_the_headers_of_get(client: TestClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert head.status_code == get.status_code
    assert head.content == b""
    for name in ("Content-Length", "Content-Type", "X-Model-Revision", "X-Content-Type-Options"):
        assert head.headers[name] == get.headers[name]


def test_head_of_what_only_takes_post_is_405(client: TestClient) -> None:
    assert client.head("/find_matching_user").status_code == 405


def test_head_is_counted_as_such(client: TestClient) -> None:
    counted = {"name": "reelwise_http_requests_total", "method": "HEAD", "route": "/health/live", "status": "200"}
    before = Scrape(client).total(**counted)
    client.head("/health/live")
    assert Scrape(client).total(**counted) == before + 1


def test_no_body_comes_over_the_wire(app: FastAPI) -> None:
    with served(app) as port, httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for path in PATHS:
            response = client.head(path)
            assert (response.status_code, response.content) == (200, b"")
            assert client.get(path).status_code == 200  # on the same connection
