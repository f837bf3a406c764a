"""Fetching one file over HTTP: resumed where it broke off, tried again after errors that may pass, within limits.

This is written by hand because pooch (1.9) does not resume, does not wait as Retry-After says, tries a 404 again, and
looks at a slow download only when a whole block of it has come.
"""

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import NoReturn, TypeVar

import httpx2

from reelwise._network import OnBytes, is_transient, parse_http_date, parse_retry_after, redact_url
from reelwise.data.unzip import ArchiveError, require_space
from reelwise.errors import DownloadError, describe_error

HOME_PAGE = "https://grouplens.org/datasets/movielens/"
LONGEST_WAIT = 60.0  # seconds; where a server asks for more, the user decides
_TEXT = 4096  # bytes of a text that are read
_AGAIN = "run the same command again later, it goes on where it stopped if the server allows it"

T = TypeVar("T")


class _Transient(Exception):
    """An answer that the next attempt may not get; `wait` is how many seconds the server asked to wait, if it did."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True)
class Fetcher:
    """A client that does not give up at once, but does in the end.

    Attributes:
        client: Sends the requests.
        retries: How often to try again after a broken connection, a timeout or an answer that may pass.
        deadline: When a download is given up, by `time.monotonic`.
        sleep: Waits the given seconds before trying again.
    """

    client: httpx2.Client
    retries: int
    deadline: float
    sleep: Callable[[float], object] = time.sleep

    def fetch_text(self, url: str) -> str | None:
        """The first 4 KiB at `url`; None if there is nothing.

        Raises:
            DownloadError: Raised when the server cannot be asked.
        """
        return self._persist(lambda: self._receive_text(url), url)

    def fetch_file(self, url: str, path: Path, max_bytes: int, on_progress: OnBytes) -> None:
        """Complete the file at `path` with what is at `url`.

        What an earlier call left at `path` is continued if the file at `url` is still of the same time; `path` has that
        time, too, for the next call. What could not be continued is not left.

        Raises:
            DownloadError: Raised when it cannot be fetched before the deadline, or stored.
            ArchiveError: Raised when it is larger than announced, or than `max_bytes`.
        """
        self._persist(lambda: self._receive_file(url, path, max_bytes, on_progress), url)

    def _persist(self, attempt: Callable[[], T], url: str) -> T:
        """The result of `attempt`, repeated with growing pauses while it meets errors that may pass."""
        tried = 0
        while True:
            try:
                return attempt()
            except (_Transient, httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError) as error:
                offline = isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout))
                # A user who is offline should know at once; after the server has answered, a lost network may return.
                if tried == self.retries or (offline and tried == 0):
                    raise _give_up(error, redact_url(url), tried + 1) from error
                wait = error.wait if isinstance(error, _Transient) else None
                self.sleep(2.0**tried if wait is None else wait)
                tried += 1
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                reason = describe_error(error)
                raise DownloadError(f"could not download {redact_url(url)}: {reason}; check the address") from error

    def _receive_text(self, url: str) -> str | None:
        with self.client.stream("GET", url) as response:
            if response.is_client_error and not is_transient(response.status_code):
                return None
            if response.status_code != 200:
                _refuse(response)
            text = b""
            for part in response.iter_raw():
                text += part
                self._check_time(response)
                if len(text) >= _TEXT:
                    break
            return text[:_TEXT].decode("latin-1")

    def _receive_file(self, url: str, path: Path, max_bytes: int, on_progress: OnBytes) -> None:
        have = path.stat().st_size if path.exists() else 0
        since = int(path.stat().st_mtime) if have else None
        asked = {} if since is None else {"Range": f"bytes={have}-", "If-Range": formatdate(since, usegmt=True)}
        with self.client.stream("GET", url, headers=asked) as response:
            status, place = response.status_code, response.headers.get("Content-Range", "")
            modified = parse_http_date(response.headers.get("Last-Modified", ""))
            if have and status == 416 and place == f"bytes */{have}":
                on_progress(have, have)  # an earlier call had it all, but did not get to unpack it
                return
            if status == 200:
                length = response.headers.get("Content-Length")
                have, total = 0, None if length is None else int(length)
            elif have and (found := re.fullmatch(rf"bytes {have}-\d+/(\d+|\*)", place)) and modified in (None, since):
                modified, total = since, None if found[1] == "*" else int(found[1])
            elif have and status in (206, 416):
                path.unlink()
                raise _Transient("the server did not go on where the download stopped")
            else:
                _refuse(response)
            if total is not None and total > max_bytes:
                raise ArchiveError(f"{total:,} bytes are announced, but no more than {max_bytes:,} are expected")
            require_space(path.parent, (total or have) - have, f"downloading {_address(response)}")
            try:
                self._write(response, path, have, total, max_bytes, on_progress)
            except BaseException:
                if modified is None:
                    path.unlink(missing_ok=True)
                raise
            finally:
                if modified is not None and path.exists():
                    os.utime(path, (modified, modified))

    def _write(
        self, response: httpx2.Response, path: Path, done: int, total: int | None, max_bytes: int, on_progress: OnBytes
    ) -> None:
        on_progress(done, total)
        with path.open("ab" if done else "wb") as file:
            for chunk in response.iter_raw():
                done += file.write(chunk)
                if done > (max_bytes if total is None else total):
                    raise ArchiveError(f"more came than the {total or max_bytes:,} bytes that were expected")
                self._check_time(response)
                on_progress(done, total)
        if total is not None and done != total:
            raise _Transient(f"{done:,} bytes came instead of {total:,}")

    def _check_time(self, response: httpx2.Response) -> None:
        if time.monotonic() > self.deadline:
            raise DownloadError(f"{_address(response)} is too slow; {_AGAIN}")


def _give_up(error: Exception, url: str, tried: int) -> DownloadError:
    if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout)):
        host = error.request.url.host  # after a redirect not the host of `url`
        remedy = "check the network, or use ratings that you have (--data, or read_dataset in Python)"
        return DownloadError(f"could not reach {host} for {url}: {describe_error(error)}; {remedy}")
    return DownloadError(f"could not download {url}: {describe_error(error)} (tried {tried} times); {_AGAIN}")


def _refuse(response: httpx2.Response) -> NoReturn:
    reason = f"{_address(response)} answered {response.status_code} {response.reason_phrase}"
    if not is_transient(response.status_code):
        raise DownloadError(f"{reason}; check the address; {HOME_PAGE} lists what is published")
    wait = parse_retry_after(response.headers.get("Retry-After", ""))
    if wait is not None and wait > LONGEST_WAIT:
        raise DownloadError(f"{reason} and asks to come back in {wait:,.0f} seconds; run the same command again then")
    raise _Transient(reason, wait)


def _address(response: httpx2.Response) -> str:
    return redact_url(str(response.url))
