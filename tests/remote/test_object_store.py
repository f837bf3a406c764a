"""A model folder fetched from elsewhere is the one that lies there: whole and alone, fetched once, never by halves."""

import gc
import hashlib
import importlib
import io
import ssl
import struct
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec
import numpy as np
import pytest

from reelwise.artifacts.folder import read_model, write_model
from reelwise.errors import DownloadError, ModelError
from reelwise.remote import model_zip as zipped_model
from reelwise.remote.object_store import cache_folder, fetch_remote
from support.tiny_recommender import tiny_model

MEMORY = "memory://bucket/model"
NAMES_OF_TASTE = {"taste_P.npy", "taste_Q.npy", "profile_users.npy", "profile_mass.npy", "profile_likes.npy"}

Contents = dict[str, bytes]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache; at the end nothing half-written is in it, and no connection was forgotten."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield cache_folder()
    assert [path.name for path in cache_folder().rglob("*") if ".new" in path.name or path.suffix == ".zip"] == []
    gc.collect()  # pytest makes an error of each ResourceWarning


@pytest.fixture(scope="session")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    folder = tmp_path_factory.mktemp("written") / "model"
    write_model(folder, tiny_model())
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def memory(contents: Contents) -> Iterator[Any]:
    """The files of a model in a bucket in memory."""
    files = fsspec.filesystem("memory")
    files.pipe({f"/bucket/model/{name}": content for name, content in contents.items()})
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]


class Web:
    """A web server on loopback; what it serves and how it fails may be changed at any time."""

    def __init__(self) -> None:
        self.files: Contents = {}  # by path
        self.marked = True  # sends an ETag
        self.moved: dict[str, str] = {}  # path to path; the address there is signed anew each time
        self.status: int | None = None  # answered to everything
        self.cut_after: int | None = None  # bytes of a body that are sent
        self.requests: list[tuple[str, str]] = []
        self.queries: set[str] = set()
        self.headers: dict[str, str] = {}  # of the last request
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5

            def do_HEAD(self) -> None:
                owner.answer(self, with_body=False)

            def do_GET(self) -> None:
                owner.answer(self, with_body=True)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Tests read `requests`, not a log."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = False
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def answer(self, request: BaseHTTPRequestHandler, with_body: bool) -> None:
        path = urlsplit(request.path).path
        self.queries.add(urlsplit(request.path).query)
        self.requests.append((request.command, path))
        self.headers = dict(request.headers)
        content = self.files.get(path)
        status = 302 if path in self.moved else self.status or (200 if content is not None else 404)
        body = content if content is not None and status == 200 else b""
        request.send_response(status)
        if path in self.moved:
            request.send_header("Location", f"{self.moved[path]}?signature={len(self.requests)}")
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Connection", "close")
        if self.marked:
            request.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        request.end_headers()
        if with_body:
            request.wfile.write(body[: self.cut_after])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    @property
    def downloads(self) -> list[str]:
        return [path for method, path in self.requests if method == "GET" and path in self.files]

    def close(self) -> None:
        if self.thread.is_alive():
            self.http.shutdown()
            self.thread.join()
            self.http.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.close()


def zipped(contents: Contents, top: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(top + name, content)
    return buffer.getvalue()


def patched(data: bytes, name: str, offset: int, layout: str, value: int) -> bytes:
    """`data` with a field of the entry `name` in the table of contents overwritten."""
    changed, start = bytearray(data), 0
    while True:
        start = changed.index(b"PK\x01\x02", start) + 1
        if changed[start + 45 :].startswith(name.encode()):
            struct.pack_into(layout, changed, start - 1 + offset, value)
            return bytes(changed)


def refusal(address: str) -> str:
    with pytest.raises(DownloadError) as caught:
        fetch_remote(address)
    message = str(caught.value)
    assert message.isprintable()
    return message


def read(folder: Path) -> Contents:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def kept(folder: Path) -> set[str]:
    """The names of all files in `folder` and below, but for the lock."""
    return {path.name for path in folder.rglob("*") if path.is_file()} - {".lock"}


def test_a_model_in_a_bucket_comes_as_it_was_written(memory: Any, contents: Contents, cache: Path) -> None:
    folder = fetch_remote(MEMORY)
    assert folder.is_relative_to(cache)
    assert read(folder) == contents
    fetched, written = read_model(folder), tiny_model()
    assert fetched.description.dataset == written.description.dataset
    assert fetched.catalogue == written.catalogue
    np.testing.assert_array_equal(fetched.P, written.P)
    np.testing.assert_array_equal(fetched.history.by_user.stars, written.history.by_user.stars)


@pytest.mark.parametrize("top", ["", "my model/"])
def test_a_zip_on_the_web_is_unpacked(web: Web, contents: Contents, top: str) -> None:
    web.files["/model.ZIP"] = zipped(contents, top)
    folder = fetch_remote(f"{web.url}/model.ZIP?token=1")
    assert read(folder) == contents
    np.testing.assert_array_equal(read_model(folder).Q, tiny_model().Q)
    assert web.headers["Accept-Encoding"] == "identity"


def test_a_zip_in_a_bucket_is_unpacked(memory: Any, contents: Contents) -> None:
    memory.pipe("/bucket/model.zip", zipped(contents))
    assert read(fetch_remote("memory://bucket/model.zip")) == contents


@pytest.mark.parametrize("end", ["", "/", "?token=1"])
def test_a_folder_on_the_web_needs_no_listing(web: Web, contents: Contents, end: str) -> None:
    web.files |= {f"/models/mine/{name}": content for name, content in contents.items()}
    assert read(fetch_remote(f"{web.url}/models/mine{end}")) == contents
    assert web.queries == {end.partition("?")[2]}


def test_only_the_files_of_the_format_come(memory: Any, web: Web, contents: Contents) -> None:
    more = {"notes.txt": b"x", "model.pkl": b"x", "deeper/config.json": b"x"}
    memory.pipe({f"/bucket/model/{name}": content for name, content in more.items()})
    web.files["/model.zip"] = zipped(contents | more)
    assert fetch_remote(MEMORY).is_dir()
    for folder in (fetch_remote(MEMORY), fetch_remote(f"{web.url}/model.zip")):
        assert read(folder) == contents


def test_files_that_the_store_lacks_or_that_changed_are_named(memory: Any, contents: Contents) -> None:
    memory.pipe("/bucket/model/taste_P.npy", contents["taste_Q.npy"])
    memory.rm("/bucket/model/movies.csv")
    with pytest.raises(ModelError, match=r"^memory://bucket/model: movies\.csv, taste_P\.npy changed since"):
        fetch_remote(MEMORY)
    assert not list(cache_folder().glob("*/*/config.json"))


def test_the_second_time_nothing_is_downloaded(web: Web, contents: Contents) -> None:
    web.files["/model.zip"] = zipped(contents)
    web.files |= {f"/model/{name}": content for name, content in contents.items()}
    for address in (f"{web.url}/model.zip", f"{web.url}/model"):
        first = fetch_remote(address)
        downloads = len(web.downloads)
        assert fetch_remote(address) == first
        assert len(web.downloads) == downloads


def test_an_address_that_leads_elsewhere_is_downloaded_once(web: Web, contents: Contents) -> None:
    web.files["/store/1"] = zipped(contents)
    web.moved["/model.zip"] = "/store/1"
    assert fetch_remote(f"{web.url}/model.zip") == fetch_remote(f"{web.url}/model.zip")
    assert web.downloads == ["/store/1"]


def test_a_change_is_fetched_and_what_was_there_before_removed(web: Web, contents: Contents) -> None:
    web.files["/model.zip"] = zipped(contents)
    old = fetch_remote(f"{web.url}/model.zip")
    web.files["/model.zip"] = zipped(contents | {"README.md": b"new"})
    new = fetch_remote(f"{web.url}/model.zip")
    assert read(new) == contents | {"README.md": b"new"}
    assert [path for path in new.parent.iterdir() if path.is_dir()] == [new]
    assert old != new


def test_a_change_of_one_file_in_a_bucket_is_fetched(memory: Any, contents: Contents) -> None:
    fetch_remote(MEMORY)
    same_size = contents["README.md"][::-1]
    memory.pipe("/bucket/model/README.md", same_size)
    assert read(fetch_remote(MEMORY)) == contents | {"README.md": same_size}


def test_what_a_crash_left_is_removed(memory: Any) -> None:
    folder = fetch_remote(MEMORY)
    (folder.parent / ".half.new-x").mkdir()
    memory.pipe("/bucket/model/README.md", b"new")
    assert not (fetch_remote(MEMORY).parent / ".half.new-x").exists()


def test_a_store_that_marks_nothing_is_fetched_each_time(web: Web, contents: Contents) -> None:
    web.marked = False
    web.files["/model.zip"] = zipped(contents)
    fetch_remote(f"{web.url}/model.zip")
    assert read(fetch_remote(f"{web.url}/model.zip")) == contents
    assert len(web.downloads) == 2


def test_an_emptied_cache_is_filled_again(memory: Any, contents: Contents) -> None:
    folder = fetch_remote(MEMORY)
    for file in folder.iterdir():
        file.unlink()
    assert read(fetch_remote(MEMORY)) == contents


def test_addresses_are_kept_apart(memory: Any, contents: Contents) -> None:
    memory.pipe({f"/other/{name}": content for name, content in contents.items()})
    one, other = fetch_remote(MEMORY), fetch_remote("memory://other")
    assert one != other
    assert read(one) == read(other)


@pytest.mark.parametrize("fault", ["gone", "busy"])
def test_without_the_store_the_newest_copy_serves(web: Web, contents: Contents, fault: str) -> None:
    address = f"{web.url}/model.zip?token=secret"
    for readme in (b"old", b"new"):
        web.files["/model.zip"] = zipped(contents | {"README.md": readme})
        folder = fetch_remote(address)
    if fault == "gone":
        web.close()
    else:
        web.status = 503
    warnings: list[str] = []
    assert fetch_remote(address, warn=warnings.append) == folder
    assert read(folder)["README.md"] == b"new"
    assert "fetched from there before" in warnings[0]
    assert "secret" not in warnings[0]


def test_a_broken_connection_leaves_the_copy_that_is_there(web: Web, contents: Contents) -> None:
    web.files["/model.zip"] = zipped(contents)
    folder = fetch_remote(f"{web.url}/model.zip")
    web.files["/model.zip"] = zipped(contents | {"README.md": b"new"})
    web.cut_after = 100
    assert fetch_remote(f"{web.url}/model.zip") == folder
    assert read(folder) == contents


@pytest.mark.parametrize("path", ["/model.zip", "/model"])
def test_a_store_that_was_never_reached_is_an_error(web: Web, path: str) -> None:
    web.close()
    message = refusal(web.url + path)
    assert f"{web.url}{path}: the store cannot be read" in message
    assert "check the network" in message


def test_a_download_that_breaks_off_is_an_error(web: Web, contents: Contents) -> None:
    web.files["/model.zip"] = zipped(contents)
    web.cut_after = 100
    assert "cannot be read" in refusal(f"{web.url}/model.zip")


def test_a_file_that_comes_short_is_an_error(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(memory), "get_file", lambda _, source, target, **__: Path(target).write_bytes(b"1"))
    assert "1 bytes of config.json came instead of" in refusal(MEMORY)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "refuses access"),
        (403, "refuses access"),
        (404, "nothing there"),
        (429, "cannot be read (it answers 429)"),
        (503, "cannot be read (it answers 503)"),
    ],
)
def test_what_a_web_server_answers_is_told(web: Web, contents: Contents, status: int, words: str) -> None:
    web.files["/model.zip"] = zipped(contents)
    web.status = status
    assert words in refusal(f"{web.url}/model.zip")


def test_a_refusal_is_told_even_though_there_is_a_copy(web: Web, contents: Contents) -> None:
    web.files["/model.zip"] = zipped(contents)
    fetch_remote(f"{web.url}/model.zip")
    web.status = 403
    assert "credentials" in refusal(f"{web.url}/model.zip")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("memory://bucket/other", "nothing there"),
        ("memory://bucket/other.zip", "nothing there"),
        ("memory://bucket", "no config.json"),
        ("carrier-pigeon://model", "not an address"),
        ("http://127.0.0.1:port/model.zip", "not an address"),
    ],
)
def test_a_wrong_address_is_told(memory: Any, address: str, words: str) -> None:
    message = refusal(address)
    assert message.startswith(f"{address}: ")
    assert words in message


def test_a_folder_on_the_web_without_a_model_is_told(web: Web) -> None:
    assert "no config.json" in refusal(f"{web.url}/nothing")


@pytest.mark.parametrize("path", ["/model.zip", "/model"])
@pytest.mark.parametrize("status", [403, 404, 500])
def test_credentials_are_used_but_never_told(web: Web, path: str, status: int) -> None:
    web.status = status
    host = web.url.removeprefix("http://")
    address = f"http://me:hidden@{host}{path}?signature=alsohidden#more"
    message = refusal(address)
    assert "hidden" not in message
    assert "me:" not in message
    assert f"http://{host}{path}: " in message
    assert web.headers["Authorization"] == "Basic bWU6aGlkZGVu"


@pytest.mark.parametrize(
    ("module", "address"), [("aiohttp", "https://host/model.zip"), ("s3fs", "s3://b/m"), ("gcsfs", "gs://b/m")]
)
def test_a_missing_package_is_told(module: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = importlib.import_module("fsspec.registry")._registry
    monkeypatch.delitem(loaded, address.split(":")[0], raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    message = refusal(address)
    assert module in message
    assert 'pip install "reelwise[stores]"' in message


class NoCredentialsError(Exception):
    """As botocore's, which is no PermissionError."""


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (PermissionError("key AKIA… of arn:…"), "refuses access"),
        (NoCredentialsError("not AKIA…"), "refuses access"),
        (OSError("Forbidden: bucket AKIA…"), "refuses access"),
        (ConnectionResetError(104, "Connection reset by peer"), "cannot be read (Connection reset by peer)"),
        (ssl.SSLCertVerificationError("AKIA…"), "cannot be read"),  # a ValueError and an OSError
        (ValueError("AKIA…"), "not an address"),
    ],
)
def test_what_a_store_raises_is_told_in_our_words(
    memory: Any, monkeypatch: pytest.MonkeyPatch, fault: Exception, words: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr(type(memory), "ls", fail)
    message = refusal(MEMORY)
    assert words in message
    assert "AKIA" not in message


def test_a_full_disk_is_told(memory: Any, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(memory), "get_file", full)
    message = refusal(MEMORY)
    assert f"{cache} cannot hold it (No space left on device)" in message


def test_a_cache_that_cannot_be_made_is_told(memory: Any, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert "XDG_CACHE_HOME" in refusal(MEMORY)


def test_a_folder_that_changes_meanwhile_is_not_kept(memory: Any, contents: Contents, cache: Path) -> None:
    def change(done: int, total: int | None) -> None:
        memory.pipe("/bucket/model/README.md", same_size)

    same_size = contents["README.md"][::-1]
    with pytest.raises(DownloadError, match="changed while it was fetched"):
        fetch_remote(MEMORY, change)
    assert kept(cache) == set()
    assert read(fetch_remote(MEMORY))["README.md"] == same_size


@pytest.mark.parametrize("broken", ["empty", "text", "truncated", "flipped"])
def test_a_damaged_zip_is_told(web: Web, contents: Contents, broken: str) -> None:
    good = zipped(contents)
    middle = len(good) // 2
    flipped = bytes(byte ^ 0xFF for byte in good[middle - 200 : middle + 200])
    web.files["/model.zip"] = {
        "empty": b"",
        "text": b"<html>log in first</html>",
        "truncated": good[:-100],
        "flipped": good[: middle - 200] + flipped + good[middle + 200 :],
    }[broken]
    assert "the zip is damaged" in refusal(f"{web.url}/model.zip")


def test_names_in_a_zip_are_no_paths(web: Web, contents: Contents, cache: Path) -> None:
    evil = {"../evil": b"", "../../config.json": b"", "/tmp/evil": b"", "..\\evil": b"", "a/b/../../../README.md": b""}
    web.files["/model.zip"] = zipped(evil | contents)
    folder = fetch_remote(f"{web.url}/model.zip")
    assert read(folder) == contents
    everywhere = cache.parent.parent.parent
    assert kept(everywhere) == {*contents, "latest"}


@pytest.mark.parametrize(
    ("offset", "layout", "value", "words"),
    [
        (24, "<I", 0xFFFFFF00, "free"),  # its size unpacked
        (8, "<H", 1, "encrypted"),  # its flags
        (10, "<H", 14, "not deflated"),  # its method: LZMA
        (38, "<I", 0o120777 << 16, "a link"),  # its mode
    ],
)
def test_members_that_would_do_harm_are_refused(
    web: Web, contents: Contents, monkeypatch: pytest.MonkeyPatch, offset: int, layout: str, value: int, words: str
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1 << 30}))
    web.files["/model.zip"] = patched(zipped(contents), "model_P.npy", offset, layout, value)
    assert words in refusal(f"{web.url}/model.zip")


def test_more_than_any_model_holds_is_refused(web: Web, contents: Contents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped_model, "_LARGEST", sum(map(len, contents.values())) - 1)
    web.files["/model.zip"] = zipped(contents)
    assert "unpacks to more than" in refusal(f"{web.url}/model.zip")


def test_more_members_than_any_model_has_are_refused(web: Web, contents: Contents) -> None:
    web.files["/model.zip"] = zipped(contents | {f"{number}.txt": b"" for number in range(1000)})
    assert "more than 1,000 members" in refusal(f"{web.url}/model.zip")


@pytest.mark.parametrize("tops", [[], ["one/", "two/"], ["one/two/"]])
def test_a_zip_must_hold_one_model(web: Web, contents: Contents, tops: list[str]) -> None:
    members = {top + name: content for top in tops for name, content in contents.items()}
    web.files["/model.zip"] = zipped(members | {"README.md": b""})
    assert "no config.json" in refusal(f"{web.url}/model.zip")


def test_progress_counts_bytes_up_to_all_of_them(memory: Any, web: Web, contents: Contents, tmp_path: Path) -> None:
    web.files["/model.zip"] = zipped(contents)
    write_model(tmp_path / "model", tiny_model())
    local = (tmp_path / "model").as_uri()  # a store that counts nothing itself
    sizes = dict.fromkeys((MEMORY, local), sum(map(len, contents.values())))
    sizes[f"{web.url}/model.zip"] = len(web.files["/model.zip"])
    for address, size in sizes.items():
        seen: list[tuple[int, int | None]] = []
        fetch_remote(address, lambda done, total, seen=seen: seen.append((done, total)))  # type: ignore[misc]
        assert [done for done, _ in seen] == sorted(done for done, _ in seen)
        assert seen[-1] == (size, size)
        assert {total for _, total in seen} == {size}


@pytest.mark.parametrize(
    "reason", [KeyboardInterrupt(), RuntimeError("enough"), OSError("enough"), DownloadError("enough")]
)
def test_who_watches_may_stop_it(memory: Any, web: Web, contents: Contents, cache: Path, reason: BaseException) -> None:
    def stop(done: int, total: int | None) -> None:
        raise reason

    web.files["/model.zip"] = zipped(contents)
    for address in (MEMORY, f"{web.url}/model.zip"):
        with pytest.raises(type(reason)) as caught:
            fetch_remote(address, stop)
        assert caught.value is reason
    assert kept(cache) == set()
    assert read(fetch_remote(MEMORY)) == contents


def test_two_at_once_fetch_it_once(web: Web, contents: Contents) -> None:
    web.files["/model.zip"] = zipped(contents)
    folders: list[Path] = []
    both = [threading.Thread(target=lambda: folders.append(fetch_remote(f"{web.url}/model.zip"))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(set(folders)) == 1
    assert len(web.downloads) == 1
    assert read(folders[0]) == contents


def test_the_cache_is_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_folder() == tmp_path / "cache" / "reelwise" / "models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "reelwise" / "models"
