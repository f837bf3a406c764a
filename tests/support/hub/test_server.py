"""The Hub of the tests, spoken to by the real client: what it plays must be what the client knows from the real one."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import httpx2
import huggingface_hub as client
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, constants, file_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from support.files.contents import contents
from support.hub.client import LogIn, hub_environment, ignore_upload_warning
from support.hub.server import Fault, HubServer

CARD = b"---\nlicense: mit\n---\n# Films\n"
LARGE = bytes(range(256)) * 20
FILES = {"README.md": CARD, "config.json": b"{}", "model_P.npy": LARGE, "notes/long/a.txt": b"hello\n"}
TOKEN = "hf_test"


def refused(kind: type[HfHubHTTPError], status: int, call: Callable[[], object]) -> None:
    with pytest.raises(kind) as refusal:
        call()
    assert type(refusal.value) is kind
    assert refusal.value.response.status_code == status


# Downloads


def test_a_download_brings_what_the_patterns_name(hub: HubServer) -> None:
    commit = hub.add("bob/films", FILES)
    folder = client.snapshot_download("bob/films", allow_patterns=["*.json", "*.npy"])
    assert contents(folder) == {"config.json": b"{}", "model_P.npy": LARGE}
    assert Path(folder).name == commit


def test_large_files_come_from_a_storage_that_never_sees_the_token(hub: HubServer, log_in: LogIn) -> None:
    log_in(TOKEN)
    hub.add("bob/films", FILES)
    client.snapshot_download("bob/films")
    (large,) = hub.requests("/storage/")
    assert "model_P.npy" in large.path
    assert "Authorization" not in large.headers
    assert hub.requests("/resolve/")[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_the_storage_refuses_a_token(hub: HubServer) -> None:
    hub.add("bob/films", FILES)
    client.snapshot_download("bob/films")
    address = hub.url + hub.requests("/storage/")[0].path
    assert httpx2.get(address).content == LARGE
    assert httpx2.get(address, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 400


def test_files_have_the_ids_that_git_and_lfs_give_them(hub: HubServer) -> None:
    hub.add("bob/films", {"hello.txt": b"hello\n", "hello.npy": b"hello\n"})
    large, regular = sorted(client.list_repo_tree("bob/films"), key=lambda file: file.path)
    assert isinstance(regular, client.RepoFile)
    assert isinstance(large, client.RepoFile)
    assert regular.lfs is None
    assert regular.blob_id == "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object
    assert large.lfs is not None
    assert large.lfs.sha256 == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"  # sha256sum
    assert large.blob_id == "fa61e1ef71c9908c0926776a4aa3504b3a27f159"  # git hash-object of the pointer


def test_the_listing_goes_as_deep_as_asked(hub: HubServer) -> None:
    hub.add("bob/films", FILES)
    assert client.list_repo_files("bob/films") == sorted(FILES)
    assert {entry.path for entry in client.list_repo_tree("bob/films")} == {
        "README.md",
        "config.json",
        "model_P.npy",
        "notes",
    }
    assert [entry.path for entry in client.list_repo_tree("bob/films", "notes", recursive=True)] == [
        "notes/long",
        "notes/long/a.txt",
    ]


def test_a_second_download_asks_for_no_file(hub: HubServer) -> None:
    hub.add("bob/films", FILES)
    first = client.snapshot_download("bob/films")
    files_asked = len(hub.requests("/resolve/"))
    assert client.snapshot_download("bob/films") == first
    assert len(hub.requests("/resolve/")) == files_asked == 7  # a HEAD of each, and a GET of the regular ones


def test_after_a_commit_only_what_changed_is_downloaded(hub: HubServer) -> None:
    hub.add("bob/films", FILES)
    old = client.snapshot_download("bob/films")
    hub.add("bob/films", {"config.json": b"[]"})
    new = client.snapshot_download("bob/films")
    assert contents(new) == FILES | {"config.json": b"[]"}
    assert contents(old) == FILES
    assert len(hub.requests("/storage/")) == 1
    assert [commit.changed for commit in hub.commits("bob/films")] == [("config.json",), tuple(sorted(FILES))]


def test_revisions_are_branches_and_commits(hub: HubServer) -> None:
    first = hub.add("bob/films", FILES)
    second = hub.add("bob/films", {"config.json": b"[]"})
    trial = hub.add("bob/films", {"config.json": b"1"}, revision="trial/one")
    assert len({first, second, trial}) == 3
    assert [commit.id for commit in hub.commits("bob/films", "trial/one")] == [trial, second, first]
    assert client.resolve_revision("bob/films").resolved == second
    assert client.resolve_revision("bob/films", revision="trial/one").resolved == trial
    assert client.model_info("bob/films", revision=first).sha == first
    configs = {
        revision: Path(client.hf_hub_download("bob/films", "config.json", revision=revision)).read_bytes()
        for revision in (first, "main", "trial/one")
    }
    assert configs == {first: b"{}", "main": b"[]", "trial/one": b"1"}


def test_a_private_repository_opens_with_the_token_only(hub: HubServer, log_in: LogIn) -> None:
    hub.add("alice/secret", FILES, private=True)
    refused(RepositoryNotFoundError, 401, lambda: client.snapshot_download("alice/secret"))
    log_in("hf_wrong")
    refused(HfHubHTTPError, 401, lambda: client.snapshot_download("alice/secret"))
    log_in(TOKEN)
    assert client.model_info("alice/secret").private
    assert contents(client.snapshot_download("alice/secret")) == FILES


def test_a_wrong_token_is_refused_where_none_is_needed(hub: HubServer, log_in: LogIn) -> None:
    hub.add("bob/films", FILES)
    log_in("hf_wrong")
    refused(HfHubHTTPError, 401, lambda: client.model_info("bob/films"))
    refused(HfHubHTTPError, 401, client.whoami)


def test_what_does_not_exist_is_named_by_the_clients_own_errors(hub: HubServer, log_in: LogIn) -> None:
    commit = hub.add("bob/films", FILES)
    refused(RepositoryNotFoundError, 401, lambda: client.snapshot_download("bob/none"))
    refused(RevisionNotFoundError, 404, lambda: client.snapshot_download("bob/films", revision="none"))
    refused(RevisionNotFoundError, 404, lambda: client.snapshot_download("bob/films", revision="0" * 40))
    refused(RemoteEntryNotFoundError, 404, lambda: client.hf_hub_download("bob/films", "none.json"))
    refused(RemoteEntryNotFoundError, 404, lambda: list(client.list_repo_tree("bob/films", "none")))
    assert client.try_to_load_from_cache("bob/films", "none.json", revision=commit) is client._CACHED_NO_EXIST
    log_in(TOKEN)
    refused(RepositoryNotFoundError, 404, lambda: client.snapshot_download("bob/none"))


def test_another_process_finds_the_hub_by_its_environment(hub: HubServer, tmp_path: Path) -> None:
    hub.add("alice/secret", FILES, private=True)
    program = "import huggingface_hub as h; print(h.whoami()['name'], h.snapshot_download('alice/secret'))"
    environment = os.environ | hub_environment(hub.url, tmp_path / "other", TOKEN)
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    name, folder = done.stdout.split()
    assert name == "alice"
    assert contents(folder) == FILES
    assert Path(folder).is_relative_to(tmp_path / "other")


# Uploads


@pytest.fixture
def films(hub: HubServer, log_in: LogIn) -> str:
    """A new repository of the user who is logged in."""
    log_in(TOKEN)
    return client.create_repo("films").repo_id


def push(repo_id: str, files: dict[str, bytes], **options: object) -> client.CommitInfo:
    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    return client.create_commit(repo_id, operations, commit_message="Train", **options)  # type: ignore[call-overload, no-any-return]


@ignore_upload_warning
def test_one_commit_takes_regular_and_large_files(hub: HubServer, films: str, tmp_path: Path) -> None:
    (tmp_path / "model_Q.npy").write_bytes(LARGE[::-1])
    operations = [CommitOperationAdd(path, content) for path, content in FILES.items()]
    operations.append(CommitOperationAdd("model_Q.npy", tmp_path / "model_Q.npy"))
    created = client.create_commit(films, operations, commit_message="Train", commit_description="Seed 1")
    attributes = {".gitattributes": b"*.npy filter=lfs diff=lfs merge=lfs -text\n"}
    assert hub.files(films) == FILES | {"model_Q.npy": LARGE[::-1]} | attributes
    newest, initial = hub.commits(films)
    assert created.oid == newest.id == client.model_info(films).sha
    assert newest.parent == initial.id
    assert newest.message == "Train\n\nSeed 1"
    assert newest.changed == tuple(sorted([*FILES, "model_Q.npy"]))
    assert len(hub.requests("/storage/", "PUT")) == len(hub.requests("/objects/verify")) == 2
    assert contents(client.snapshot_download(films)) == hub.files(films)


@ignore_upload_warning
def test_what_the_hub_has_is_not_sent_again(hub: HubServer, films: str) -> None:
    first = push(films, FILES)
    assert push(films, FILES).oid == first.oid
    push(films, {"copy.npy": LARGE})
    assert len(hub.commits(films)) == 3
    assert len(hub.requests("/storage/", "PUT")) == 1


def test_a_large_file_must_be_in_the_storage_before_it_is_committed(hub: HubServer, films: str) -> None:
    oid = hashlib.sha256(LARGE).hexdigest()
    storage, verify = f"{hub.storage_url}/{oid}", f"{hub.url}/{films}.git/info/lfs/objects/verify"
    header = {"key": "header", "value": {"summary": "Train"}}
    lines = [header, {"key": "lfsFile", "value": {"path": "a.npy", "algo": "sha256", "oid": oid, "size": len(LARGE)}}]
    commit = "\n".join(map(json.dumps, lines))

    with httpx2.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as user:

        def statuses() -> list[int]:
            whole, short = ({"oid": oid, "size": size} for size in (len(LARGE), len(LARGE) - 1))
            asked = [user.post(verify, json=size) for size in (whole, short)]
            asked.append(user.post(f"{hub.url}/api/models/{films}/commit/main", content=commit))
            return [answer.status_code for answer in asked]

        assert httpx2.put(storage, content=LARGE[::-1]).status_code == 400
        assert statuses() == [404, 404, 400]
        assert httpx2.put(storage, content=LARGE).status_code == 200
        assert statuses() == [200, 404, 200]
    assert hub.files(films)["a.npy"] == LARGE


def test_a_commit_on_an_old_parent_is_refused(hub: HubServer, films: str) -> None:
    old = hub.commits(films)[0].id
    push(films, {"a.txt": b"1"}, parent_commit=old)
    refused(HfHubHTTPError, 412, lambda: push(films, {"a.txt": b"2"}, parent_commit=old))
    assert hub.files(films)["a.txt"] == b"1"


@ignore_upload_warning
def test_a_pull_request_leaves_main_alone(hub: HubServer, log_in: LogIn) -> None:
    main = hub.add("bob/films", FILES)
    log_in(TOKEN)
    refused(HfHubHTTPError, 403, lambda: push("bob/films", {"config.json": b"[]"}))
    asked = push("bob/films", {"config.json": b"[]", "model_P.npy": b"new"}, create_pr=True)
    again = push("bob/films", {"config.json": b"1"}, create_pr=True)
    assert (asked.pr_num, asked.pr_revision) == (1, "refs/pr/1")
    assert again.pr_revision == "refs/pr/2"
    assert hub.files("bob/films") == FILES
    assert hub.commits("bob/films", "refs/pr/1")[0].parent == main
    changed = FILES | {"config.json": b"[]", "model_P.npy": b"new"}
    assert contents(client.snapshot_download("bob/films", revision="refs/pr/1")) == changed
    refs = client.list_repo_refs("bob/films", include_pull_requests=True)
    assert [(ref.ref, ref.target_commit) for ref in refs.branches] == [("refs/heads/main", main)]
    assert [ref.ref for ref in refs.pull_requests or []] == ["refs/pr/1", "refs/pr/2"]


def test_a_branch_takes_commits_of_its_own(hub: HubServer, films: str) -> None:
    client.create_branch(films, branch="trial/one")
    refused(HfHubHTTPError, 409, lambda: client.create_branch(films, branch="trial/one"))
    client.create_branch(films, branch="trial/one", exist_ok=True)
    refused(RevisionNotFoundError, 404, lambda: client.create_branch(films, branch="b", revision="none"))
    push(films, {"a.txt": b"1"}, revision="trial/one")
    assert "a.txt" in hub.files(films, "trial/one")
    assert "a.txt" not in hub.files(films)
    refused(RevisionNotFoundError, 404, lambda: push(films, {"a.txt": b"1"}, revision="none"))
    first = hub.commits(films)[0].id
    refused(client.errors.BadRequestError, 400, lambda: push(films, {"a.txt": b"1"}, revision=first))


def test_files_and_folders_are_deleted(hub: HubServer, films: str) -> None:
    push(films, {"a.txt": b"1", "notes/b.txt": b"2", "notes/c.txt": b"3", "notes.txt": b"4"})
    operations = [CommitOperationDelete("a.txt"), CommitOperationDelete("notes", is_folder=True)]
    client.create_commit(films, operations, commit_message="Tidy")
    assert list(hub.files(films)) == [".gitattributes", "notes.txt"]
    assert hub.commits(films)[0].changed == ("a.txt", "notes/b.txt", "notes/c.txt")
    refused(RemoteEntryNotFoundError, 404, lambda: client.delete_file("a.txt", films))


def test_a_card_must_have_metadata(hub: HubServer, films: str) -> None:
    with pytest.warns(UserWarning, match="empty or missing yaml metadata"):
        push(films, {"README.md": b"# Films"})
    for metadata in (b"license: [", b"only words"):
        with pytest.raises(ValueError, match=r"Invalid metadata in README\.md"):
            push(films, {"README.md": b"---\n" + metadata + b"\n---\n"})
    assert hub.files(films)["README.md"] == b"# Films"


def test_a_repository_is_created_once_and_under_ones_own_name(hub: HubServer, log_in: LogIn) -> None:
    refused(HfHubHTTPError, 401, lambda: client.create_repo("films"))
    log_in(TOKEN)
    assert client.whoami()["name"] == "alice"
    assert client.create_repo("alice/films", private=True).url == f"{hub.url}/alice/films"
    assert client.model_info("alice/films").private
    refused(HfHubHTTPError, 409, lambda: client.create_repo("films"))
    assert client.create_repo("films", exist_ok=True).repo_id == "alice/films"
    refused(HfHubHTTPError, 403, lambda: client.create_repo("bob/films"))
    log_in(None)
    hub.add("alice/open", FILES)
    refused(HfHubHTTPError, 401, lambda: push("alice/open", {"a.txt": b"1"}))


# Faults


def test_a_fault_meets_only_its_requests(hub: HubServer) -> None:
    hub.add("bob/films", FILES)
    hub.fault("config.json", Fault(status=418), method="GET", times=2)
    address = f"{hub.url}/bob/films/resolve/main/"
    assert httpx2.head(address + "config.json").status_code == 200
    assert httpx2.get(address + "README.md").status_code == 200
    assert [httpx2.get(address + "config.json").status_code for _ in range(3)] == [418, 418, 200]


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (401, {}, HfHubHTTPError),
        (403, {"X-Error-Code": "GatedRepo"}, GatedRepoError),
        (403, {}, LocalEntryNotFoundError),
        (500, {}, LocalEntryNotFoundError),
        (429, {"Retry-After": "1"}, LocalEntryNotFoundError),
    ],
)
def test_a_refusal_is_the_clients_error_while_nothing_is_cached(
    hub: HubServer, status: int, headers: dict[str, str], kind: type[Exception]
) -> None:
    hub.add("bob/films", FILES)
    hub.fault("/revision/main", Fault(status=status, headers=headers))
    with pytest.raises(kind) as refusal:
        client.snapshot_download("bob/films")
    assert type(refusal.value) is kind
    folder = client.snapshot_download("bob/films")
    hub.fault("/revision/main", Fault(status=status, headers=headers))
    assert client.snapshot_download("bob/films") == folder  # what is cached will do


@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (Fault(status=503), [1, 2]),
        (Fault(status=503, headers={"Retry-After": "6"}), [7, 7]),
        (Fault(status=429, headers={"Retry-After": "7"}), [8, 8]),
        (Fault(status=429, headers={"RateLimit": '"api";r=0;t=55'}), [56, 56]),
        (Fault(drop=True), [1, 2]),
        (Fault(cut_after=3), [1, 2]),
    ],
)
def test_the_client_waits_and_asks_again_for_the_listing(
    hub: HubServer, waits: list[float], fault: Fault, waited: list[float]
) -> None:
    hub.add("bob/films", FILES)
    hub.fault("/tree/", fault, times=2)
    assert contents(client.snapshot_download("bob/films")) == FILES
    assert waits == waited


def test_a_download_that_breaks_off_goes_on_where_it_was(
    hub: HubServer, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)  # the client keeps whole chunks only, of 10 MB
    hub.add("bob/films", FILES)
    hub.fault("/storage/", Fault(cut_after=2500))
    assert contents(client.snapshot_download("bob/films"))["model_P.npy"] == LARGE
    assert [seen.headers["Range"] for seen in hub.requests("/storage/")] == [None, "bytes=2000-"]
    assert waits == [1]


def test_a_download_that_always_breaks_off_is_given_up(hub: HubServer, waits: list[float]) -> None:
    hub.add("bob/films", FILES)
    hub.fault("/storage/", Fault(cut_after=10), times=100)
    with pytest.raises(httpx2.RemoteProtocolError):
        client.snapshot_download("bob/films")
    assert waits == [1] * 5


def test_an_aborted_connection_ends_the_download(hub: HubServer) -> None:
    hub.add("bob/films", FILES)
    hub.fault("/storage/", Fault(cut_after=10, reset=True))
    with pytest.raises(httpx2.ReadError):
        client.snapshot_download("bob/films")


def test_a_shorter_file_is_noticed_when_its_size_was_announced(hub: HubServer) -> None:
    hub.add("bob/films", FILES)
    hub.fault("/storage/", Fault(change=lambda content: content[:-1]))
    with pytest.raises(OSError, match="Consistency check failed: file should be of size 5120 but has size 5119"):
        client.snapshot_download("bob/films")


@pytest.mark.parametrize("change", [lambda content: content[:-1], lambda content: content[::-1]])
@pytest.mark.parametrize("path", ["model_P.npy", "notes/long/a.txt"])
def test_the_client_takes_changed_files_for_good(hub: HubServer, path: str, change: Callable[[bytes], bytes]) -> None:
    hub.add("bob/films", FILES)
    hub.fault(path, Fault(change=change), times=2)  # for HEAD and GET
    assert contents(client.snapshot_download("bob/films")) == FILES | {path: change(FILES[path])}


def test_a_silent_hub_is_given_up(hub: HubServer, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.1)
    hub.add("bob/films", FILES)
    hub.fault("/storage/", Fault(delay=5))
    hub.fault("/storage/", Fault(pause=5))
    assert contents(client.snapshot_download("bob/films")) == FILES
    assert waits == [1, 1]


def test_a_slow_hub_is_waited_for(hub: HubServer) -> None:
    hub.add("bob/films", FILES)
    hub.fault("/storage/", Fault(pause=0.01, delay=0.01))
    assert contents(client.snapshot_download("bob/films")) == FILES


def test_a_dead_hub_leaves_what_is_cached(hub: HubServer) -> None:
    hub.add("bob/films", FILES)
    hub.stop()
    with pytest.raises(LocalEntryNotFoundError):
        client.snapshot_download("bob/films")
    hub.restart()
    folder = client.snapshot_download("bob/films")
    hub.stop()
    assert client.snapshot_download("bob/films") == folder
    assert client.resolve_revision("bob/films").resolved == hub.commits("bob/films")[0].id


def test_a_hub_that_dies_and_comes_back_is_asked_again(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    back = threading.Event()  # the client's wait ends when the Hub is back
    monkeypatch.setattr(file_download, "time", SimpleNamespace(sleep=lambda _: back.wait(10)))
    files = {"model_P.npy": FILES["model_P.npy"]}  # one alone: what is asked beside a download is not asked again
    hub.add("bob/films", files)
    hub.fault("/storage/", Fault(pause=0.2))
    asked = threading.Thread(target=client.snapshot_download, args=["bob/films"])
    asked.start()
    while not hub.requests("/storage/"):
        threading.Event().wait(0.01)
    hub.stop()
    hub.restart()
    back.set()
    asked.join()
    assert contents(client.snapshot_download("bob/films")) == files
    assert len(hub.requests("/storage/")) == 2


def test_a_commit_may_be_made_although_its_answer_is_lost(hub: HubServer, films: str) -> None:
    hub.fault("/commit/main", Fault(drop=True))
    hub.fault("/commit/main", Fault(lose_answer=True))
    for made in (1, 2):  # the initial commit, and the pushed one
        with pytest.raises(httpx2.RemoteProtocolError):
            push(films, {"a.txt": b"1"})
        assert len(hub.commits(films)) == made


@ignore_upload_warning
def test_a_failed_upload_is_tried_again(hub: HubServer, films: str, waits: list[float]) -> None:
    hub.fault("/storage/", Fault(status=500), method="PUT")
    push(films, {"model_P.npy": LARGE})
    assert hub.files(films)["model_P.npy"] == LARGE
    assert waits == [1]
