"""A name for every request, to find its response, its log line and its traceback by."""

import re
import secrets
from collections.abc import Iterable

HEADER = "X-Request-ID"

_SANE = re.compile(rb"[!-~]{1,128}")  # printable ASCII: it goes into headers and logs as it is
RAW_HEADER = HEADER.lower().encode()


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id that the client or a proxy gave the request, if it is short and printable; else a new one."""
    for name, value in headers:
        if name == RAW_HEADER and _SANE.fullmatch(value):
            return value.decode("ascii")
    return secrets.token_hex(16)
