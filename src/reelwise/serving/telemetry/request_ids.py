"""A name for every request, to find its response, its log line and its traceback by."""

import re
from collections.abc import Iterable
from uuid import uuid4

HEADER = "X-Request-ID"

_SANE = re.compile(rb"[!-~]{1,128}")  # printable ASCII: it goes into headers and logs as it is
_NAME = HEADER.lower().encode()


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id that the client or a proxy gave the request, if it is short and printable; else a new one."""
    for name, value in headers:
        if name == _NAME and _SANE.fullmatch(value):
            return value.decode("ascii")
    return uuid4().hex
