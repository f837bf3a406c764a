"""Posters come from TMDB through the server, and its key stays there."""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from reelwise.serving import create_app
from reelwise.serving.posters import tmdb
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender
from support.servers.loopback import Fault
from support.servers.tmdb import JPEG, KEY, TOKEN, TMDBServer

TOY_STORY, PULP_FICTION, MATRIX, WITHOUT_LINKS = 1, 296, 2571, 7001
POSTER = "/api/v1/movies/{}/poster"
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TMDBServer]:
    films: dict[int, object] = {862: "/toy.jpg", 680: None, 603: "/gone.jpg", 274: "/../key", 1891: "/page.jpg", 99: 5}
    pictures = {
        "/logo.svg": ("image/svg+xml", LOGO),
        "/toy.jpg": ("image/jpeg", JPEG),
        "/page.jpg": ("image/jpeg", b"<html>"),
    }
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with TMDBServer(films, pictures) as server:
        monkeypatch.setattr(tmdb, "API", f"{server.url}/3")
        monkeypatch.setattr(tmdb, "PICTURES", f"{server.url}/t/p")
        monkeypatch.setattr(tmdb, "LOGO", f"{server.url}/t/p/site/logo.svg")
        yield server


def client_with(key: str) -> TestClient:
    return TestClient(create_app(Settings(tmdb_api_key=key), tiny_recommender()))


@pytest.fixture
def posters(server: TMDBServer) -> Iterator[TestClient]:
    with client_with(KEY) as client:
        yield client


def test_a_poster_is_a_picture_that_browsers_keep_for_a_week(posters: TestClient, server: TMDBServer) -> None:
    response = posters.get(POSTER.format(TOY_STORY))
    assert (response.status_code, response.content) == (200, JPEG)
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Cache-Control"] == "public, max-age=604800"
    assert [seen.path.split("?")[0] for seen in server.seen] == ["/3/movie/862", "/t/p/w342/toy.jpg"]


def test_it_is_fetched_once_even_by_the_next_server(posters: TestClient, server: TMDBServer) -> None:
    posters.get(POSTER.format(TOY_STORY))
    asked = len(server.seen)
    with client_with(KEY) as next_client:
        for client in (posters, next_client):
            assert client.get(POSTER.format(TOY_STORY)).content == JPEG
    assert len(server.seen) == asked


@pytest.mark.parametrize("width", ["w185", "w342", "w500"])
def test_it_comes_in_tmdb_s_widths(posters: TestClient, server: TMDBServer, width: str) -> None:
    assert posters.get(POSTER.format(TOY_STORY), params={"width": width}).status_code == 200
    assert server.seen[-1].path == f"/t/p/{width}/toy.jpg"


@pytest.mark.parametrize("width", ["original", "w342/../x", "342", ""])
def test_other_widths_are_422(posters: TestClient, server: TMDBServer, width: str) -> None:
    assert posters.get(POSTER.format(TOY_STORY), params={"width": width}).status_code == 422
    assert server.seen == []


@pytest.mark.parametrize(
    ("movie_id", "why"),
    [
        (PULP_FICTION, "no poster at TMDB"),
        (MATRIX, "no poster at TMDB"),  # its picture is gone
        (593, "no poster at TMDB"),  # what TMDB says is no name of a picture
        (1196, "no poster at TMDB"),  # what is there is no picture
        (7002, "no poster at TMDB"),  # what TMDB says is no name at all
        (WITHOUT_LINKS, "no number at TMDB"),
        (424242, "not in the data set"),
    ],
)
def test_a_film_without_a_poster_is_404_and_tmdb_is_not_asked_again(
    posters: TestClient, server: TMDBServer, movie_id: int, why: str
) -> None:
    response = posters.get(POSTER.format(movie_id))
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert why in response.json()["detail"]
    asked = len(server.seen)
    assert posters.get(POSTER.format(movie_id)).status_code == 404
    assert len(server.seen) == asked
    assert all(".." not in seen.path for seen in server.seen)


def test_a_film_that_tmdb_does_not_know_has_none(posters: TestClient, server: TMDBServer) -> None:
    server.films = {}
    assert posters.get(POSTER.format(TOY_STORY)).status_code == 404


def test_without_a_key_there_are_no_posters(client: TestClient) -> None:
    response = client.get(POSTER.format(TOY_STORY))
    assert response.status_code == 404
    assert "TMDB_API_KEY" in response.json()["detail"]


def test_the_model_says_whether_there_are_posters(client: TestClient, posters: TestClient) -> None:
    assert client.get("/api/v1/model").json()["posters"] is False
    assert posters.get("/api/v1/model").json()["posters"] is True


def test_without_a_model_it_is_503(server: TMDBServer) -> None:
    with TestClient(create_app(Settings(tmdb_api_key=KEY))) as client:
        assert client.get(POSTER.format(TOY_STORY)).status_code == 503


def test_a_long_token_goes_into_a_header(server: TMDBServer) -> None:
    with client_with(TOKEN) as client:
        assert client.get(POSTER.format(TOY_STORY)).status_code == 200
    assert server.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert "api_key" not in server.seen[0].path


@pytest.mark.parametrize("key", [KEY, TOKEN])
def test_the_key_goes_to_the_api_alone_and_is_told_to_nobody(
    server: TMDBServer, caplog: pytest.LogCaptureFixture, key: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with client_with(key) as client:
        answers = [client.get(POSTER.format(TOY_STORY))]
        server.faults.append(Fault(status=500))
        answers.append(client.get(POSTER.format(MATRIX)))
        answers.append(client.get("/openapi.json"))
    assert [answer.status_code for answer in answers] == [200, 502, 200]
    assert all(key not in answer.text and key not in str(answer.headers) for answer in answers)
    assert "HTTP Request: GET" in caplog.text  # the client logs what it asks for, and that has no key in it
    assert key not in caplog.text
    to_pictures = [seen for seen in server.seen if seen.path.startswith("/t/p/")]
    assert to_pictures
    assert all(key not in seen.path + str(seen.headers) for seen in to_pictures)


def test_a_key_that_tmdb_refuses_is_502_and_the_log_says_so(
    server: TMDBServer, caplog: pytest.LogCaptureFixture
) -> None:
    with client_with("wrong") as client:
        response = client.get(POSTER.format(TOY_STORY))
    assert response.status_code == 502
    assert "refuses the key in TMDB_API_KEY" in caplog.text


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=429, headers={"Retry-After": "7"}),
        Fault(status=301, headers={"Location": "http://127.0.0.1:9/elsewhere"}),
        Fault(drop=True),
        Fault(cut_after=5),
    ],
)
def test_a_fault_is_502_and_nobody_waits_for_tmdb_until_the_pause_is_over(
    posters: TestClient, server: TMDBServer, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.faults.append(fault)
    response = posters.get(POSTER.format(TOY_STORY))
    assert response.status_code == 502
    wait = 7 if fault.status == 429 else 30
    assert response.headers["Retry-After"] == str(wait)
    asked = len(server.seen)
    assert posters.get(POSTER.format(TOY_STORY)).status_code == 502
    assert len(server.seen) == asked
    later = time.monotonic() + wait + 1
    monkeypatch.setattr(tmdb, "monotonic", lambda: later)
    assert posters.get(POSTER.format(TOY_STORY)).status_code == 200


def test_one_odd_answer_stands_for_one_film_alone(
    posters: TestClient, server: TMDBServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(server.films, 680, "/toy.jpg")
    server.faults.append(Fault(headers={"Content-Type": "text/html"}))
    assert [posters.get(POSTER.format(film)).status_code for film in (TOY_STORY, PULP_FICTION)] == [404, 200]
    asked = len(server.seen)
    assert posters.get(POSTER.format(TOY_STORY)).status_code == 404
    assert len(server.seen) == asked


def test_a_picture_that_breaks_off_is_not_kept(posters: TestClient, server: TMDBServer, tmp_path: Path) -> None:
    server.faults.extend([Fault(), Fault(cut_after=5)])
    assert posters.get(POSTER.format(TOY_STORY)).status_code == 502
    assert not any((tmp_path / "cache").rglob("*-w342"))


def test_tmdb_that_takes_too_long_is_502(
    posters: TestClient, server: TMDBServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tmdb, "SECONDS", 0.05)
    server.faults.append(Fault(delay=0.5))
    response = posters.get(POSTER.format(TOY_STORY))
    assert response.status_code == 502
    assert "0.05 s" in response.json()["detail"]


def test_a_picture_that_is_too_large_is_none(
    posters: TestClient, server: TMDBServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tmdb, "MAX_PICTURE_BYTES", len(JPEG) - 1)
    assert posters.get(POSTER.format(TOY_STORY)).status_code == 404


def test_many_at_once_are_all_answered(posters: TestClient, server: TMDBServer) -> None:
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _: posters.get(POSTER.format(TOY_STORY)).status_code, range(24)))
    assert answers == [200] * 24


def test_the_logo_comes_from_tmdb_once_and_without_our_key(posters: TestClient, server: TMDBServer) -> None:
    for _ in range(2):
        response = posters.get("/app/tmdb.svg")
        assert (response.status_code, response.content) == (200, LOGO)
        assert response.headers["Content-Type"] == "image/svg+xml"
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]  # should it ever hold a script
    (asked,) = server.seen
    assert KEY not in f"{asked.path} {asked.headers}"


@pytest.mark.parametrize(
    "found", [("text/html", LOGO), ("image/svg+xml", LOGO * 2000), None], ids=["page", "large", "gone"]
)
def test_without_the_logo_there_are_posters_all_the_same(
    posters: TestClient, server: TMDBServer, found: tuple[str, bytes] | None
) -> None:
    server.pictures = {name: picture for name, picture in server.pictures.items() if name != "/logo.svg"}
    server.pictures |= {"/logo.svg": found} if found else {}
    assert posters.get("/app/tmdb.svg").status_code == 404
    assert posters.get(POSTER.format(TOY_STORY)).status_code == 200


def test_where_there_are_no_posters_there_is_no_logo(server: TMDBServer) -> None:
    assert client_with("").get("/app/tmdb.svg").status_code == 404
    assert not server.seen
