"""Fetching one file over HTTP: resumed where it broke off, tried again after faults that may pass, checked by md5."""

import contextlib
import email.utils
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

import httpx2

from reelwise.data.unzip import ArchiveError, require_space
from reelwise.errors import DownloadError

HOME_PAGE = "https://grouplens.org/datasets/movielens/"
LONGEST_WAIT = 60.0  # seconds; a server that asks for more is told to the user instead of waited for

T = TypeVar("T")
Progress = Callable[[int, int | None], None]


class _PassingError(Exception):
    """An answer that the next attempt may not get; `wait` is how many seconds the server asked to wait, if it did."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True)
class Server:
    """A client that does not give up at once."""

    client: httpx2.Client
    retries: int
    sleep: Callable[[float], object]

    def persist(self, attempt: Callable[[], T], url: str) -> T:
        """The result of `attempt`, repeated with growing pauses while it meets faults that may pass."""
        tried = 0
        while True:
            try:
                return attempt()
            except (_PassingError, httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError) as fault:
                offline = isinstance(fault, (httpx2.ConnectError, httpx2.ConnectTimeout))
                # Whoever is offline should hear it at once; once the server has answered, a lost network may return.
                if tried == self.retries or (offline and tried == 0):
                    raise _given_up(fault, url, tried + 1) from fault
                asked = fault.wait if isinstance(fault, _PassingError) else None
                self.sleep(2.0**tried if asked is None else asked)
                tried += 1
            except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
                raise DownloadError(f"could not download {url}: {_line(fault)}; check the address") from fault


def _given_up(fault: Exception, url: str, tried: int) -> DownloadError:
    if isinstance(fault, (httpx2.ConnectError, httpx2.ConnectTimeout)):
        host = fault.request.url.host  # after a redirect not the host of `url`
        return DownloadError(
            f"could not reach {host} for {url}: {_line(fault)}; check the network or use --data with a folder you have"
        )
    return DownloadError(
        f"could not download {url}: {_line(fault)} (tried {tried} times); "
        "run the same command again later, it goes on where it stopped if the server allows it"
    )


def _where(response: httpx2.Response) -> str:
    return str(response.url.copy_with(query=None))  # after a redirect the query may hold a signature


def _line(fault: Exception) -> str:
    return " ".join(str(fault).split()).rstrip(".") or type(fault).__name__


def _may_pass(status: int) -> bool:
    return status >= 500 or status in (408, 429)


def _raise_for(response: httpx2.Response) -> NoReturn:
    why = f"{_where(response)} answered {response.status_code} {response.reason_phrase}"
    if not _may_pass(response.status_code):
        raise DownloadError(f"{why}; check the address, {HOME_PAGE} tells what is published")
    wait = _retry_after(response.headers.get("Retry-After", ""))
    if wait is not None and wait > LONGEST_WAIT:
        raise DownloadError(f"{why} and asks to come back in {wait:,.0f} seconds; run the same command again then")
    raise _PassingError(why, wait)


def _retry_after(value: str) -> float | None:
    """Seconds from now, out of a number of seconds or an HTTP date; None if it is neither."""
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


class Part:
    """A download under way: the bytes so far, and beside them the version of the remote file that they are from."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._version = path.with_name(f"{path.name}.version")

    @property
    def version(self) -> str:
        """What If-Range may ask for; empty if there is nothing that could safely be asked for."""
        try:
            text = self._version.read_bytes().decode("ascii")
        except (FileNotFoundError, UnicodeDecodeError):
            return ""
        return text if text.isprintable() else ""

    def resumable(self) -> int:
        """How many bytes are there to go on from."""
        return self.path.stat().st_size if self.version and self.path.exists() else 0

    def begin(self, version: str) -> None:
        """Starts over, with nothing yet of the remote file in this `version`."""
        self.discard()
        self.path.touch()
        self._version.write_text(version, encoding="utf-8")

    @contextlib.contextmanager
    def kept_if_of_use(self) -> Iterator[None]:
        """Deletes at the end what no later call could go on from."""
        try:
            yield
        except ArchiveError:
            self.discard()
            raise
        finally:
            if not self.resumable():
                self.discard()

    def discard(self) -> None:
        """Deletes what came so far."""
        self._version.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


def _version_of(headers: httpx2.Headers) -> str:
    """The validator for If-Range: a strong ETag (a weak one does not promise the same bytes), or the date, or empty."""
    tag = str(headers.get("ETag", ""))
    return tag if tag.startswith('"') else str(headers.get("Last-Modified", ""))


def fetch(client: httpx2.Client, url: str, part: Part, on_progress: Progress) -> None:
    """One attempt to complete `part`; raises what `Server.persist` understands."""
    have = part.resumable()
    headers = {"Range": f"bytes={have}-", "If-Range": part.version} if have else {}
    with client.stream("GET", url, headers=headers) as response:
        content_range = response.headers.get("Content-Range", "")
        if have and response.status_code == 416 and content_range == f"bytes */{have}":
            on_progress(have, have)  # an earlier call had it all, but did not get to unpack it
        elif have and response.status_code in (206, 416):
            _receive(response, part, have, _total_of_rest(response, part, have), on_progress)
        elif response.status_code == 200:
            part.begin(_version_of(response.headers))
            length = response.headers.get("Content-Length")
            _receive(response, part, 0, None if length is None else int(length), on_progress)
        else:
            _raise_for(response)


def _total_of_rest(response: httpx2.Response, part: Part, have: int) -> int | None:
    """The size of the whole file, from the answer to a request to go on after `have` bytes of this version."""
    match = re.fullmatch(rf"bytes {have}-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if match is None or _version_of(response.headers) not in ("", part.version):
        part.discard()
        raise _PassingError("the server did not go on where the download stopped")
    return None if match[1] == "*" else int(match[1])


def _receive(response: httpx2.Response, part: Part, done: int, total: int | None, on_progress: Progress) -> None:
    require_space(part.path.parent, (total or done) - done, f"downloading {_where(response)}")
    on_progress(done, total)
    with part.path.open("ab") as file:
        for chunk in response.iter_raw():
            done += file.write(chunk)
            on_progress(done, total)
    if total is not None and done != total:
        raise _PassingError(f"{done:,} bytes came instead of {total:,}")


def check_md5(server: Server, url: str, path: Path) -> bool:
    """Whether an md5 is published for `url`; raises ArchiveError if `path` has another one."""
    answer = server.persist(lambda: _fetch_md5(server.client, f"{url}.md5"), f"{url}.md5")
    if answer is None:
        return False
    # Seen in the wild: `MD5 (x.zip) = HEX`, `HEX  x.zip`, and HEX alone.
    match = re.search(r"\b[0-9a-fA-F]{32}\b", answer)
    if match is None:
        raise DownloadError(f"{url}.md5 holds no md5, so the download cannot be checked; try again later")
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if actual != match[0].lower():
        raise ArchiveError(f"its md5 is {actual}, but {match[0].lower()} is published")
    return True


def _fetch_md5(client: httpx2.Client, url: str) -> str | None:
    """The text of the md5 file, or None where there is none."""
    with client.stream("GET", url) as response:
        if response.is_client_error and not _may_pass(response.status_code):
            return None
        if response.status_code != 200:
            _raise_for(response)
        return next(response.iter_bytes(4096), b"").decode("latin-1")  # no more than a hash is wanted
