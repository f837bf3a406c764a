"""A web server on loopback that writes down what it is asked, and whose answers fail just as a test wants them to."""

import socket
import struct
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Generic, Self, TypeVar


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request; several may be combined, and a `Fault()` is a good answer."""

    status: int | None = None  # answered, with `headers` and `body`, instead of doing what was asked for
    headers: Mapping[str, str] = field(default_factory=dict)  # added to the answer
    body: bytes = b""
    drop: bool = False  # the connection is closed: nothing is done, nothing answered
    lose_answer: bool = False  # it is done, but the connection is closed without an answer
    hide_length: bool = False  # no Content-Length: the end is where the connection closes
    cut_after: int | None = None  # bytes of the body sent before the connection is closed
    reset: bool = False  # the cut is an abort (RST), not an orderly close
    delay: float = 0.0  # seconds before the answer
    pause: float = 0.0  # seconds before each KiB of the body


FaultT = TypeVar("FaultT", bound=Fault)


@dataclass(frozen=True)
class Seen:
    """One request as it came; the names of `headers` may be asked for in any case."""

    method: str
    path: str  # with the query, percent-encoded
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What a request is answered with, before anything goes wrong."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class LoopbackServer(ABC, Generic[FaultT]):
    """Context manager; a subclass says what is answered, and what goes wrong with which request."""

    url: str  # once it listens

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.stopping = threading.Event()
        self._port = 0  # any free one at first, the same again after a restart

    @abstractmethod
    def next_fault(self, seen: Seen) -> FaultT:
        """What goes wrong with this request; it is asked once for each."""

    @abstractmethod
    def answer(self, seen: Seen, fault: FaultT) -> Answer:
        """Do what was asked for."""

    def stop(self) -> None:
        """The server dies: answers under way break off, and nobody answers any more. It keeps what it holds."""
        self.stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def restart(self) -> None:
        """The server comes back at the same address."""
        self.stopping.clear()
        self._http = _Http(self, self._port)
        self._port = self._http.server_port
        self.url = f"http://127.0.0.1:{self._port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def __enter__(self) -> Self:
        self.restart()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.stopping.is_set():
            self.stop()


class _Http(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for the answers under way, so that no socket stays open
    request_queue_size = 64  # of those who come at once; one too many would try again after a second

    def __init__(self, owner: LoopbackServer[Any], port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.owner = owner

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client that leaves early is none
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http
    timeout = 10  # seconds: a test that forgets to close its client fails instead of hanging

    def _handle(self) -> None:
        owner = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = Seen(self.command, self.path, self.headers, body)
        owner.seen.append(seen)
        fault = owner.next_fault(seen)
        self.close_connection = True
        if owner.stopping.wait(fault.delay) or fault.drop:
            return
        answer = owner.answer(seen, fault) if fault.status is None else Answer(fault.status, body=fault.body)
        if not fault.lose_answer:
            self._send(answer, fault)

    do_GET = do_HEAD = do_POST = do_PUT = _handle  # noqa: N815

    def _send(self, answer: Answer, fault: Fault) -> None:
        self.send_response(answer.status)
        length = {} if fault.hide_length else {"Content-Length": str(len(answer.body))}
        for name, value in {**answer.headers, **length, "Connection": "close", **fault.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        body = b"" if self.command == "HEAD" else answer.body[: fault.cut_after]
        for start in range(0, len(body), 1024):
            if self.server.owner.stopping.wait(fault.pause):
                break
            self.wfile.write(body[start : start + 1024])
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Tests read `seen`, not a log."""
