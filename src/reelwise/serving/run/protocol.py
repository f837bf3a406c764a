"""HTTP as uvicorn speaks it, but for what it answers by itself, and for clients that have said all they will."""

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from reelwise.serving.middleware.response_headers import complete
from reelwise.serving.problems import ProblemResponse

LONGEST_HEAD = 64 << 10  # bytes of the first line and the headers
_REFUSALS = {
    HTTPStatus.BAD_REQUEST: "This is no HTTP request that the server understands; the connection ends here.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        f"The path, the query and the headers are longer than {LONGEST_HEAD:,} bytes together."
    ),
}


class ProblemProtocol(HttpToolsProtocol):
    """Refuses what is no HTTP with a problem, as every other refusal, and with the same headers."""

    _is_in_head, _head_bytes, _coming, _has_ended = False, 0, 0, False
    _fault = HTTPStatus.BAD_REQUEST  # of what the parser gives up

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its headers have come; too many of them are refused.

        Raises:
            ValueError: Raised when they are too long, so that the parser gives up.
        """
        self._is_in_head = False
        if self._head_bytes + self._coming > LONGEST_HEAD:  # or what was sent after the head
            headers = sum(len(name) + len(b": ") + len(value) + len(b"\r\n") for name, value in self.headers)
            if len(self.url) + headers > LONGEST_HEAD:
                self._fault = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                raise ValueError
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read some bytes; headers without end are refused."""
        self._coming = len(data)
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > LONGEST_HEAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def send_400_response(self, _msg: str) -> None:
        """Answer a request that cannot be read; the application never hears of it."""
        self._refuse(self._fault)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Go on answering a client that sends no more but has asked all of a question; else the connection ends."""
        cycle = self.cycle  # of the last question
        self._has_ended = cycle is not None and not cycle.more_body and not cycle.response_complete
        return self._has_ended

    def on_response_complete(self) -> None:
        """Go on with what was asked next; where nothing more will be, the connection ends."""
        super().on_response_complete()
        if self._has_ended and self.cycle.response_complete:
            self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: whoever asks for another protocol is answered in this one."""

    def _refuse(self, status: HTTPStatus) -> None:
        if self.transport.is_closing():
            return
        refusal = ProblemResponse(status, _REFUSALS[status], {"Connection": "close"})
        headers = complete([*self.server_state.default_headers, *refusal.raw_headers], is_file=False, model=None)
        lines = [STATUS_LINE[status], *(b"%b: %b\r\n" % header for header in headers), b"\r\n", bytes(refusal.body)]
        self.transport.write(b"".join(lines))
        self.transport.close()
