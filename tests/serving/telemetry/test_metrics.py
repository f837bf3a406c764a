"""Metrics: known numbers after known requests, and few label values whatever is asked for."""

import asyncio
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from reelwise.artifacts.folder import write_model
from reelwise.live.outcomes import Figures
from reelwise.live.store import Store
from reelwise.recommend.service import Service
from reelwise.serving import create_app
from reelwise.serving.model_manager import ModelSlot
from reelwise.serving.state import server_state
from reelwise.serving.telemetry.metrics import SECONDS, ServerMetrics
from reelwise.serving.telemetry.observation import Observation
from reelwise.serving.telemetry.shown import ShownFigures
from reelwise.serving.telemetry.workers import FOLDER, share_metrics
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_model, tiny_recommender
from support.running.scraping import Scrape

REQUESTS = "reelwise_http_requests_total"
KNOWN, SELECTION = "/recommendations/{user_id}", "/recommendations_from_selection"
V1_RECOMMENDATIONS = "/api/v1/recommendations"


def test_requests_are_counted_by_method_route_and_status(client: TestClient) -> None:
    for path in ["/recommendations/7", "/recommendations/8", "/recommendations/8?n=0", "/recommendations/424242"]:
        client.get(path)
    client.delete("/recommendations/8")
    client.post(SELECTION, json={"movie_ids": [424242]})
    scrape = Scrape(client)
    assert scrape.total(REQUESTS, method="GET", route=KNOWN, status="200") == 3
    assert scrape.total(REQUESTS, method="GET", route=KNOWN, status="422") == 1
    assert scrape.total(REQUESTS, method="DELETE", route=KNOWN, status="405") == 1
    assert scrape.total(REQUESTS, method="POST", route=SELECTION, status="400") == 1
    assert scrape.total(REQUESTS) == 6
    assert scrape.total("reelwise_http_request_seconds_count", route=KNOWN) == 5


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/api/v1/movies/1", "/api/v1/movies/{movie_id}"),
        ("/api/v1/movies/starter", "/api/v1/movies/starter"),
        ("/docs", "/docs"),
        ("/docs/assets/swagger-ui.css", "/docs/assets/{path}"),
        ("/docs/assets/nothing.js", "/docs/assets/{path}"),
        ("/openapi.json", "/openapi.json"),
        ("/nowhere/1", "unmatched"),
    ],
)
@pytest.mark.parametrize("root_path", ["", "/films"])
def test_a_route_is_named_by_its_template(app: FastAPI, path: str, route: str, root_path: str) -> None:
    client = TestClient(app, root_path=root_path)
    client.get(path)
    assert Scrape(client).values(REQUESTS, "route") == {route}


def test_made_up_paths_and_methods_make_no_new_series(client: TestClient) -> None:
    def series() -> int:
        return len(Scrape(client).samples)

    client.request("FLY", "/nowhere/0")
    series()  # from now on /metrics itself is among what is counted
    before = series()
    for number in range(1, 5):
        client.request(f"FLY{number}", f"/nowhere/{number}")
    assert series() == before
    assert Scrape(client).values(REQUESTS, "method") == {"OTHER", "GET"}


def test_a_failure_is_counted_as_500(app: FastAPI, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(service, "recommend", fail)
    client = TestClient(app, raise_server_exceptions=False)
    client.get("/recommendations/8")
    scrape = Scrape(client)
    assert scrape.total(REQUESTS, route=KNOWN, status="500") == 1
    assert scrape.total("reelwise_http_request_seconds_count", route=KNOWN) == 1
    assert scrape.total("reelwise_recommend_seconds_count", route=KNOWN) == 1


def test_a_client_that_leaves_early_is_counted_as_499(app: FastAPI) -> None:
    started = asyncio.Event()

    @app.get("/slow")
    async def slow() -> None:
        started.set()
        await asyncio.sleep(60)

    async def leave() -> None:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            request = asyncio.create_task(client.get("/slow"))
            await started.wait()
            request.cancel()
            await asyncio.wait([request])

    asyncio.run(leave())
    scrape = Scrape(TestClient(app))
    assert scrape.total(REQUESTS, route="/slow", status="499") == 1
    assert scrape.total("reelwise_http_requests_in_flight") == 1


def test_only_the_request_for_the_metrics_is_in_flight(client: TestClient) -> None:
    client.get("/")
    assert Scrape(client).total("reelwise_http_requests_in_flight") == 1


def test_time_falls_into_its_bucket() -> None:
    metrics = ServerMetrics()
    metrics.count("GET", "/", 0.0007, Observation("x", ModelSlot(), status=200, recommend_seconds=0.0004))
    found = {
        (sample.name, sample.labels.get("le")): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
    }
    assert [found["reelwise_http_request_seconds_bucket", str(top)] for top in SECONDS] == [0] + [1] * 13
    assert found["reelwise_http_request_seconds_sum", None] == 0.0007
    assert found["reelwise_recommend_seconds_bucket", "0.0005"] == 1


def test_only_requests_that_asked_the_recommender_have_its_time(client: TestClient) -> None:
    for path in ["/health/ready", "/recommendations/8", "/api/v1/movies?q=star", "/api/v1/movies/1/similar"]:
        client.get(path)
    assert Scrape(client).values("reelwise_recommend_seconds_count", "route") == {
        KNOWN,
        "/api/v1/movies",
        "/api/v1/movies/{movie_id}/similar",
    }


@pytest.mark.parametrize(
    ("path", "body", "route", "source"),
    [
        ("/recommendations/8", None, KNOWN, "known user"),
        (SELECTION, {"movie_ids": [1]}, SELECTION, "profile"),
        (f"{SELECTION}?strategy=blend", {"movie_ids": [1]}, SELECTION, "blend"),
        (SELECTION, {"movie_ids": [7002]}, SELECTION, "nothing"),  # a film that nobody rated
        (V1_RECOMMENDATIONS, {"movie_ids": [1]}, V1_RECOMMENDATIONS, "blend"),
        (V1_RECOMMENDATIONS, {"movie_ids": [7002]}, V1_RECOMMENDATIONS, "popular"),
        ("/api/v1/movies/1/similar", None, "/api/v1/movies/{movie_id}/similar", "similar"),
    ],
)
def test_recommendations_are_counted_by_what_they_came_from(
    client: TestClient, path: str, body: Any, route: str, source: str
) -> None:
    response = client.get(path) if body is None else client.post(path, json=body)
    assert response.status_code == 200
    counted = [s for s in Scrape(client).samples if s.name == "reelwise_recommendations_total"]
    assert [(s.labels, s.value) for s in counted] == [({"route": route, "source": source}, 1)]


def test_a_model_without_taste_falls_back_to_the_profile() -> None:
    with TestClient(create_app(recommender=tiny_recommender(with_taste=False))) as client:
        client.post(V1_RECOMMENDATIONS, json={"movie_ids": [1]})
        assert Scrape(client).values("reelwise_recommendations_total", "source") == {"profile"}


@pytest.mark.parametrize(
    ("path", "body", "user", "movie"),
    [
        ("/recommendations/8", None, 0, 0),
        ("/recommendations/424242", None, 1, 0),
        ("/api/v1/users/424242/history", None, 1, 0),
        ("/api/v1/movies/424242", None, 0, 1),
        (SELECTION, {"movie_ids": [1]}, 0, 0),
        (SELECTION, {"movie_ids": [1, 424242, 424243]}, 0, 1),
        (SELECTION, {"movie_ids": [424242]}, 0, 1),
        ("/find_matching_user", {"movie_ids": [1, 424242]}, 0, 1),
        ("/find_matching_user", {"movie_ids": [1]}, 0, 0),
        ("/api/v1/match", {"movie_ids": [424242]}, 0, 1),
        (V1_RECOMMENDATIONS, {"movie_ids": [424242]}, 0, 1),
        (V1_RECOMMENDATIONS, {"movie_ids": [1], "exclude_ids": [424242]}, 0, 1),
    ],
)
def test_requests_with_unknown_ids_are_counted(client: TestClient, path: str, body: Any, user: int, movie: int) -> None:
    _ = client.get(path) if body is None else client.post(path, json=body)
    scrape, name = Scrape(client), "reelwise_requests_with_unknown_ids_total"
    assert (scrape.total(name, kind="user"), scrape.total(name, kind="movie")) == (user, movie)


def test_the_model_is_named_and_a_new_one_takes_its_place(tiny_folder: Path) -> None:
    app = create_app(Settings(model=str(tiny_folder), watch=False))
    with TestClient(app) as client:
        before = Scrape(client)
        old = server_state(app).models.current.revision
        assert before.total("reelwise_model_info", revision=str(old), dataset="tiny") == 1
        assert before.total("reelwise_model_ready") == 1
        write_model(tiny_folder, tiny_model(simulated=True))
        new = server_state(app).models.reload().revision
        after = Scrape(client)
    assert new != old
    assert after.total("reelwise_model_info", revision=str(old)) == 0
    assert after.total("reelwise_model_info", revision=new) == 1
    loaded = "reelwise_model_loaded_timestamp_seconds"
    assert after.total(loaded) > before.total(loaded) > 1.7e9


def test_without_a_model_it_is_not_ready(client_without_model: TestClient) -> None:
    scrape = Scrape(client_without_model)
    assert scrape.total("reelwise_model_ready") == 0
    assert not scrape.values("reelwise_model_info", "revision")


def test_the_answer_is_in_prometheus_text_format(client: TestClient) -> None:
    assert Scrape(client).content_type == "text/plain; version=0.0.4; charset=utf-8"


def test_the_page_about_observing_lists_every_metric_with_its_labels() -> None:
    page = (Path(__file__).parents[3] / "docs" / "guide" / "observing.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(reelwise_\w+)` \| \w+ \|([^|]*)\|", page, flags=re.MULTILINE))
    measured = {}
    for metric in vars(ServerMetrics()).values():
        if hasattr(metric, "describe"):
            (family,) = metric.describe()
            name = family.name + ("_total" if family.type == "counter" else "")
            measured[name] = ", ".join(f"`{label}`" for label in metric._labelnames)
    for family in ShownFigures(Store("sqlite:///never-opened.db")).describe():
        measured[family.name] = ", ".join(f"`{label}`" for label in family._labelnames)
    assert {name: labels.strip() for name, labels in told.items()} == measured
    assert all(name in page for name in re.findall(r"reelwise_\w+_(?:total|bucket|count)", page))


def test_the_folder_in_which_workers_count_is_there_while_they_run_and_gone_afterwards() -> None:
    with share_metrics():
        folder = Path(os.environ[FOLDER])
        assert folder.is_dir()
    assert FOLDER not in os.environ
    assert not folder.exists()


def test_nobody_waits_while_what_was_shown_is_counted(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()
    store = Store(f"sqlite:///{tmp_path}/live.db")

    def count() -> tuple[Figures, ...]:
        begun.set()
        assert go_on.wait(20)
        return (Figures("a", None, 1, 1, 0, 0, 0),)

    store.figures = count  # type: ignore[method-assign]
    shown = ShownFigures(store)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(shown.get)
        assert begun.wait(20)
        assert shown.get() == ()
        go_on.set()
        assert first.result() == shown.get() == (Figures("a", None, 1, 1, 0, 0, 0),)
