"""Limits: of a body's length, of a request's time, and of how many there are at once.

They are tried through a real server on loopback, because what must not happen is that a connection hangs.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from starlette.types import Message

from reelwise.serving import create_app
from reelwise.serving.application import MAX_BODY_BYTES
from reelwise.serving.middleware import incoming
from reelwise.serving.middleware.incoming import Incoming
from reelwise.serving.middleware.places import LEAST, LONGEST_WAIT, NoPlace, Places, client_of
from reelwise.serving.page.files import FINGERPRINT
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender
from support.running.served_app import served

SECONDS = 0.5
POST = b"POST /find_matching_user HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
GET = b"GET /recommendations/8 HTTP/1.1\r\nHost: x\r\n\r\n"
BODY = b'{"movie_ids": [1]}'


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(limited_app()) as port:
        yield port


def limited_app(seconds: float = SECONDS, places: int = 100) -> FastAPI:
    """So many requests at once, a short time for each, and paths that take their time."""
    settings = Settings(request_seconds=seconds, max_requests=places, _env_file=None)
    app = create_app(settings, tiny_recommender())

    @app.get("/work")
    def work() -> str:
        time.sleep(2 * SECONDS)
        return "done"

    @app.get("/stream")
    def stream(pause: float) -> Response:
        def parts() -> Iterator[bytes]:
            for _ in range(4):
                yield b"."
                time.sleep(pause)

        return StreamingResponse(parts())

    @app.get("/own")
    def own() -> None:
        raise TimeoutError

    return app


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def answer(connection: socket.socket) -> tuple[HTTPResponse, bytes]:
    response = HTTPResponse(connection)
    response.begin()
    return response, response.read()


def is_problem(response: HTTPResponse, body: bytes, status: int) -> None:
    assert response.status == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert json.loads(body)["status"] == status
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Model-Revision"]


# --- length ---


@pytest.mark.parametrize("length", [str(MAX_BODY_BYTES + 1), "1" + 18 * "0"])
def test_a_body_that_says_it_is_too_long_is_refused_unread(port: int, length: str) -> None:
    with connected(port) as connection:
        connection.sendall(POST + f"Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n".encode())
        is_problem(*answer(connection), 413)


def test_a_length_of_thousands_of_digits_is_too_long_whatever_the_server_lets_through() -> None:
    response = TestClient(limited_app()).post("/find_matching_user", headers={"Content-Length": 5000 * "9"})
    assert response.status_code == 413


def test_a_chunked_body_is_refused_once_it_is_too_long(port: int) -> None:
    chunk = f"{MAX_BODY_BYTES // 2:x}\r\n".encode() + b" " * (MAX_BODY_BYTES // 2) + b"\r\n"
    with connected(port) as connection:
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n" + 3 * chunk)
        is_problem(*answer(connection), 413)
        connection.sendall(chunk + b"0\r\n\r\n" + GET)  # what is left of it does no harm
        assert answer(connection)[0].status == 200


def test_a_body_of_just_the_length_is_read(port: int) -> None:
    body = BODY.ljust(MAX_BODY_BYTES)
    with connected(port) as connection:
        connection.sendall(POST + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert answer(connection)[0].status == 200


@pytest.mark.parametrize("length", ["-1", "ten", "1, 18", "", "0x12"])
def test_a_length_that_is_none_is_refused_by_the_server(port: int, length: str) -> None:
    with connected(port) as connection:
        connection.sendall(POST + f"Content-Length: {length}\r\n\r\n".encode() + BODY)
        assert answer(connection)[0].status in (400, 422)


@pytest.mark.parametrize("hosts", [b"Host: x\r\nHost: x\r\n", b"Host: x\r\nhost: y\r\n"])
def test_two_hosts_are_refused(port: int, hosts: bytes) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /recommendations/8 HTTP/1.1\r\n" + hosts + b"\r\n")
        is_problem(*answer(connection), 400)
        connection.sendall(GET)
        assert answer(connection)[0].status == 200


# --- time ---


@pytest.mark.parametrize("head", [b"Content-Length: 18\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n1\r\n"])
def test_a_body_that_does_not_come_is_408_and_the_connection_ends(port: int, head: bytes) -> None:
    with connected(port) as connection:
        connection.sendall(POST + head + b"{")
        is_problem(*answer(connection), 408)
        assert connection.recv(1) == b""


def test_a_body_that_trickles_is_408(port: int) -> None:
    start = time.monotonic()
    with connected(port) as connection:
        connection.sendall(POST + b"Content-Length: 1000\r\n\r\n")
        while time.monotonic() < start + 4 * SECONDS:
            try:
                connection.sendall(b" ")
            except ConnectionError:
                break
            time.sleep(SECONDS / 10)
    assert time.monotonic() < start + 3 * SECONDS


def test_work_that_takes_too_long_is_503_and_the_connection_can_be_used_again(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /work HTTP/1.1\r\nHost: x\r\n\r\n")
        response, body = answer(connection)
        is_problem(response, body, 503)
        assert int(response.headers["Retry-After"]) > 0
        connection.sendall(GET)
        assert answer(connection)[0].status == 200


def test_the_time_starts_anew_with_each_part_of_the_answer(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(f"GET /stream?pause={SECONDS * 0.4} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert answer(connection)[1] == b"...."


def test_an_answer_that_stops_half_way_is_cut_off(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(f"GET /stream?pause={SECONDS * 2} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = b""
        while part := connection.recv(1000):
            received += part
    assert received.endswith(b"\r\n.\r\n")


def test_a_timeout_of_the_application_itself_is_an_unexpected_exception() -> None:
    client = TestClient(limited_app(), raise_server_exceptions=False)
    response = client.get("/own")
    assert response.status_code == 500
    assert response.headers["X-Content-Type-Options"] == "nosniff"


# --- places ---


def test_without_a_place_a_request_is_503_and_health_and_the_page_are_answered() -> None:
    app, gate = limited_app(seconds=10, places=2), threading.Event()

    @app.get("/wait")
    def wait() -> str:
        return str(gate.wait(10))

    with served(app) as port, connected(port) as first, connected(port) as second, connected(port) as third:
        for connection in (first, second):
            connection.sendall(GET.replace(b"recommendations/8", b"wait"))
        response, body = until(503, third)
        is_problem(response, body, 503)
        assert response.headers["Retry-After"] == "1"
        script = f"app/static/{FINGERPRINT}/main/main.js".encode()
        for path in (b"health/ready", b"app/", b"app/film/2571", script):
            third.sendall(GET.replace(b"recommendations/8", path))
            assert answer(third)[0].status == 200
        gate.set()
        for connection in (first, second):
            assert answer(connection)[0].status == 200
        until(200, third)


def test_a_body_that_is_still_coming_takes_no_place() -> None:
    app = limited_app(seconds=10, places=1)
    with served(app) as port, connected(port) as slow, connected(port) as other:
        slow.sendall(POST + b"Content-Length: 18\r\n\r\n{")
        for _ in range(3):
            other.sendall(GET)
            assert answer(other)[0].status == 200
        slow.sendall(BODY[1:])
        assert answer(slow)[0].status == 200


def test_the_last_quarter_of_the_places_is_for_other_clients() -> None:
    places = Places(8)
    for _ in range(6):
        places.take("one")
    with pytest.raises(NoPlace, match="of one client"):
        places.take("one")
    for _ in range(2):
        places.take("other")
    with pytest.raises(NoPlace, match="as it can serve"):
        places.take("third")
    places.give_back("one")
    places.check("third")


def test_there_are_as_many_places_as_can_be_worked_on_soon() -> None:
    places = Places(100)
    for _ in range(200):
        places.learn(0.0)
    assert places.number == 100
    for _ in range(200):
        places.learn(0.01)
    assert places.number == pytest.approx(LONGEST_WAIT / 0.01, abs=1)
    for number in range(places.number):
        places.take(f"client {number}")
    with pytest.raises(NoPlace, match="as it can serve"):
        places.check("another")
    for _ in range(200):
        places.learn(10.0)
    assert places.number == LEAST
    assert Places(3).number == 3


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("testclient", "testclient"),
    ],
)
def test_who_has_a_network_of_addresses_is_one_client(host: str, client: str) -> None:
    assert client_of({"client": (host, 1)}) == client
    assert client_of({"client": None}) == ""


def test_of_too_many_bodies_the_oldest_of_whoever_sends_most_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MOST_BODIES", 3)
    monkeypatch.setattr(incoming, "MOST_BYTES", 100)
    bodies, given_up = Incoming(), list[str]()

    async def send(client: str, name: str, *parts: bytes) -> bytes | None:
        left = iter(parts)

        async def receive() -> Message:
            part = next(left, None)
            if part is None:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": part, "more_body": part != b"end"}

        return await bodies.receive(client, receive, 1000, lambda: given_up.append(name))

    async def run() -> None:
        coming = [asyncio.create_task(send(*words)) for words in (("one", "a"), ("two", "b"), ("one", "c"))]
        await asyncio.sleep(0)
        assert await send("three", "d", b"quick ", b"end") == b"quick end"
        assert given_up == ["a"]
        coming.append(asyncio.create_task(send("two", "e", b"x" * 90, b"x" * 20)))
        await asyncio.sleep(0)
        assert given_up == ["a", "b", "e"]
        for task in coming:
            task.cancel()
        await asyncio.gather(*coming, return_exceptions=True)

    asyncio.run(run())
    assert not bodies._of
    assert bodies._bodies == bodies._bytes == 0


def until(status: int, connection: socket.socket) -> tuple[HTTPResponse, bytes]:
    """The answer, once it has this status."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        connection.sendall(GET)
        response, body = answer(connection)
        if response.status == status:
            return response, body
        time.sleep(0.02)
    raise AssertionError(f"no {status} within 5 s")


@pytest.mark.parametrize("path", ["/work", "/own", "/nowhere", "/recommendations/0", "/recommendations/8"])
def test_a_place_is_given_back_however_a_request_ends(path: str) -> None:
    client = TestClient(limited_app(places=1), raise_server_exceptions=False)
    statuses = [client.get(path).status_code for _ in range(2)]
    assert statuses[0] == statuses[1]
    assert client.get("/recommendations/8").status_code == 200
