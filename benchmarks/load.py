"""Asking a server over many open connections at once, and noting how long each answer takes."""

import json
import selectors
import socket
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np

CONNECTIONS = 16


def get(path: str) -> bytes:
    """A GET request as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def post(path: str, body: Any) -> bytes:
    """A POST request with a JSON body."""
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


class Answer(NamedTuple):
    """A complete answer: when it was asked for and how long it took, in seconds; its status; head and body."""

    asked: float
    seconds: float
    status: int
    content: bytes


@dataclass
class Load:
    """What came of asking.

    Attributes:
        seconds: how long it was asked.
        latencies: of the answers, in seconds.
        statuses: how often each came.
        broken: how many connections ended in the midst of an answer, or before one.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def milliseconds(self, share: float) -> float:
        """The latency that this share of the answers does not exceed."""
        return float(np.quantile(self.latencies, share)) * 1e3

    def add(self, answer: Answer) -> None:
        """Count an answer."""
        self.latencies.append(answer.seconds)
        self.statuses[answer.status] += 1


def ask(
    port: int, requests: Iterable[bytes], seconds: float, rate: float | None = None, connections: int = CONNECTIONS
) -> Load:
    """Ask `requests` in turn over all connections, each as soon as its last answer is complete, and count."""
    load = Load()
    started = time.perf_counter()
    for answer in answers(port, cycle(requests), seconds, rate, connections):
        if answer is None:
            load.broken += 1
        else:
            load.add(answer)
    load.seconds = time.perf_counter() - started
    return load


def answers(
    port: int,
    requests: Iterable[bytes],
    seconds: float,
    rate: float | None = None,
    connections: int = CONNECTIONS,
    visit: int | None = None,
) -> Iterator[Answer | None]:
    """Each answer as it comes; None for a connection that ended without one, in whose place a new one is opened.

    Args:
        port: on this machine.
        requests: what to ask, one after the other.
        seconds: how long to ask; what was asked by then is waited for.
        rate: how many requests to begin per second, at most; a request that no connection was free for begins late, and
            its time counts from when it should have begun. By default as many as are answered.
        connections: how many.
        visit: how many requests a connection is used for before a new one takes its place; by default all.
    """
    pending = iter(requests)
    free: deque[socket.socket] = deque()
    asked: dict[socket.socket, float] = {}
    received: dict[socket.socket, bytearray] = {}
    left: dict[socket.socket, int] = {}
    started = time.perf_counter()
    begun = 0
    with selectors.DefaultSelector() as selector:

        def open_one() -> None:
            connection = socket.create_connection(("127.0.0.1", port), timeout=30)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ)
            free.append(connection)
            left[connection] = visit or sys.maxsize

        for _ in range(connections):
            open_one()
        while True:
            now = time.perf_counter() - started
            while free and now < seconds and (rate is None or begun < rate * now):
                connection = free.popleft()
                asked[connection] = started + (begun / rate if rate else now)
                received[connection] = bytearray()
                left[connection] -= 1
                connection.sendall(next(pending))
                begun += 1
            if now >= seconds and not asked:
                break
            for key, _ in selector.select(0.001 if rate else 1):
                connection = key.fileobj  # type: ignore[assignment]
                try:
                    part = connection.recv(65536)
                except OSError:
                    part = b""
                if not part:
                    selector.unregister(connection)
                    connection.close()
                    if connection in free:
                        free.remove(connection)
                    else:
                        del asked[connection]
                        yield None
                    open_one()
                    continue
                content = received[connection]
                content += part
                if _is_complete(content):
                    if left[connection]:
                        free.append(connection)
                    else:
                        selector.unregister(connection)
                        connection.close()
                        open_one()
                    began = asked.pop(connection)
                    taken = time.perf_counter() - began
                    yield Answer(began, taken, int(content[9:12]), bytes(content))
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]


def _is_complete(received: bytearray) -> bool:
    """Whether an answer has come to its end."""
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return False
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= int(length.split(b":")[1])
