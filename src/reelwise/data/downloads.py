"""Fetches the published MovieLens data sets: resumed where they broke off, checked, and unpacked whole or not at all.

The zip is streamed to `.NAME.zip.part` and checked against the published md5; it is unpacked into a temporary folder,
its ratings are counted, and only then is it renamed to NAME. So a folder under the final name is always complete.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2

from reelwise._version import __version__
from reelwise.data.fetching import Part, Progress, Server, check_md5, fetch
from reelwise.data.unzip import ArchiveError, install
from reelwise.errors import DownloadError, UsageError

BASE_URL = "https://files.grouplens.org/datasets/movielens"
_HEADERS = {"User-Agent": f"reelwise/{__version__}", "Accept-Encoding": "identity"}  # sizes are those of the file

REDISTRIBUTABLE = "research use; may be redistributed under the same terms; commercial use needs permission"
NOT_REDISTRIBUTABLE = "research use; may NOT be redistributed; commercial use needs permission"


@dataclass(frozen=True)
class PublishedDataset:
    """One data set as GroupLens publishes it; the counts are those of its README.

    `ratings` is the exact number of rows that a download must hold, None where the set changes from edition to edition.
    """

    name: str
    ratings: int | None
    movies: int
    users: int
    year: int
    megabytes: int
    description: str
    licence: str


@dataclass(frozen=True)
class Downloaded:
    """What `download` did.

    `already_there`: the folder existed, nothing was fetched or counted. `ratings`: the rows counted, None if they were
    not. `md5_checked`: False where no md5 is published (or nothing was fetched).
    """

    folder: Path
    ratings: int | None
    md5_checked: bool
    already_there: bool


PUBLISHED = (
    PublishedDataset(
        "ml-latest-small", 100_836, 9_742, 610, 2018, 1, "small sample to try things with", REDISTRIBUTABLE
    ),
    PublishedDataset(
        "ml-latest", None, 86_537, 330_975, 2023, 335,
        "everything, a moving target: counts are the 2023 edition's (33,832,162 ratings), not checked", REDISTRIBUTABLE,
    ),
    PublishedDataset("ml-32m", 32_000_204, 87_585, 200_948, 2024, 239, "newest stable benchmark", REDISTRIBUTABLE),
    PublishedDataset("ml-25m", 25_000_095, 62_423, 162_541, 2019, 250, "stable benchmark", NOT_REDISTRIBUTABLE),
    PublishedDataset("ml-20m", 20_000_263, 27_278, 138_493, 2015, 190, "stable benchmark", NOT_REDISTRIBUTABLE),
    PublishedDataset("ml-10m", 10_000_054, 10_681, 71_567, 2009, 63, "half stars from 2003 on", NOT_REDISTRIBUTABLE),
    PublishedDataset("ml-1m", 1_000_209, 3_883, 6_040, 2003, 6, "whole stars, with demographics", NOT_REDISTRIBUTABLE),
    PublishedDataset("ml-100k", 100_000, 1_682, 943, 1998, 5, "the classic of 1998, whole stars", NOT_REDISTRIBUTABLE),
)  # fmt: skip


def published(name: str) -> PublishedDataset:
    """The published data set called `name`; raises UsageError, which lists the names, if there is none."""
    for dataset in PUBLISHED:
        if dataset.name == name:
            return dataset
    raise UsageError(f"no data set is called {name!r}; there are {', '.join(known.name for known in PUBLISHED)}")


def download(
    dataset: PublishedDataset,
    into: Path,
    *,
    force: bool = False,
    base_url: str = BASE_URL,
    on_progress: Progress | None = None,
    retries: int = 4,
    timeout: float = 30.0,
    sleep: Callable[[float], object] = time.sleep,
) -> Downloaded:
    """Fetches `dataset` to the folder `into / dataset.name`, which appears complete or not at all.

    A download that broke off, in this call or an earlier one, goes on where it stopped if the remote file is the same.

    Args:
        dataset: What to fetch; see `published`.
        into: The folder above; made if need be.
        force: Fetch again though the folder is there; it is replaced only once the new one is complete.
        base_url: The address that `NAME.zip` and `NAME.zip.md5` lie under, http or https.
        on_progress: Called with the bytes of the zip so far and in all (None if the server does not say).
        retries: How often to try again after a broken connection, a timeout or a 5xx answer.
        timeout: Seconds to wait for a connection, and for the next bytes.
        sleep: Waits the given seconds before trying again: 1, 2, 4, ... or what the server asks for.

    Raises:
        DownloadError: The data set could not be fetched, checked, unpacked or stored.
    """
    target = into / dataset.name
    if target.exists() and not force:
        return _already(target)
    url = f"{base_url.rstrip('/')}/{dataset.name}.zip"
    part = Part(into / f".{dataset.name}.zip.part")
    try:
        into.mkdir(parents=True, exist_ok=True)
        with part.kept_if_of_use():
            with httpx2.Client(headers=_HEADERS, timeout=timeout, follow_redirects=True, max_redirects=5) as client:
                server = Server(client, retries, sleep)
                server.persist(lambda: fetch(client, url, part, on_progress or _silent), url)
                md5_checked = check_md5(server, url, part.path)
            ratings = install(part.path, target, lambda folder: _check_ratings(dataset, folder))
            part.discard()
    except ArchiveError as fault:
        raise DownloadError(f"{url}: {fault}; the download was deleted, run the same command again") from fault
    except OSError as fault:
        raise DownloadError(f"could not fetch {url} to {into}: {fault}; check the folder and the disk") from fault
    return Downloaded(target, ratings, md5_checked, already_there=False)


def _already(target: Path) -> Downloaded:
    if _ratings_file(target) is None:
        raise DownloadError(f"{target} is there but holds no ratings; remove it, choose another folder, or force it")
    return Downloaded(target, None, md5_checked=False, already_there=True)


def _silent(done: int, total: int | None) -> None:
    """Nobody wants to know the progress."""


def _ratings_file(folder: Path) -> Path | None:
    candidates = (folder / name for name in ("ratings.csv", "ratings.dat", "u.data"))
    return next((path for path in candidates if path.is_file()), None)


def _check_ratings(dataset: PublishedDataset, folder: Path) -> int:
    """The number of ratings in `folder`; raises ArchiveError if that is not what is published."""
    path = _ratings_file(folder)
    if path is None:
        raise ArchiveError("it holds neither ratings.csv nor ratings.dat nor u.data")
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
