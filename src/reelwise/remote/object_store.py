"""A model folder, or a zip of one, fetched from S3, Google Cloud, a web server or whatever else fsspec reads.

What the store says of the files (ETag, times, sizes) makes their version. In the cache, `ADDRESS/VERSION` holds the
files and `ADDRESS/latest` names the newest version; both names are digests, since an address may hold secrets.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from filelock import FileLock
from fsspec.callbacks import Callback
from fsspec.core import url_to_fs

from reelwise.artifacts.atomic import replacing
from reelwise.artifacts.config import read_config
from reelwise.artifacts.folder import FILES
from reelwise.artifacts.integrity import check_integrity
from reelwise.data.unzip import require_space
from reelwise.errors import DownloadError, ModelError
from reelwise.remote.addresses import Progress, Warn, shown_address
from reelwise.remote.model_zip import unpack_model

_Listing = dict[str, dict[str, Any]]  # what the store says of each file, by the name that it gets here

_HTTP = ("http://", "https://")
_UNMARKED = {"name", "size", "type", "mimetype", "partial"}  # all else that a store says changes with the content
_ZIP = "model.zip"  # what a zip is called until it is unpacked; no file of the format has this name


class _Missing(DownloadError):
    """The store has nothing of this name."""


class _Unreachable(DownloadError):
    """The store does not answer, or not to the end."""


class _Stopped(Exception):
    """Carries what `on_progress` raised: fsspec's thread would lose a KeyboardInterrupt, an OSError be misread."""

    def __init__(self, reason: BaseException) -> None:
        self.reason = reason


def cache_folder() -> Path:
    """Where fetched models are kept: `$XDG_CACHE_HOME/reelwise/models`, by default under ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reelwise" / "models"


def fetch_remote(address: str, on_progress: Progress = lambda *_: None, warn: Warn = lambda _: None) -> Path:
    """Bring the model folder at `address` into the cache, unless it is there already, and say where it is.

    If the store cannot be reached, what was fetched from this address before will do.

    Args:
        address: the URL of a folder (s3://bucket/path/model, gs://…, https://…), or of a .zip that holds the files of
            one at its root or in its one top folder.
        on_progress: called with the bytes so far and in all (None if the store does not say). What it raises ends the
            download and comes out here; nothing half-written stays.
        warn: called with a sentence where an earlier copy is used because the store cannot be reached.

    Returns:
        A folder with those files of the format that the store has, and no others.

    Raises:
        DownloadError: in one line, with the address but without its query and credentials.
        ModelError: if the files are not those that the model's `config.json` describes.
    """
    shelf = cache_folder() / _digest(address)
    try:
        return _fetched(_Store.at(address), shelf, on_progress)
    except _Stopped as stopped:
        raise stopped.reason from stopped.reason.__cause__
    except _Unreachable as fault:
        if (kept := _latest(shelf)) is None:
            raise
        warn(f"{fault}. Until then, what was fetched from there before is used")
        return kept
    except OSError as fault:
        why = f"{shelf.parent} cannot hold it ({fault.strerror or type(fault).__name__})"
        raise DownloadError(
            f"{shown_address(address)}: {why}; make room, or set XDG_CACHE_HOME to another folder"
        ) from None


def _fetched(store: "_Store", shelf: Path, on_progress: Progress) -> Path:
    listing = store.listing()
    folder = shelf / _version(listing)
    if _latest(shelf) == folder:
        return folder
    shelf.mkdir(parents=True, exist_ok=True)
    with FileLock(shelf / ".lock"):
        if _latest(shelf) != folder:  # another process may have fetched it while this one waited
            with replacing(folder) as fresh:
                store.download(listing, fresh, on_progress)
                _check(fresh, store.address)
            _set_latest(folder)
    return folder


def _check(folder: Path, address: str) -> None:
    """Refuse files that are not those of the model."""
    try:
        check_integrity(folder, read_config(folder / "config.json").sha256)
    except ModelError as fault:
        raise ModelError(str(fault).replace(str(folder), shown_address(address))) from None


def _version(listing: _Listing) -> str:
    if not all(info.keys() - _UNMARKED for info in listing.values()):
        return uuid.uuid4().hex  # a change would go unnoticed, so no earlier copy counts as current
    return _digest(json.dumps(listing, sort_keys=True, default=str))


def _latest(shelf: Path) -> Path | None:
    with suppress(OSError, UnicodeDecodeError):
        folder = shelf / (shelf / "latest").read_text(encoding="ascii")
        if (folder / "config.json").is_file():
            return folder
    return None


def _set_latest(folder: Path) -> None:
    """Point to `folder`, then remove what else is there: older versions, and what a crash left half-written."""
    draft = folder.with_name("latest.new")
    draft.write_text(folder.name, encoding="ascii")
    draft.replace(folder.with_name("latest"))
    for other in folder.parent.iterdir():
        if other.is_dir() and other != folder:
            shutil.rmtree(other, ignore_errors=True)


@dataclass(frozen=True)
class _Store:
    """What lies at one address: a folder of files, or a zip of them."""

    address: str
    files: Any  # fsspec is untyped
    path: str

    @classmethod
    def at(cls, address: str) -> Self:
        with _in_words(address):
            options = _http_options() if address.startswith(_HTTP) else {}
            return cls(address, *url_to_fs(address, skip_instance_cache=True, **options))

    def listing(self) -> _Listing:
        """The zip, or the files of the folder that belong to the format."""
        if re.search(r"\.zip($|[?#])", self.address, re.IGNORECASE):
            return {_ZIP: self._info(self.path)}
        listing = self._asked_for() if self.address.startswith(_HTTP) else self._listed()
        if "config.json" not in listing:
            raise DownloadError(
                f"{shown_address(self.address)}: no model folder, there is no config.json; check the address"
            )
        return listing

    def _listed(self) -> _Listing:
        with _in_words(self.address):
            entries = self.files.ls(self.path, detail=True)
        named = {info["name"].rpartition("/")[2]: info for info in entries if info["type"] == "file"}
        return {name: named[name] for name in FILES if name in named}

    def _asked_for(self) -> _Listing:
        """As `_listed`, from a web server, which lists nothing."""
        folder, mark, query = self.path.partition("?")
        listing = {}
        for name in FILES:
            with suppress(_Missing):
                listing[name] = self._info(f"{folder.rstrip('/')}/{name}{mark}{query}")
        return listing

    def _info(self, path: str) -> dict[str, Any]:
        with _in_words(self.address):
            info: dict[str, Any] = self.files.info(path)
        info.pop("url", None)  # where a redirect led to; it may be signed anew each time
        return info

    def download(self, listing: _Listing, into: Path, on_progress: Progress) -> None:
        """Fill the folder `into` with the files of `listing`, unpacked if they come as a zip."""
        shown = shown_address(self.address)
        sizes = [info["size"] for info in listing.values()]
        total = None if None in sizes else sum(sizes)
        require_space(into, total or 0, f"{shown}: the download")
        callback = Callback(hooks={"progress": lambda _, value: _report(on_progress, value, total)})
        done = 0
        for name, info in listing.items():
            with _in_words(self.address):
                self.files.get_file(info["name"], str(into / name), callback=callback)
                size = (into / name).stat().st_size
                done += size
                callback.absolute_update(done)  # not every store counts as it goes
            if info["size"] not in (size, None):
                raise _Unreachable(f"{shown}: {size:,} bytes of {name} came instead of {info['size']:,}; try again")
        if _ZIP in listing:
            unpack_model(into / _ZIP, shown)
            (into / _ZIP).unlink()
        elif self.listing() != listing:
            raise DownloadError(f"{shown}: changed while it was fetched; try again")


def _report(on_progress: Progress, done: int, total: int | None) -> None:
    try:
        on_progress(done, total)
    except BaseException as reason:
        raise _Stopped(reason) from reason


def _http_options() -> dict[str, Any]:
    import aiohttp  # comes with the extra

    patience = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)  # else all of it must come in 5 minutes
    plain = {"Accept-Encoding": "identity"}  # so that sizes are those of the files
    return {"headers": plain, "client_kwargs": {"timeout": patience, "trust_env": True}}


@contextmanager
def _in_words(address: str) -> Iterator[None]:
    """Say what a store raises as a DownloadError, in our words: its own may hold the address with its secrets."""
    shown = shown_address(address)
    try:
        yield
    except (DownloadError, _Stopped):
        raise
    except ImportError as fault:
        remedy = 'python3 -m pip install "reelwise[stores]" has those for s3, gs and https'
        raise DownloadError(f"{shown}: this store needs another package ({_line(fault)}); {remedy}") from None
    except Exception as fault:
        if isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        wrapped = address.startswith(_HTTP) and isinstance(fault, FileNotFoundError)  # so fsspec calls all HTTP faults
        raise _told(shown, fault.__cause__ or fault if wrapped else fault) from None


def _told(shown: str, fault: BaseException) -> DownloadError:
    status = next((code for name in ("status", "code") if isinstance(code := getattr(fault, name, None), int)), 0)
    kind = type(fault).__name__
    why = f"it answers {status}" if status else _line(getattr(fault, "strerror", None) or kind)
    if isinstance(fault, FileNotFoundError) or status in (404, 410):
        return _Missing(f"{shown}: the store has nothing there; check the address")
    forbidden = isinstance(fault, PermissionError) or "Credential" in kind or str(fault).startswith("Forbidden")
    if forbidden or (400 <= status < 500 and status not in (408, 429)):
        return DownloadError(f"{shown}: the store refuses access ({why}); check the credentials and the address")
    if isinstance(fault, ValueError) and not isinstance(fault, OSError):  # certificate errors are both
        return DownloadError(
            f"{shown}: not an address to fetch from; name a folder or a .zip at s3://…, gs://…, https://…"
        )
    return _Unreachable(f"{shown}: the store cannot be read ({why}); check the network and the address, and try again")


def _line(fault: object) -> str:
    return " ".join(str(fault).split())[:100]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
