"""A model folder, or a zip of one, fetched from S3, Google Cloud, a web server or whatever else fsspec reads.

What the store says of the files (ETag, times, sizes) makes their version. In the cache, `ADDRESS/VERSION` holds the
files and `ADDRESS/latest` names the newest version; both names are digests, since an address may hold secrets.
"""

import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock
from fsspec.asyn import sync
from fsspec.callbacks import Callback
from fsspec.core import url_to_fs

from reelwise._network import cache_folder
from reelwise.artifacts.config import Config, read_config
from reelwise.artifacts.files import FILES
from reelwise.artifacts.integrity import check_integrity, names_of
from reelwise.data.unzip import ArchiveError, require_space, unzip
from reelwise.errors import DownloadError, ModelError
from reelwise.remote.addresses import OnBytes, Warn, redact_address
from reelwise.remote.bounds import MOST_BYTES, bounded
from reelwise.remote.copies import is_whole, naming, note_whole, read_note
from reelwise.remote.translate_errors import HTTP, NothingThere, Refused, Stopped, Unreachable, translate_store_errors
from reelwise.storage.atomic import replacing
from reelwise.storage.json_files import LARGEST_JSON
from reelwise.storage.working_folders import working_folder

_Listing = dict[str, dict[str, Any]]  # what the store says of each file, by the name that it gets here

_UNMARKED = {"name", "size", "type", "mimetype", "partial"}  # all else that a store says changes with the content
_LATEST = "latest"
_ZIP = "model.zip"  # what a zip is called until it is unpacked; no file of the format has this name


def fetch(address: str, on_progress: OnBytes = lambda *_: None, warn: Warn = lambda _: None) -> Path:
    """Bring the model folder at `address` into the cache, unless it is there already, and say where it is.

    If the store cannot be reached, or what is there is broken, what was fetched from this address before is used.

    Args:
        address: the URL of a folder (s3://bucket/path/model, gs://…, https://…), or of a .zip that holds the files of
            one at its root or in its one top folder.
        on_progress: called with the bytes so far and in all (None if the store does not say). What it raises ends the
            download and comes out here; nothing half-written stays.
        warn: called with a sentence where an earlier copy is used instead.

    Returns:
        A folder with those files of the format that the store has, and no others.

    Raises:
        DownloadError: Raised when they cannot be fetched; one line with the address, without its query and credentials.
        ModelError: Raised when no model is there, or its files are not those that `config.json` lists.
    """
    shelf = cache_folder("models") / _digest(address)
    try:
        with _open_store(address) as store:
            return _update(shelf, store, on_progress)
    except Stopped as stopped:
        raise stopped.reason from stopped.reason.__cause__
    except (Unreachable, ModelError) as error:
        if (kept := _find_latest(shelf)) is None:
            raise
        warn(f"{error}. Until then, what was fetched from there before is used")
        return kept
    except OSError as error:
        reason = f"{shelf.parent} cannot hold it ({error.strerror or type(error).__name__})"
        remedy = "make room, or set XDG_CACHE_HOME to another folder"
        raise DownloadError(f"{redact_address(address)}: {reason}; {remedy}") from None


def _update(shelf: Path, store: "_Store", on_progress: OnBytes) -> Path:
    """The folder on the shelf with the newest version, which is fetched if it is not there."""
    listing = store.list_files()
    folder = shelf / _version_of(listing)
    if _find_latest(shelf) == folder:
        return folder
    shelf.mkdir(parents=True, exist_ok=True)
    with FileLock(shelf / ".lock"):
        if _find_latest(shelf) != folder:  # another process may have fetched it while this one waited
            with replacing(folder) as fresh:
                store.download(listing, fresh, on_progress)
                with naming(store.shown, fresh):
                    check_integrity(fresh, read_config(fresh / "config.json").sha256)
            _set_latest(folder)
    return folder


def _version_of(listing: _Listing) -> str:
    if not all(info.keys() - _UNMARKED for info in listing.values()):
        return uuid.uuid4().hex  # a change would go unnoticed, so no earlier copy counts as current
    return _digest(json.dumps(listing, sort_keys=True, default=str))


def _find_latest(shelf: Path) -> Path | None:
    note = shelf / _LATEST
    name = read_note(note)
    return shelf / name if name and is_whole(note, shelf / name) else None


def _set_latest(folder: Path) -> None:
    """Note `folder` as the newest, then remove older versions and what a crash left half-written."""
    note_whole(folder.with_name(_LATEST), folder)
    for other in folder.parent.iterdir():
        if other.is_dir() and other != folder:
            shutil.rmtree(other, ignore_errors=True)


@contextmanager
def _open_store(address: str) -> Iterator["_Store"]:
    """Open the store at `address`; its connections are closed at the end."""
    is_web = address.startswith(HTTP)
    with translate_store_errors(address):
        store = _Store(address, *url_to_fs(address, skip_instance_cache=True, **(_http_options() if is_web else {})))
    try:
        yield store
    finally:
        if is_web:
            session = sync(store.files.loop, store.files.set_session)
            sync(store.files.loop, session.close)


def _http_options() -> dict[str, Any]:
    import aiohttp  # comes with the extra

    patience = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)  # else all of it must come in 5 minutes
    plain = {"Accept-Encoding": "identity"}  # so that sizes are those of the files
    return {"headers": plain, "client_kwargs": {"timeout": patience, "trust_env": True}}


@dataclass(frozen=True)
class _Store:
    """The folder of files, or the zip of them, at one address."""

    address: str
    files: Any  # fsspec is untyped
    path: str

    @property
    def shown(self) -> str:
        return redact_address(self.address)

    def list_files(self) -> _Listing:
        """The zip, or the files of the folder that belong to the format."""
        if re.search(r"\.zip($|[?#])", self.address, re.IGNORECASE):
            info = self._info(self.path)
            if info.get("type") != "directory":
                return {_ZIP: info}
        listing = self._ask_for_each() if self.address.startswith(HTTP) else self._list_folder()
        if "config.json" not in listing:
            raise ModelError(f"{self.shown}: not a model folder, there is no config.json; check the address")
        return listing

    def _list_folder(self) -> _Listing:
        with translate_store_errors(self.address):
            entries = self.files.ls(self.path, detail=True)
        named = {info["name"].rpartition("/")[2]: info for info in entries if info["type"] == "file"}
        return {name: named[name] for name in FILES if name in named}

    def _ask_for_each(self) -> _Listing:
        """As `_list_folder`, from a web server, which lists nothing: the files that `config.json` lists."""
        folder, mark, query = self.path.partition("?")

        def path_of(name: str) -> str:
            return f"{folder.rstrip('/')}/{name}{mark}{query}"

        listing = {}
        with suppress(NothingThere):
            listing["config.json"] = self._info(path_of("config.json"))
            for name in names_of(self._read_config(path_of("config.json")).sha256):
                with suppress(NothingThere, Refused):  # a file that is missing is named once the rest has come
                    listing[name] = self._info(path_of(name))
        return listing

    def _read_config(self, path: str) -> Config:
        with working_folder("reelwise-scratch-") as folder, naming(self.shown, folder):
            with translate_store_errors(self.address), self.files.open(path, "rb") as file:
                content = file.read(LARGEST_JSON + 1)
            (folder / "config.json").write_bytes(content)
            return read_config(folder / "config.json")

    def _info(self, path: str) -> dict[str, Any]:
        with translate_store_errors(self.address):
            info: dict[str, Any] = self.files.info(path)
        info.pop("url", None)  # where a redirect led to; it may be signed anew each time
        return info

    def download(self, listing: _Listing, into: Path, on_progress: OnBytes) -> None:
        """Fill the folder `into` with the files of `listing`, unpacked if they come as a zip."""
        sizes = [info["size"] for info in listing.values()]
        total = None if None in sizes else sum(sizes)
        require_space(into, total or 0, f"{self.shown}: the download")
        most = min(MOST_BYTES, shutil.disk_usage(into).free // 2) if total is None else total
        watched = bounded(on_progress, self.shown, most)
        callback = Callback(hooks={"progress": lambda _, value: _report(watched, value, total)})
        done = 0
        for name, info in listing.items():
            with translate_store_errors(self.address):
                self.files.get_file(info["name"], str(into / name), callback=callback)
                size = (into / name).stat().st_size
                done += size
                callback.absolute_update(done)  # not every store counts as it goes
            if info["size"] not in (size, None):
                raise Unreachable(f"{self.shown}: {size:,} bytes of {name} came instead of {info['size']:,}; try again")
        if _ZIP in listing:
            self._unzip(into)
        elif self.list_files() != listing:
            raise Unreachable(f"{self.shown}: changed while it was fetched; try again")

    def _unzip(self, folder: Path) -> None:
        """Replace the zip in `folder` by its files that belong to the format."""
        archive, unpacked = folder / _ZIP, folder / "unpacked"
        try:
            unzip(archive, unpacked, marks=("config.json",), wanted=FILES, max_bytes=MOST_BYTES)
        except ArchiveError as error:
            raise ModelError(f"{self.shown}: {error}; zip a model folder anew, and upload it again") from error
        archive.unlink()
        for file in unpacked.iterdir():
            file.rename(folder / file.name)
        unpacked.rmdir()


def _report(on_progress: OnBytes, done: int, total: int | None) -> None:
    try:
        on_progress(done, total)
    except BaseException as reason:
        raise Stopped(reason) from reason


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
