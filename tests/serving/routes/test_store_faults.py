"""A store that is full, locked or away: films are recommended by the model, nothing is half-written, it says so."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection

from reelwise.live import databases, recording
from reelwise.live import store as stores
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_model
from support.servers.postgres import Postgres
from support.servers.stores import empty_postgres, locked, longest_file, needs_postgres, postgres

__all__ = ["empty_postgres", "postgres"]

V1 = "/api/v1"
ADMIN = {"X-API-Key": "open-sesame"}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "PATIENCE", 0.2)
    monkeypatch.setattr(stores, "_PAUSE", 0.0)


@contextmanager
def stopped(server: Postgres) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


def events_of(count: int) -> list[dict[str, Any]]:
    return [
        {"user_id": f"user {number}", "movieId": 296, "type": "like", "event_id": f"e{number}"}
        for number in range(count)
    ]


def full(path: Path) -> AbstractContextManager[None]:
    return longest_file(path.with_name(path.name + "-wal").stat().st_size)


def test_what_a_user_rated_is_told_whole_or_not_at_all(tmp_path: Path) -> None:
    path, away = tmp_path / "live.db", tmp_path / "elsewhere.db"
    with TestClient(create_app(Settings(store=f"sqlite:///{path}"), Recommender(tiny_model()))) as client:
        rating = f"{V1}/users/7/ratings/296"
        assert client.put(rating, json={"stars": 0.5}).status_code == 200
        path.rename(away)
        for told in (rating, f"{V1}/users/7/ratings", f"{V1}/users/7/history"):
            assert client.get(told).status_code == 503, told
        assert client.get("/recommendations/7").status_code == 200
        away.rename(path)
        assert client.get(rating).json()["stars"] == 0.5


def test_a_store_that_hangs_does_not_hold_up_readiness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered, gone = threading.Event(), threading.Event(), threading.Event()

    def hang(_: Connection) -> int:
        asked.set()
        assert answered.wait(20)
        gone.set()
        return 0

    with TestClient(create_app(Settings(store=f"sqlite:///{tmp_path}/live.db"), Recommender(tiny_model()))) as client:
        monkeypatch.setattr(recording, "count_erased", hang)
        assert asked.wait(20)
        assert client.get("/health/ready").status_code == 200
        assert not gone.is_set()
        answered.set()


@pytest.mark.parametrize(
    "kind",
    ["full", "locked", pytest.param("away", marks=[needs_postgres, pytest.mark.xdist_group("postgres")])],
)
def test_recommending_goes_on_and_writing_is_refused_until_it_is_well_again(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "live.db"
    server: Postgres | None = request.getfixturevalue("empty_postgres") if kind == "away" else None
    settings = Settings(store=server.address if server else f"sqlite:///{path}", admin_key="open-sesame")
    with TestClient(create_app(settings, Recommender(tiny_model()))) as client:
        told = {"events": [{"user_id": "alice", "movieId": 296, "type": "like"}]}
        assert client.post(f"{V1}/feedback", json=told).status_code == 200
        lists: list[tuple[str, str, Any]] = [
            ("GET", "/recommendations/7", None),
            ("GET", f"{V1}/users/7/recommendations", None),
        ]
        lists.append(("POST", f"{V1}/recommendations", {"movie_ids": [296]}))
        with stopped(server) if server else full(path) if kind == "full" else locked(path):
            for method, url, body in (
                ("POST", f"{V1}/feedback", {"events": events_of(1000)}),
                ("PUT", f"{V1}/users/7/ratings/2571", {"stars": 1}),
                ("DELETE", f"{V1}/users/7", None),
            ):
                response = client.request(method, url, json=body, headers=ADMIN)
                assert response.status_code == 503, response.text
                assert int(response.headers["Retry-After"]) > 0
                assert str(tmp_path) not in response.text
                assert "127.0.0.1" not in response.text
            for method, url, body in lists:
                assert client.request(method, url, json=body).status_code == 200
            assert client.get(f"{V1}/users/alice/export").status_code == (503 if server else 200)
            ready = client.get("/health/ready")
            assert (ready.status_code, ready.json()["store"]) == (200, "unavailable")
            assert client.get("/metrics").status_code == 200
        end = time.monotonic() + 30
        while client.get("/health/ready").json()["store"] != "OK" and time.monotonic() < end:
            time.sleep(0.05)
        assert len(client.get(f"{V1}/users/alice/export").json()["events"]) == 1
        assert client.get(f"{V1}/users/user 0/export").status_code == 404
        assert client.get(f"{V1}/users/7/export").json()["events"] == []
        verdict = client.post(f"{V1}/feedback", json={"events": events_of(1000)}).json()
        assert (verdict["accepted"], verdict["duplicates"]) == (1000, 0)
