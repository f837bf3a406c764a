"""What the server answers before the application hears of it, and what it says of clients that leave."""

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPResponse

import pytest

from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender
from support.running.served_app import served

GET = b"GET /recommendations/8 HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /find_matching_user HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
POST += b'Content-Length: 18\r\n\r\n{"movie_ids": [1]}'


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(create_app(Settings(request_seconds=0.3, _env_file=None), tiny_recommender())) as port:
        yield port


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000, 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 66_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 130_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"x" * 66_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        (b"GET /?" + b"x" * 66_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        (b"GET /?" + b"x" * 65_529 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),  # as much as the parser takes
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_http_is_refused_with_a_problem_and_all_headers(port: int, sent: bytes, status: int) -> None:
    with connected(port) as connection:
        connection.sendall(sent)
        response = HTTPResponse(connection)
        response.begin()
        body = json.loads(response.read())
        assert response.status == body["status"] == status
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        with suppress(ConnectionResetError):  # where the rest of what was sent came after that
            assert connection.recv(1) == b""


@pytest.mark.parametrize(
    "sent",
    [
        GET[:-2] + b"X: " + b"x" * 65_000 + b"\r\n\r\n",
        GET.replace(b"8 ", b"8?" + b"x" * 65_000 + b" "),
        POST.replace(b"18", b"100000") + b" " * 99_982,  # what follows the head is none of it
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_head_may_have_64_kib(port: int, sent: bytes) -> None:
    with connected(port) as connection:
        connection.sendall(sent)
        assert connection.recv(15) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c", b"\xff"])
def test_whoever_asks_for_another_protocol_is_answered_in_this_one(
    port: int, protocol: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with connected(port) as connection:
        upgrade = b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\nSec-WebSocket-Version: 13\r\n\r\n"
        connection.sendall(GET[:-2] + upgrade)
        response = HTTPResponse(connection)
        response.begin()
        assert (response.status, type(json.loads(response.read()))) == (200, list)
    assert "pgrade" not in caplog.text


def test_a_client_that_sends_no_more_is_answered_whatever_it_asked(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(POST * 5 + GET * 5)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
    assert received.count(b"HTTP/1.1 200 OK") == 10


def test_clients_that_leave_make_no_traceback(port: int, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        with connected(port) as connection:
            connection.sendall(POST * 20 + GET * 20)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with connected(port) as deaf, suppress(OSError):
        deaf.settimeout(2)
        while True:  # asks on until the server waits for it to read, and ends that
            deaf.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
    with connected(port) as connection:
        connection.sendall(GET)
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
    assert [record for record in caplog.records if record.exc_info] == []
