"""A model on the Hub arrives whole, checked and from one commit, or with one line that says what to do."""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reelwise.artifacts.files import FILES
from reelwise.artifacts.model import Model
from reelwise.errors import DownloadError, ModelError, UsageError
from reelwise.remote.hub import HubAddress, check, fetch
from reelwise.remote.translate_errors import translate_hub_errors
from support.files.contents import contents
from support.hub.client import LogIn
from support.hub.server import Fault, HubServer

REPOSITORY = "alice/films"
ADDRESS = f"hf://{REPOSITORY}"
CHANGED = b"\xff\xff\x7f\x3f"  # of a float32


@pytest.fixture(scope="module")
def files(few_files: Path) -> dict[str, bytes]:
    return contents(few_files)


def other_films(files: dict[str, bytes]) -> dict[str, bytes]:
    return files | {"README.md": b"# Another commit\n"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hf://alice/films", HubAddress("alice/films")),
        ("hf://models/alice/films", HubAddress("alice/films")),
        ("alice/films@v1.0", HubAddress("alice/films", "v1.0")),
        ("hf://alice/films@refs/pr/3", HubAddress("alice/films", "refs/pr/3")),
        ("hf://alice/films@v2/", HubAddress("alice/films", "v2")),
        (" HF://alice/films", HubAddress("alice/films")),
    ],
)
def test_addresses_are_understood(text: str, expected: HubAddress) -> None:
    assert HubAddress.parse(text) == expected
    assert HubAddress.parse(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *["hf://", "hf://alice", "hf://alice/films/model_P.npy", "hf://alice/films@", "a b/c"],
        *["hf://../..", "hf://-a/b", "hf://a/b.", "hf://a--b/c", "hf://a/b.git", "hf://a/" + "x" * 97],
        "hf://älice/films",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected hf://owner/repo"):
        check(text)


def test_what_was_put_there_arrives(hub: HubServer, files: dict[str, bytes]) -> None:
    commit = hub.add(REPOSITORY, files)
    folder = fetch(ADDRESS)
    assert folder.name == commit
    assert contents(folder) == files
    assert Model.load(folder).description.dataset == "tiny"


def test_only_files_of_a_model_are_fetched(hub: HubServer, files: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, files | {"model_mappings.pkl": b"\x80", "more/model_P.npy": b"", "evil.py": b""})
    assert {path.name for path in fetch(ADDRESS).iterdir()} <= set(FILES)
    assert not hub.requests("evil.py")
    assert not hub.requests("pkl")


def test_a_branch_a_tag_and_a_commit_can_be_named(hub: HubServer, files: dict[str, bytes]) -> None:
    first = hub.add(REPOSITORY, files)
    second = hub.add(REPOSITORY, other_films(files), "better")
    assert fetch(f"{ADDRESS}@better").name == second
    assert fetch(f"{ADDRESS}@{first}").name == first
    assert fetch(ADDRESS).name == first


def test_a_newer_commit_is_fetched_and_an_unchanged_one_is_not(hub: HubServer, files: dict[str, bytes]) -> None:
    first = hub.add(REPOSITORY, files)
    fetch(ADDRESS)
    hub.seen.clear()
    assert fetch(ADDRESS).name == first
    assert len(hub.seen) == 1  # what is the newest commit?
    second = hub.add(REPOSITORY, other_films(files))
    assert fetch(ADDRESS).name == second


def test_a_branch_of_any_name_is_not_taken_for_the_default_one(hub: HubServer, files: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, files)
    fetch(ADDRESS)
    hub.stop()
    with pytest.raises(DownloadError, match="cannot be reached"):
        fetch(f"{ADDRESS}@default")


def test_a_commit_that_is_in_the_cache_asks_nobody(hub: HubServer, files: dict[str, bytes]) -> None:
    address = f"{ADDRESS}@{hub.add(REPOSITORY, files)}"
    fetch(address)
    hub.seen.clear()
    fetch(address)
    assert not hub.seen


def test_without_the_hub_the_last_copy_is_used(hub: HubServer, files: dict[str, bytes]) -> None:
    commit = hub.add(REPOSITORY, files)
    fetch(ADDRESS)
    for fault in (Fault(status=500), Fault(status=401), Fault(drop=True), Fault(status=429), None):
        if fault:
            hub.fault("/api/", fault, times=9)
        else:
            hub.stop()
        warnings: list[str] = []
        assert fetch(ADDRESS, warn=warnings.append).name == commit, fault
        assert len(warnings) == 1, fault
        assert f"Using the copy of commit {commit[:12]} in the cache" in warnings[0]
        hub.forgive()


def test_a_newer_commit_that_is_broken_leaves_the_last_copy(hub: HubServer, files: dict[str, bytes]) -> None:
    commit = hub.add(REPOSITORY, files)
    fetch(ADDRESS)
    hub.add(REPOSITORY, {"model_Q.npy": files["model_P.npy"]})
    for _ in range(2):
        warnings: list[str] = []
        assert fetch(ADDRESS, warn=warnings.append).name == commit
        assert "model_Q.npy changed since the model was written" in warnings[0]


def test_a_copy_that_another_program_fetched_is_checked_and_used(hub: HubServer, files: dict[str, bytes]) -> None:
    from huggingface_hub import snapshot_download

    commit = hub.add(REPOSITORY, files)
    snapshot_download(REPOSITORY)
    hub.stop()
    assert fetch(ADDRESS).name == commit


def test_a_copy_that_another_program_fetched_and_that_changed_is_not(hub: HubServer, files: dict[str, bytes]) -> None:
    from huggingface_hub import snapshot_download

    hub.add(REPOSITORY, files)
    path = Path(snapshot_download(REPOSITORY)) / "model_P.npy"
    path.resolve().write_bytes(files["model_P.npy"][:-1] + b"\x00")
    hub.stop()
    with pytest.raises(DownloadError, match="cannot be reached"):
        fetch(ADDRESS)
    hub.restart()
    assert (fetch(ADDRESS) / "model_P.npy").read_bytes() == files["model_P.npy"]


def test_a_file_that_changed_on_its_way_is_fetched_again(hub: HubServer, files: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, files)
    hub.fault("model_P", Fault(change=lambda content: content[:-1] + b"\x07"), method="GET")
    hub.fault("/storage/", Fault(change=lambda content: content[:-1] + b"\x07"), method="GET")
    folder = fetch(ADDRESS)
    assert contents(folder) == files


def test_a_file_that_is_another_one_on_the_hub_is_refused(hub: HubServer, files: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, files | {"movies_titles.npy": files["movies_titles.npy"].replace(b"Toy", b"Boy")})
    with pytest.raises(ModelError, match=rf"^{ADDRESS}: movies_titles\.npy changed since the model was written"):
        fetch(ADDRESS)


def test_a_file_that_is_missing_on_the_hub_is_named(hub: HubServer, files: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, {name: content for name, content in files.items() if name != "movie_means.npy"})
    with pytest.raises(ModelError, match=rf"^{ADDRESS}/movie_means\.npy: this file is missing"):
        fetch(ADDRESS)


@pytest.mark.parametrize("change", [lambda content: content[:-1], lambda content: content[:-4] + CHANGED])
def test_a_copy_that_was_damaged_is_fetched_again(
    hub: HubServer, files: dict[str, bytes], change: Callable[[bytes], bytes]
) -> None:
    commit = hub.add(REPOSITORY, files)
    for address in (ADDRESS, f"{ADDRESS}@{commit}"):
        path = (fetch(address) / "model_Q.npy").resolve()
        path.write_bytes(change(files["model_Q.npy"]))
        os.utime(path, (1, 1))
        assert contents(fetch(address)) == files


def test_a_damaged_copy_does_not_serve_without_the_hub(hub: HubServer, files: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, files)
    path = (fetch(ADDRESS) / "model_Q.npy").resolve()
    path.write_bytes(files["model_Q.npy"][:-4] + CHANGED)
    os.utime(path, (1, 1))
    hub.stop()
    with pytest.raises(DownloadError, match="cannot be reached"):
        fetch(ADDRESS)


def test_a_broken_connection_is_taken_up_again(hub: HubServer, files: dict[str, bytes], waits: list[float]) -> None:
    hub.add(REPOSITORY, files)
    hub.fault("/storage/", Fault(cut_after=50), method="GET", times=2)
    folder = fetch(ADDRESS)
    assert contents(folder) == files
    assert waits


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=500), "answered 500"),
        (Fault(status=503), "answered 503"),
        (Fault(status=429, headers={"Retry-After": "7"}), "answered 429"),
        (Fault(status=403), "check that HF_TOKEN is valid"),
        (Fault(status=401), "check that HF_TOKEN is valid"),
        (Fault(drop=True), "cannot be reached"),
        (Fault(status=200, body=b"<html>a log-in page</html>"), "does not answer as the Hub does"),
    ],
)
def test_what_the_hub_answers_is_reported_in_one_line(
    hub: HubServer, files: dict[str, bytes], fault: Fault, message: str
) -> None:
    hub.add(REPOSITORY, files)
    hub.fault("/api/models", fault, times=20)
    with pytest.raises(DownloadError, match=message) as caught:
        fetch(ADDRESS)
    assert str(caught.value).startswith("hf://alice/films: ")
    assert "\n" not in str(caught.value)
    assert caught.value.retry_after == (7 if fault.status == 429 else None)


@pytest.mark.parametrize(("number", "remedy"), [(errno.EROFS, "set HF_HOME"), (errno.ENOSPC, "the disk is not full")])
def test_a_disk_that_cannot_be_written_is_reported(number: int, remedy: str) -> None:
    with pytest.raises(DownloadError, match=remedy), translate_hub_errors(ADDRESS):
        raise OSError(number, os.strerror(number))


def test_a_file_that_stays_too_short_is_refused(hub: HubServer, files: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, files)
    hub.fault("/storage/", Fault(change=lambda content: content[:-5]), method="GET", times=99)
    with pytest.raises(DownloadError, match="should be of size") as caught:
        fetch(ADDRESS)
    assert "\n" not in str(caught.value)


def test_nobody_at_the_address_is_reported(hub: HubServer) -> None:
    hub.stop()
    with pytest.raises(DownloadError, match=f"{re.escape(hub.url)} cannot be reached .*check the network"):
        fetch(ADDRESS)


def test_an_unknown_repository_and_revision_are_reported(hub: HubServer, files: dict[str, bytes]) -> None:
    with pytest.raises(DownloadError, match="check the name"):
        fetch(ADDRESS)
    hub.add(REPOSITORY, files)
    with pytest.raises(DownloadError, match="no such revision"):
        fetch(f"{ADDRESS}@v9")


def test_a_repository_without_a_model_is_reported(hub: HubServer) -> None:
    hub.add(REPOSITORY, {"README.md": b"# Cats\n", "pytorch_model.bin": b"\x80"})
    with pytest.raises(ModelError, match=r"no config\.json in it"):
        fetch(ADDRESS)


def test_a_private_model_takes_a_token(hub: HubServer, files: dict[str, bytes], log_in: LogIn) -> None:
    hub.add(REPOSITORY, files, private=True)
    with pytest.raises(DownloadError, match="set HF_TOKEN"):
        fetch(ADDRESS)
    log_in(hub.token)
    assert Model.load(fetch(ADDRESS)).description.dataset == "tiny"


def test_a_token_is_never_shown(hub: HubServer, files: dict[str, bytes], log_in: LogIn) -> None:
    hub.add(REPOSITORY, files, private=True)
    for token in ("hf_wrong", "hf_\x0cwrong", "hf_wröng"):
        log_in(token)
        with pytest.raises(DownloadError, match="HF_TOKEN") as caught:
            fetch(ADDRESS)
        assert token[4:] not in str(caught.value)
        assert "HF_ENDPOINT" not in str(caught.value)


def test_offline_mode_is_respected(hub: HubServer, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    commit = hub.add(REPOSITORY, files)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError, match="HF_HUB_OFFLINE is set"):
        fetch(ADDRESS)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    fetch(ADDRESS)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    hub.seen.clear()
    warnings: list[str] = []
    assert fetch(ADDRESS, warn=warnings.append).name == commit
    assert warnings == [f"{ADDRESS}: HF_HUB_OFFLINE is set, so the copy of commit {commit[:12]} in the cache is used"]
    assert not hub.seen


def test_progress_ends_with_all_bytes(hub: HubServer, files: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, files)
    told: list[tuple[int, int | None]] = []
    fetch(ADDRESS, on_progress=lambda done, total: told.append((done, total)))
    size = sum(map(len, set(files.values())))  # what two files hold is fetched once
    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_progress_can_end_the_download(hub: HubServer, files: dict[str, bytes]) -> None:
    class Enough(Exception):
        pass

    def enough(done: int, total: int | None) -> None:
        raise Enough

    hub.add(REPOSITORY, files)
    with pytest.raises(Enough):
        fetch(ADDRESS, on_progress=enough)
    assert Model.load(fetch(ADDRESS)).description.dataset == "tiny"
