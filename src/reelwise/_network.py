"""Shared by all that fetches over a network: progress, retries, and the cache."""

import email.utils
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

# What stands before the host, and may hold slashes, as keys of AWS do: up to an @, with a colon or without a slash.
_CREDENTIALS = re.compile(r"(?<=:)(/{1,2})(?!/)(?:[^/]*:.*|[^/]*)@", re.DOTALL)

OnBytes = Callable[[int, int | None], None]
"""Called with the bytes that are done, and those in all where that is known; an exception ends the work."""


def is_transient(status: int) -> bool:
    """Whether the same request may get another answer than this HTTP status a little later."""
    return status >= 500 or status in (408, 429)


def parse_retry_after(value: str) -> float | None:
    """Seconds from now, from a Retry-After header: a number of seconds or an HTTP date; None if it is neither."""
    if value.isdecimal():
        return float(value)
    date = parse_http_date(value)
    return None if date is None else max(0.0, date - time.time())


def parse_http_date(value: str) -> float | None:
    """Seconds since the epoch, from a header such as Last-Modified; None if it is not a date."""
    try:
        return email.utils.parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None


def redact_url(url: str) -> str:
    """A URL as it may be shown and logged: without the secrets that credentials, a query and a fragment can be."""
    return re.split(r"[?#]", _CREDENTIALS.sub(r"\1", url))[0]


def cache_folder(kind: str) -> Path:
    """The folder for fetched files of one kind: `$XDG_CACHE_HOME/reelwise/KIND`, by default under ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reelwise" / kind
