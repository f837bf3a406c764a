"""A web server on loopback that serves files from memory, and fails just as the test's script says.

with MisbehavingServer({"/a.zip": data}) as server:
    server.script("/a.zip", Fault(cut_after=10), Fault(status=500))
    ...                       # first request: 10 bytes, second: 500, from the third on all is well
    assert server.seen[1].headers["Range"] == "bytes=10-"
"""

import hashlib
import re
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request; a `Fault()` is a good answer. Several may be combined."""

    status: int | None = None  # answered instead of the file
    headers: Mapping[str, str] = field(default_factory=dict)  # added to the answer
    cut_after: int | None = None  # bytes of the body sent before the connection is closed
    reset: bool = False  # the cut is an abort (RST), not an orderly close
    pause: float = 0.0  # seconds before each byte of the body
    ignore_range: bool = False  # the whole file, whatever was asked for
    ignore_if_range: bool = False  # a part of the file, although it changed
    hide_length: bool = False  # no Content-Length: the end is where the connection closes
    new_content: bytes | None = None  # the file changes just before this request


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]


class MisbehavingServer:
    """Context manager; `files` (path to content) may be changed at any time, `validators=False` means no ETag."""

    def __init__(self, files: dict[str, bytes], *, validators: bool = True) -> None:
        self.files = files
        self.validators = validators
        self.seen: list[Seen] = []
        self.stopping = threading.Event()
        self._faults: dict[str, deque[Fault]] = {}
        self._http = _Http(self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def script(self, path: str, *faults: Fault) -> None:
        """The next requests for `path` meet these faults, one each, in this order."""
        self._faults.setdefault(path, deque()).extend(faults)

    def next_fault(self, path: str) -> Fault:
        faults = self._faults.get(path)
        return faults.popleft() if faults else Fault()

    def requests_for(self, path: str) -> list[Seen]:
        return [request for request in self.seen if request.path == path]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for the answers under way, so that no socket stays open

    def __init__(self, owner: MisbehavingServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client that leaves early is none
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http
    timeout = 10  # seconds: a test that forgets to close its client fails instead of hanging

    def do_GET(self) -> None:
        owner = self.server.owner
        owner.seen.append(Seen(self.path, dict(self.headers)))
        fault = owner.next_fault(self.path)
        if fault.new_content is not None:
            owner.files[self.path] = fault.new_content
        content = owner.files.get(self.path)
        if fault.status is not None:
            self._answer(fault.status, {}, b"", fault)
        elif content is None:
            self._answer(404, {}, b"", fault)
        else:
            self._serve(content, fault)

    def _serve(self, content: bytes, fault: Fault) -> None:
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {"ETag": tag} if self.server.owner.validators else {}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        same = fault.ignore_if_range or self.headers.get("If-Range", tag) == tag
        if asked is None or fault.ignore_range or not same:
            self._answer(200, headers, content, fault)
        elif (start := int(asked[1])) >= len(content):
            self._answer(416, headers | {"Content-Range": f"bytes */{len(content)}"}, b"", fault)
        else:
            place = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._answer(206, headers | {"Content-Range": place}, content[start:], fault)

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes, fault: Fault) -> None:
        self.send_response(status)
        length = {} if fault.hide_length else {"Content-Length": str(len(body))}
        for name, value in {**headers, **length, "Connection": "close", **fault.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self._send(body[: fault.cut_after], fault.pause)
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _send(self, body: bytes, pause: float) -> None:
        if not pause:
            self.wfile.write(body)
            return
        for byte in body:
            if self.server.owner.stopping.wait(pause):
                return
            self.wfile.write(bytes([byte]))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Tests read `seen`, not a log."""
