"""Fetches the published MovieLens data sets: resumed where they broke off, checked, and unpacked whole or not at all.

The zip is streamed to `.NAME.zip.part` and checked against the published md5; it is unpacked into a temporary folder,
its ratings are counted, and only then is it renamed to NAME. So a folder under the final name is always complete.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
from filelock import FileLock

from reelwise._network import OnBytes, redact_url
from reelwise._version import __version__
from reelwise.data.digest import md5_of
from reelwise.data.fetching import Fetcher
from reelwise.data.published import BASE_URL, PublishedDataset
from reelwise.data.unzip import ArchiveError, unzip
from reelwise.errors import DownloadError
from reelwise.storage.atomic import replacing

_RATINGS = ("ratings.csv", "ratings.dat", "u.data")  # in any generation's folder one of them has the ratings
_HEADERS = {"User-Agent": f"reelwise/{__version__}", "Accept-Encoding": "identity"}  # sizes are those of the file


@dataclass(frozen=True)
class Downloaded:
    """The result of `download`.

    `already_there`: the folder existed, nothing was fetched or counted. `ratings`: the rows counted, None if they were
    not. `md5_checked`: False where no md5 is published (or nothing was fetched).
    """

    folder: Path
    ratings: int | None
    md5_checked: bool
    already_there: bool


def download(
    dataset: PublishedDataset,
    into: Path,
    *,
    force: bool = False,
    base_url: str = BASE_URL,
    on_progress: OnBytes = lambda *_: None,
    retries: int = 4,
    timeout: float = 30.0,
    max_seconds: float = 4 * 3600.0,
    sleep: Callable[[float], object] = time.sleep,
) -> Downloaded:
    """Fetch `dataset` to the folder `into / dataset.name`, which appears complete or not at all.

    A download that broke off, in this call or an earlier one, goes on where it stopped if the remote file is the same.

    Args:
        dataset: What to fetch; see `published`.
        into: The folder above; made if need be.
        force: Fetch again though the folder is there; it is replaced only once the new one is complete.
        base_url: The address that `NAME.zip` and `NAME.zip.md5` lie under, http or https.
        on_progress: Called with the bytes of the zip so far and in all (None if the server does not say).
        retries: How often to try again after a broken connection, a timeout or a 5xx answer.
        timeout: Seconds to wait for a connection, and for the next bytes.
        max_seconds: How long all of it may take.
        sleep: Waits the given seconds before trying again: 1, 2, 4, ... or what the server asks for.

    Raises:
        DownloadError: Raised when the data set cannot be fetched, checked, unpacked or stored.
    """
    target = into / dataset.name
    there = Downloaded(target, None, md5_checked=False, already_there=True)
    if not force and _is_there(target):
        return there
    url = f"{base_url.rstrip('/')}/{dataset.name}.zip"
    shown = redact_url(url)
    part = into / f".{dataset.name}.zip.part"
    try:
        into.mkdir(parents=True, exist_ok=True)
        with FileLock(into / f".{dataset.name}.zip.lock"):
            if not force and _is_there(target):  # another process fetched it while this one waited
                return there
            try:
                with httpx2.Client(headers=_HEADERS, timeout=timeout, follow_redirects=True, max_redirects=5) as client:
                    fetcher = Fetcher(client, retries, time.monotonic() + max_seconds, sleep)
                    md5 = _published_md5(fetcher, f"{url}.md5")
                    fetcher.fetch_file(url, part, 2_000_000 * dataset.megabytes, on_progress)
                if md5 and (found := md5_of(part)) != md5:
                    raise ArchiveError(f"its md5 is {found}, but {md5} is published")
                ratings = _install(dataset, part, target)
                part.unlink()
            except ArchiveError as error:
                part.unlink(missing_ok=True)
                raise DownloadError(
                    f"{shown}: {error}; the download was deleted, run the same command again"
                ) from error
    except OSError as error:
        raise DownloadError(f"could not fetch {shown} to {into}: {error}; check the folder and the disk") from error
    return Downloaded(target, ratings, md5_checked=md5 is not None, already_there=False)


def _is_there(target: Path) -> bool:
    """Whether the folder is there already.

    Raises:
        DownloadError: Raised when it holds no ratings.
    """
    if not target.exists():
        return False
    if not any((target / name).is_file() for name in _RATINGS):
        raise DownloadError(f"{target} is there but holds no ratings; remove it, name another folder, or force it")
    return True


def _published_md5(fetcher: Fetcher, url: str) -> str | None:
    """The md5 at `url`; None if none is published."""
    text = fetcher.fetch_text(url)
    if text is None:
        return None
    # Seen in the wild: `MD5 (x.zip) = HEX`, `HEX  x.zip`, and HEX alone.
    found = re.search(r"\b[0-9a-fA-F]{32}\b", text)
    if found is None:
        raise DownloadError(f"{redact_url(url)} holds no md5, so the download cannot be checked; try again later")
    return found[0].lower()


def _install(dataset: PublishedDataset, archive: Path, target: Path) -> int:
    """Put the folder in `archive` in place of `target` once its ratings are counted; return their number."""
    with replacing(target) as folder:
        unzip(archive, folder, marks=_RATINGS)
        return _count_ratings(dataset, next(path for name in _RATINGS if (path := folder / name).is_file()))


def _count_ratings(dataset: PublishedDataset, path: Path) -> int:
    """The number of ratings in the file; raises ArchiveError if that is not what is published."""
    ratings = _count_lines(path) - (path.suffix == ".csv")  # only the CSV has a header
    if ratings < 1 or dataset.ratings not in (None, ratings):
        expected = "some" if dataset.ratings is None else f"{dataset.ratings:,}"
        raise ArchiveError(f"its {path.name} holds {ratings:,} ratings instead of {expected}")
    return ratings


def _count_lines(path: Path) -> int:
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return lines + (last != b"\n")
