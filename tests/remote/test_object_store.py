"""A model folder fetched from elsewhere is the one that lies there: whole and alone, fetched once, never by halves."""

import importlib
import io
import os
import re
import shutil
import ssl
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import fsspec
import numpy as np
import pytest

from reelwise.artifacts.model import Model
from reelwise.errors import DownloadError, ModelError
from reelwise.remote import copies
from reelwise.remote.object_store import fetch
from support.files.contents import contents as contents_of
from support.models.tiny_recommender import tiny_model
from support.servers.loopback import Answer
from support.servers.misbehaving import Fault, MisbehavingServer, Seen, path_of

MEMORY = "memory://bucket/model"

Contents = dict[str, bytes]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache; at the end nothing half-written is in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "reelwise" / "models"
    yield folder
    assert [path.name for path in folder.rglob("*") if ".new" in path.name or path.suffix == ".zip"] == []


@pytest.fixture(scope="session")
def contents(few_files: Path) -> Contents:
    return {file.name: file.read_bytes() for file in few_files.iterdir()}


@pytest.fixture
def memory(contents: Contents) -> Iterator[Any]:
    """The files of a model in a bucket in memory."""
    files = fsspec.filesystem("memory")
    files.pipe({f"/bucket/model/{name}": content for name, content in contents.items()})
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]


class Web(MisbehavingServer):
    """A web server on loopback."""

    @property
    def zip(self) -> str:
        return f"{self.url}/model.zip"

    @property
    def downloads(self) -> list[str]:
        return [path_of(seen) for seen in self.seen if seen.method == "GET" and path_of(seen) in self.files]


@pytest.fixture
def web(contents: Contents) -> Iterator[Web]:
    """With a zip of the model."""
    with Web({"/model.zip": zipped(contents)}) as server:
        yield server


def zipped(contents: Contents, top: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(top + name, content)
    return buffer.getvalue()


def refusal(address: str) -> str:
    with pytest.raises((DownloadError, ModelError)) as caught:
        fetch(address)
    message = str(caught.value)
    assert message.isprintable()
    return message


def read(folder: Path) -> Contents:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def kept(folder: Path) -> set[str]:
    """The names of all files in `folder` and below, but for the lock."""
    return {path.name for path in folder.rglob("*") if path.is_file()} - {".lock"}


def test_a_model_in_a_bucket_comes_as_it_was_written(memory: Any, contents: Contents, cache: Path) -> None:
    folder = fetch(MEMORY)
    assert folder.is_relative_to(cache)
    assert read(folder) == contents
    fetched, written = Model.load(folder), tiny_model()
    assert fetched.description.dataset == written.description.dataset
    assert fetched.catalogue == written.catalogue
    np.testing.assert_array_equal(fetched.rating.P, written.rating.P)
    assert fetched.histories is not None
    assert written.histories is not None
    np.testing.assert_array_equal(fetched.histories.by_user.stars, written.histories.by_user.stars)


@pytest.mark.parametrize("top", ["", "my model/"])
def test_a_zip_on_the_web_or_in_a_bucket_is_unpacked(web: Web, memory: Any, contents: Contents, top: str) -> None:
    web.files["/model.ZIP"] = zipped(contents, top)
    memory.pipe("/bucket/model.zip", zipped(contents, top))
    for address in (f"{web.url}/model.ZIP?token=1", "memory://bucket/model.zip"):
        assert read(fetch(address)) == contents
    assert web.seen[-1].headers["Accept-Encoding"] == "identity"


def test_connections_are_closed_at_once(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[aiohttp.ClientSession] = []
    make = aiohttp.ClientSession

    def open_session(**options: Any) -> aiohttp.ClientSession:
        opened.append(make(**options))
        return opened[-1]

    monkeypatch.setattr(aiohttp, "ClientSession", open_session)
    fetch(web.zip)
    refusal(f"{web.url}/other.zip")
    assert [session.closed for session in opened] == [True, True]


@pytest.mark.parametrize("end", ["/", "?token=1"])
def test_a_folder_on_the_web_needs_no_listing(web: Web, contents: Contents, end: str) -> None:
    web.files |= {f"/models/mine/{name}": content for name, content in contents.items()}
    assert read(fetch(f"{web.url}/models/mine{end}")) == contents
    assert {seen.path.partition("?")[2] for seen in web.seen} == {end.partition("?")[2]}


def test_only_the_files_of_the_format_come(memory: Any, web: Web, contents: Contents) -> None:
    more = {"notes.txt": b"x", "model.pkl": b"x", "deeper/config.json": b"x"}
    memory.pipe({f"/bucket/model/{name}": content for name, content in more.items()})
    web.files["/model.zip"] = zipped(contents | more)
    assert fetch(MEMORY).is_dir()
    for folder in (fetch(MEMORY), fetch(web.zip)):
        assert read(folder) == contents


def test_files_that_changed_or_that_the_store_lacks_are_named(memory: Any, contents: Contents, cache: Path) -> None:
    memory.pipe("/bucket/model/user_ids.npy", contents["movie_ids.npy"])
    with pytest.raises(ModelError, match=r"^memory://bucket/model: user_ids\.npy changed since"):
        fetch(MEMORY)
    memory.rm("/bucket/model/movies_titles.npy")
    with pytest.raises(ModelError, match=r"^memory://bucket/model/movies_titles\.npy: this file is missing"):
        fetch(MEMORY)
    assert not list(cache.glob("*/*/config.json"))


class Closed(Web):
    """As S3 does for those who may not list: what is not there is forbidden."""

    missing = Answer(403)

    def answer(self, seen: Seen, fault: Fault) -> Answer:
        return super().answer(seen, fault) if path_of(seen) in self.files else self.missing


class Polite(Closed):
    """A page for everything."""

    missing = Answer(200, {}, b"<html>")


@pytest.mark.parametrize("kind", [Web, Closed, Polite])
def test_of_a_folder_on_the_web_only_what_its_config_lists_is_asked_for(kind: type[Web], few_files: Path) -> None:
    lesser = contents_of(few_files)
    with kind({f"/model/{name}": content for name, content in (lesser | {"popular.npy": b"x"}).items()}) as web:
        assert read(fetch(f"{web.url}/model")) == lesser
        assert not web.requests_for("/model/popular.npy")
        del web.files["/model/movies_titles.npy"]
        warnings: list[str] = []
        fetch(f"{web.url}/model", warn=warnings.append)
        assert re.search(r"/model.*movies_titles\.npy", warnings[0])


def damage(folder: Path, how: str) -> None:
    path = folder / "model_Q.npy"
    content = path.read_bytes()
    path.unlink()
    if how != "gone":
        path.write_bytes(content[:-1] if how == "short" else content[:-4] + b"\xff\xff\x7f\x3f")
        os.utime(path, (1, 1))


@pytest.mark.parametrize("how", ["gone", "short", "changed"])
def test_a_copy_that_was_damaged_is_fetched_again(memory: Any, contents: Contents, how: str) -> None:
    damage(fetch(MEMORY), how)
    assert read(fetch(MEMORY)) == contents


def test_a_damaged_copy_does_not_serve_without_the_store(web: Web) -> None:
    damage(fetch(web.zip), "changed")
    web.stop()
    assert "cannot be read" in refusal(web.zip)


def test_a_copy_that_did_not_change_is_not_read_again(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fetch(MEMORY)
    monkeypatch.setattr(copies, "check_integrity", lambda *_: pytest.fail("read again"))
    assert fetch(MEMORY) == folder


@pytest.mark.parametrize("name", ["model_Q.npy", "config.json"])
def test_a_newer_version_that_is_broken_leaves_the_copy(memory: Any, contents: Contents, name: str) -> None:
    folder = fetch(MEMORY)
    memory.rm(f"/bucket/model/{name}")
    warnings: list[str] = []
    assert fetch(MEMORY, warn=warnings.append) == folder
    assert name in warnings[0]
    assert read(folder) == contents


def test_a_folder_may_be_called_like_a_zip(few_files: Path, tmp_path: Path, contents: Contents) -> None:
    shutil.copytree(few_files, tmp_path / "model.zip")
    assert read(fetch((tmp_path / "model.zip").as_uri())) == contents


def test_the_second_time_nothing_is_downloaded(web: Web, contents: Contents) -> None:
    web.files |= {f"/model/{name}": content for name, content in contents.items()}
    for address in (web.zip, f"{web.url}/model"):
        first = fetch(address)
        downloads = len(web.downloads)
        assert read(first) == contents
        assert fetch(address) == first
        again = web.downloads[downloads:]
        assert again == ([] if address == web.zip else ["/model/config.json"])  # which says what to look for


def test_an_address_that_leads_elsewhere_is_downloaded_once(web: Web) -> None:
    web.files["/store/1"] = web.files.pop("/model.zip")
    moved = (Fault(status=302, headers={"Location": f"/store/1?signature={number}"}) for number in range(9))
    web.script("/model.zip", *moved)
    assert fetch(web.zip) == fetch(web.zip)
    assert web.downloads == ["/store/1"]


def test_a_change_is_fetched_and_what_was_there_before_removed(web: Web, contents: Contents) -> None:
    old = fetch(web.zip)
    web.files["/model.zip"] = zipped(contents | {"README.md": b"new"})
    new = fetch(web.zip)
    assert read(new) == contents | {"README.md": b"new"}
    assert [path for path in new.parent.iterdir() if path.is_dir()] == [new]
    assert old != new


def test_a_change_of_one_file_in_a_bucket_is_fetched_and_what_a_crash_left_removed(
    memory: Any, contents: Contents
) -> None:
    unfinished = fetch(MEMORY).parent / ".half.new-x"
    unfinished.mkdir()
    same_size = contents["README.md"][::-1]
    memory.pipe("/bucket/model/README.md", same_size)
    assert read(fetch(MEMORY)) == contents | {"README.md": same_size}
    assert not unfinished.exists()


def test_a_store_that_marks_nothing_is_fetched_each_time(web: Web, contents: Contents) -> None:
    web.validators = False
    fetch(web.zip)
    assert read(fetch(web.zip)) == contents
    assert len(web.downloads) == 2


def test_an_emptied_cache_is_filled_again(memory: Any, contents: Contents) -> None:
    folder = fetch(MEMORY)
    for file in folder.iterdir():
        file.unlink()
    assert read(fetch(MEMORY)) == contents


def test_addresses_are_kept_apart(memory: Any, contents: Contents) -> None:
    memory.pipe({f"/other/{name}": content for name, content in contents.items()})
    one, other = fetch(MEMORY), fetch("memory://other")
    assert one != other
    assert read(one) == read(other)


@pytest.mark.parametrize("fault", ["gone", "busy"])
def test_without_the_store_the_newest_copy_serves(web: Web, contents: Contents, fault: str) -> None:
    address = f"{web.url}/model.zip?token=secret"
    for readme in (b"old", b"new"):
        web.files["/model.zip"] = zipped(contents | {"README.md": readme})
        folder = fetch(address)
    if fault == "gone":
        web.stop()
    else:
        web.always = Fault(status=503)
    warnings: list[str] = []
    assert fetch(address, warn=warnings.append) == folder
    assert read(folder)["README.md"] == b"new"
    assert "fetched from there before" in warnings[0]
    assert "secret" not in warnings[0]


def test_a_download_that_breaks_off_leaves_the_copy_that_is_there(web: Web, contents: Contents) -> None:
    folder = fetch(web.zip)
    web.files["/model.zip"] = zipped(contents | {"README.md": b"new"})
    web.always = Fault(cut_after=100)
    assert fetch(web.zip) == folder
    assert read(folder) == contents


@pytest.mark.parametrize("path", ["/model.zip", "/model"])
def test_a_store_that_was_never_reached_is_an_error(web: Web, path: str) -> None:
    web.stop()
    message = refusal(web.url + path)
    assert f"{web.url}{path}: the store cannot be read" in message
    assert "check the network" in message


def test_a_download_that_breaks_off_is_an_error(web: Web) -> None:
    web.always = Fault(cut_after=100)
    assert "cannot be read" in refusal(web.zip)


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
def test_what_a_web_server_answers_is_reported(web: Web, status: int, words: str) -> None:
    web.always = Fault(status=status)
    assert words in refusal(web.zip)


def test_a_refusal_is_reported_even_though_there_is_a_copy(web: Web) -> None:
    fetch(web.zip)
    web.always = Fault(status=403)
    assert "credentials" in refusal(web.zip)


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
def test_a_wrong_address_is_reported(memory: Any, address: str, words: str) -> None:
    message = refusal(address)
    assert message.startswith(f"{address}: ")
    assert words in message


@pytest.mark.parametrize("path", ["/model.zip", "/model"])
@pytest.mark.parametrize("status", [403, 404, 500])
def test_credentials_are_used_but_never_shown(web: Web, path: str, status: int) -> None:
    web.always = Fault(status=status)
    host = web.url.removeprefix("http://")
    address = f"http://me:hidden@{host}{path}?signature=alsohidden#more"
    message = refusal(address)
    assert "hidden" not in message
    assert "me:" not in message
    assert f"http://{host}{path}: " in message
    assert web.seen[-1].headers["Authorization"] == "Basic bWU6aGlkZGVu"


@pytest.mark.parametrize(
    ("module", "address"), [("aiohttp", "https://host/model.zip"), ("s3fs", "s3://b/m"), ("gcsfs", "gs://b/m")]
)
def test_a_missing_package_is_reported(module: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = importlib.import_module("fsspec.registry")._registry
    monkeypatch.delitem(loaded, address.split(":")[0], raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    message = refusal(address)
    assert module in message
    assert 'pip install "reelwise[stores]"' in message


class NoCredentialsError(Exception):
    """As botocore's, which is not a PermissionError."""


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
def test_what_a_store_raises_is_reported_in_our_words(
    memory: Any, monkeypatch: pytest.MonkeyPatch, fault: Exception, words: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr(type(memory), "ls", fail)
    message = refusal(MEMORY)
    assert words in message
    assert "AKIA" not in message


def test_a_full_disk_is_reported(memory: Any, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(memory), "get_file", full)
    message = refusal(MEMORY)
    assert f"{cache} cannot hold it (No space left on device)" in message


def test_a_cache_that_cannot_be_made_is_reported(memory: Any, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert "XDG_CACHE_HOME" in refusal(MEMORY)


def test_a_folder_that_changes_meanwhile_is_not_kept(memory: Any, contents: Contents, cache: Path) -> None:
    def change(done: int, total: int | None) -> None:
        memory.pipe("/bucket/model/README.md", same_size)

    same_size = contents["README.md"][::-1]
    with pytest.raises(DownloadError, match="changed while it was fetched"):
        fetch(MEMORY, change)
    assert kept(cache) == set()
    assert read(fetch(MEMORY))["README.md"] == same_size


def test_a_damaged_or_harmful_zip_is_reported(web: Web, contents: Contents) -> None:
    for files, words in (
        (b"<html>log in first</html>", "it is not a zip, or is damaged"),
        (zipped(contents)[:-100], "it is not a zip, or is damaged"),
        (zipped(contents | {"metrics.json": bytes(3_000_000)}), "its entry 'metrics.json' takes the unpacked size"),
    ):
        web.files["/model.zip"] = files
        message = refusal(web.zip)
        assert message.startswith(f"{web.zip}: {words}")
        assert message.endswith("upload it again")


def test_names_in_a_zip_are_no_paths(web: Web, contents: Contents, cache: Path) -> None:
    evil = {"../evil": b"", "../../config.json": b"", "/tmp/evil": b"", "..\\evil": b"", "a/b/../../../README.md": b""}
    web.files["/model.zip"] = zipped(evil | contents)
    folder = fetch(web.zip)
    assert read(folder) == contents
    everywhere = cache.parent.parent.parent
    assert kept(everywhere) == {*contents, "latest"}


@pytest.mark.parametrize("tops", [[], ["one/", "two/"], ["one/two/"]])
def test_a_zip_must_hold_one_model(web: Web, contents: Contents, tops: list[str]) -> None:
    members = {top + name: content for top in tops for name, content in contents.items()}
    web.files["/model.zip"] = zipped(members | {"README.md": b""})
    assert "one folder with config.json" in refusal(web.zip)


def test_progress_counts_bytes_up_to_all_of_them(memory: Any, web: Web, contents: Contents, few_files: Path) -> None:
    local = few_files.as_uri()  # a store that counts nothing itself
    sizes = dict.fromkeys((MEMORY, local), sum(map(len, contents.values())))
    sizes[web.zip] = len(web.files["/model.zip"])
    for address, size in sizes.items():
        seen: list[tuple[int, int | None]] = []
        fetch(address, lambda done, total, seen=seen: seen.append((done, total)))  # type: ignore[misc]
        assert [done for done, _ in seen] == sorted(done for done, _ in seen)
        assert seen[-1] == (size, size)
        assert {total for _, total in seen} == {size}


@pytest.mark.parametrize(
    "reason", [KeyboardInterrupt(), RuntimeError("enough"), OSError("enough"), DownloadError("enough")]
)
def test_who_watches_may_stop_it(memory: Any, web: Web, contents: Contents, cache: Path, reason: BaseException) -> None:
    def stop(done: int, total: int | None) -> None:
        raise reason

    for address in (MEMORY, web.zip):
        with pytest.raises(type(reason)) as caught:
            fetch(address, stop)
        assert caught.value is reason
    assert kept(cache) == set()
    assert read(fetch(MEMORY)) == contents


def test_two_at_once_fetch_it_once(web: Web, contents: Contents) -> None:
    folders: list[Path] = []
    both = [threading.Thread(target=lambda: folders.append(fetch(web.zip))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(set(folders)) == 1
    assert len(web.downloads) == 1
    assert read(folders[0]) == contents


def test_a_download_ends_where_it_was_said_to(web: Web, contents: Contents, cache: Path) -> None:
    web.script("/model.zip", Fault(), Fault(new_content=zipped(contents) + bytes(12_000_000), hide_length=True))
    with pytest.raises(DownloadError, match=r"more than the expected [\d,]+ bytes came"):
        fetch(web.zip)
    assert not [path for path in cache.rglob("*") if path.is_file() and path.stat().st_size > 1_000_000]
