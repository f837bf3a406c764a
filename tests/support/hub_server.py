"""A Hugging Face Hub on loopback, in memory: as much of its protocol as the real client speaks for models.

with HubServer() as hub:
    hub.add("alice/films", {"config.json": b"{}", "model_P.npy": content})
    hub.fault("model_P.npy", Fault(cut_after=10), method="GET")
    ...                       # the first download of model_P.npy breaks off after 10 bytes, the second is good
    assert hub.requests("model_P.npy")[-1].headers["Range"] == "bytes=10-"

A `.npy` file (or one over 10 MB) is a large one: `resolve` redirects to a storage with another origin, and it is
uploaded there before the commit that names it. The user may write below its own name only, as on the real Hub; to
others it may send pull requests.
"""

import base64
import hashlib
import json
import re
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

import yaml

LARGE_SIZE = 10_000_000
LARGE_ENDINGS = (".npy",)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request; several may be combined."""

    status: int | None = None  # answered, with `headers` and `body`, instead of doing what was asked for
    headers: Mapping[str, str] = field(default_factory=dict)  # added to the answer
    body: bytes = b""
    drop: bool = False  # the connection is closed: nothing is done, nothing answered
    lose_answer: bool = False  # it is done, but the connection is closed without an answer
    cut_after: int | None = None  # bytes of the body sent before the connection is closed
    reset: bool = False  # the cut is an abort (RST), not an orderly close
    change: Callable[[bytes], bytes] = bytes  # from the file's content to what is served as such
    delay: float = 0.0  # seconds before the answer
    pause: float = 0.0  # seconds before each KiB of the body


@dataclass(frozen=True)
class Seen:
    """One request as it came; the names of `headers` may be asked for in any case."""

    method: str
    path: str  # with the query, percent-encoded
    headers: Message


@dataclass(frozen=True)
class Commit:
    """One commit; `files` is everything that the repository holds after it."""

    id: str
    message: str
    parent: str | None
    files: Mapping[str, bytes]
    changed: tuple[str, ...]  # paths that were added, replaced or deleted


class HubServer:
    """Context manager; `token` is the only one accepted, and it is that of `user`."""

    def __init__(self, *, token: str = "hf_test", user: str = "alice") -> None:
        self.token = token
        self.user = user
        self.seen: list[Seen] = []
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.repositories: dict[str, _Repository] = {}
        self.storage: dict[str, bytes] = {}  # sha256 → content of a large file
        self._faults: list[tuple[str, str | None, list[Fault]]] = []
        self._port = 0  # any free one at first, the same again after a restart
        self.restart()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def storage_url(self) -> str:
        """Another origin than `url`, so that the client keeps its token from it."""
        return f"http://localhost:{self._port}/storage"

    def add(self, repo_id: str, files: Mapping[str, bytes], revision: str = "main", *, private: bool = False) -> str:
        """Commit `files` over those already there; returns the commit's hash. A new branch starts at main.

        `private` is how a new repository is made.
        """
        with self.lock:
            repository = self.repositories.setdefault(repo_id, _Repository(private))
            large = (content for path, content in files.items() if _is_large(path, len(content)))
            self.storage |= {_sha256(content): content for content in large}
            return repository.commit(revision, "Add files", files, repository.find(revision, "main")).id

    def files(self, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """What the repository holds; one that the client created holds a `.gitattributes`, too."""
        return dict(self.commits(repo_id, revision)[0].files)

    def commits(self, repo_id: str, revision: str = "main") -> list[Commit]:
        """The newest first. A pull request's revision is `refs/pr/1`."""
        repository = self.repositories[repo_id]
        return list(repository.history(revision))

    def fault(self, fragment: str, fault: Fault, *, method: str | None = None, times: int = 1) -> None:
        """The next `times` requests whose path (as in `seen`) has `fragment` in it meet this fault."""
        self._faults.append((fragment, method, [fault] * times))

    def next_fault(self, seen: Seen) -> Fault:
        with self.lock:
            for fragment, method, left in self._faults:
                if left and fragment in seen.path and method in (None, seen.method):
                    return left.pop()
        return Fault()

    def requests(self, fragment: str = "", method: str | None = None) -> list[Seen]:
        """Those seen whose path has `fragment` in it."""
        return [seen for seen in self.seen if fragment in seen.path and method in (None, seen.method)]

    def stop(self) -> None:
        """The Hub dies: answers under way break off, and nobody answers any more. It keeps what it holds."""
        self.stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def restart(self) -> None:
        """The Hub comes back at the same address."""
        self.stopping.clear()
        self._http = _Http(self, self._port)
        self._port = self._http.server_port
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.stopping.is_set():
            self.stop()


class _Repository:
    """Commits, and the names of the newest: branches, and pull requests as `refs/pr/1`."""

    def __init__(self, private: bool) -> None:
        self.private = private
        self.named: dict[str, str] = {}
        self._commits: dict[str, Commit] = {}

    def find(self, *revisions: str) -> Commit | None:
        """By name or hash; the first that there is."""
        found = (self._commits.get(self.named.get(revision, revision)) for revision in revisions)
        return next(filter(None, found), None)

    def history(self, revision: str) -> Iterator[Commit]:
        commit = self.find(revision)
        while commit is not None:
            yield commit
            commit = self.find(commit.parent) if commit.parent else None

    def commit(self, name: str, message: str, changes: Mapping[str, bytes | None], parent: Commit | None) -> Commit:
        """Add a commit; a file whose content is None is deleted."""
        before = parent.files if parent else {}
        files = {path: content for path, content in {**before, **changes}.items() if content is not None}
        listing = [f"{path} {_git_id(path, content)}" for path, content in sorted(files.items())]
        commit_id = hashlib.sha1("\n".join([parent.id if parent else "", message, *listing]).encode()).hexdigest()
        changed = tuple(sorted(path for path in changes if before.get(path) != files.get(path)))
        commit = Commit(commit_id, message, parent.id if parent else None, files, changed)
        self._commits[commit.id] = commit
        self.named[name] = commit.id
        return commit


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_large(path: str, size: int) -> bool:
    return size > LARGE_SIZE or (path.endswith(LARGE_ENDINGS) and size > 0)


def _pointer(content: bytes) -> bytes:
    """What git holds in place of a large file."""
    return b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (
        _sha256(content).encode(),
        len(content),
    )


def _git_id(path: str, content: bytes) -> str:
    blob = _pointer(content) if _is_large(path, len(content)) else content
    return hashlib.sha1(b"blob %d\0" % len(blob) + blob).hexdigest()


def _linked_id(path: str, content: bytes) -> str:
    """What the client calls a file's etag or oid: the content's sha256 if it is large, else git's id."""
    return _sha256(content) if _is_large(path, len(content)) else _git_id(path, content)


# The protocol: from a request to an answer. --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Request:
    hub: HubServer
    url: str  # without the query
    query: Mapping[str, list[str]]
    headers: Message
    body: bytes
    change: Callable[[bytes], bytes]
    parts: Mapping[str, str] = field(default_factory=dict)  # named parts of the path: repo, revision, path

    @property
    def wants_pull_request(self) -> bool:
        return self.query.get("create_pr") == ["1"]

    @property
    def repo_id(self) -> str:
        return self.parts["repo"]


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class _Refused(Exception):
    """What the Hub answers where it doesn't do what was asked for."""

    def __init__(self, status: int, message: str, code: str = "", **more: object) -> None:
        headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self.answer = _json({"error": message, **more}, status, headers)


def _json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> _Answer:
    return _Answer(status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode())


def _answer(method: str, request: _Request) -> _Answer:
    for verbs, pattern, do in _ROUTES:
        if method in verbs and (match := re.fullmatch(pattern, request.url)):
            parts = {name: unquote(part) for name, part in match.groupdict(default="").items()}
            try:
                return do(replace(request, parts=parts))
            except _Refused as refusal:
                return refusal.answer
    return _Refused(404, "Sorry, we can't find the page you are looking for.").answer


def _check_token(request: _Request) -> bool:
    """Whether the request is the user's; a wrong token is refused even where none is needed."""
    given = request.headers.get("Authorization")
    if given not in (None, f"Bearer {request.hub.token}"):
        raise _Refused(401, "Invalid credentials in Authorization header")
    return given is not None


def _repository(request: _Request) -> _Repository:
    """The one that the path names; to strangers, a private one and none at all look alike."""
    repository = request.hub.repositories.get(request.repo_id)
    known = _check_token(request)
    if repository is None or (repository.private and not known):
        status, message = (404, "Repository not found") if known else (401, "Invalid username or password.")
        raise _Refused(status, message, "RepoNotFound")
    return repository


def _writable(request: _Request, *, by_pull_request: bool) -> _Repository:
    repository = _repository(request)
    if not _check_token(request):
        raise _Refused(401, "Invalid username or password.")
    if not by_pull_request and not request.repo_id.startswith(f"{request.hub.user}/"):
        raise _Refused(403, "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request")
    return repository


def _commit(request: _Request, repository: _Repository) -> Commit:
    """The one that the path names, the newest of main by default."""
    revision = request.parts.get("revision") or "main"
    if (commit := repository.find(revision)) is None:
        raise _Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound")
    return commit


def _whoami(request: _Request) -> _Answer:
    if not _check_token(request):
        raise _Refused(401, "Invalid username or password.")
    token = {"displayName": "tests", "role": "write"}
    auth = {"type": "access_token", "accessToken": token}
    return _json({"type": "user", "name": request.hub.user, "fullname": request.hub.user, "orgs": [], "auth": auth})


def _validate_card(request: _Request) -> _Answer:
    card = re.match(r"---\s*\n(.*?)\n---\s*(\n|$)", json.loads(request.body)["content"], re.DOTALL)
    if card is None:
        return _json({"errors": [], "warnings": [{"message": "empty or missing yaml metadata in repo card"}]})
    try:
        fault = "" if isinstance(yaml.safe_load(card[1]), dict) else "metadata is no mapping"
    except yaml.YAMLError as error:
        fault = str(error)
    return _json({"errors": [{"message": fault}] if fault else [], "warnings": []}, 400 if fault else 200)


def _info(request: _Request) -> _Answer:
    repository = _repository(request)
    commit = _commit(request, repository)
    files = [{"rfilename": path} for path in sorted(commit.files)]
    return _json({"id": request.repo_id, "sha": commit.id, "private": repository.private, "siblings": files})


def _tree(request: _Request) -> _Answer:
    folder = f"{request.parts['path']}/" if request.parts["path"] else ""
    files = _commit(request, _repository(request)).files
    inside = sorted(path for path in files if path.startswith(folder))
    if folder and not inside:
        raise _Refused(404, f"{folder} does not exist", "EntryNotFound")
    entries: dict[str, dict[str, object]] = {}
    deep = request.query.get("recursive") == ["true"]
    for path in inside:
        names = path[len(folder) :].split("/")
        for depth in range(1, len(names) if deep else min(len(names), 2)):
            above = folder + "/".join(names[:depth])
            oid = hashlib.sha1(above.encode()).hexdigest()
            entries[above] = {"type": "directory", "path": above, "oid": oid, "size": 0}
        if deep or len(names) == 1:
            entries[path] = _tree_entry(path, files[path])
    return _json(list(entries.values()))


def _tree_entry(path: str, content: bytes) -> dict[str, object]:
    entry = {"type": "file", "path": path, "oid": _git_id(path, content), "size": len(content)}
    if _is_large(path, len(content)):
        entry["lfs"] = {"oid": _sha256(content), "size": len(content), "pointerSize": len(_pointer(content))}
    return entry


def _refs(request: _Request) -> _Answer:
    named = _repository(request).named.items()
    entries = [{"name": name, "ref": _full_name(name), "targetCommit": commit_id} for name, commit_id in named]
    branches = [entry for entry in entries if entry["ref"] != entry["name"]]
    pull_requests = [entry for entry in entries if entry["ref"] == entry["name"]]
    more = {"pullRequests": pull_requests} if request.query.get("include_prs") == ["1"] else {}
    return _json({"branches": branches, "converts": [], "tags": [], **more})


def _full_name(name: str) -> str:
    return name if name.startswith("refs/") else f"refs/heads/{name}"


def _resolve(request: _Request) -> _Answer:
    commit = _commit(request, _repository(request))
    path = request.parts["path"]
    if path not in commit.files:
        refusal = _Refused(404, "Entry not found", "EntryNotFound").answer
        return _Answer(404, {**refusal.headers, "X-Repo-Commit": commit.id}, refusal.body)
    content = commit.files[path]
    headers = {"X-Repo-Commit": commit.id, "ETag": f'"{_linked_id(path, content)}"'}
    if not _is_large(path, len(content)):
        return _content(request, content, headers)
    target = f"{request.hub.storage_url}/{_sha256(content)}?filename={quote(path)}"
    linked = {"X-Linked-Etag": headers["ETag"], "X-Linked-Size": str(len(request.change(content)))}
    return _Answer(302, {**headers, **linked, "Location": target}, b"Found. Redirecting")


def _content(request: _Request, content: bytes, headers: Mapping[str, str]) -> _Answer:
    """The whole file, or the range that was asked for."""
    served = request.change(content)
    headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes", **headers}
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if asked is None:
        return _Answer(200, headers, served)
    start, end = int(asked[1]), min(int(asked[2] or len(served)), len(served) - 1)
    if start > end:
        return _Answer(416, headers | {"Content-Range": f"bytes */{len(served)}"})
    return _Answer(206, headers | {"Content-Range": f"bytes {start}-{end}/{len(served)}"}, served[start : end + 1])


def _download_storage(request: _Request) -> _Answer:
    if "Authorization" in request.headers:
        return _Answer(400, {}, b"Only one auth mechanism allowed")  # the address is signed: no token belongs here
    if (content := request.hub.storage.get(request.parts["oid"])) is None:
        return _Answer(404, {})
    return _content(request, content, {"ETag": f'"{request.parts["oid"]}"'})


def _upload_storage(request: _Request) -> _Answer:
    if "Authorization" in request.headers or _sha256(request.body) != request.parts["oid"]:
        return _Answer(400, {})
    request.hub.storage[request.parts["oid"]] = request.body
    return _Answer(200, {"ETag": f'"{request.parts["oid"]}"'})


def _create_repository(request: _Request) -> _Answer:
    if not _check_token(request):
        raise _Refused(401, "Invalid username or password.")
    wanted = json.loads(request.body)
    owner = wanted.get("organization") or request.hub.user
    if owner != request.hub.user:
        raise _Refused(403, f'You don\'t have the rights to create a model under the namespace "{owner}"')
    repo_id = f"{owner}/{wanted['name']}"
    url = f"{request.hub.url}/{repo_id}"
    if repo_id in request.hub.repositories:
        raise _Refused(409, "You already created this model repo", url=url)
    repository = _Repository(private=wanted.get("visibility") == "private")
    attributes = "".join(f"*{ending} filter=lfs diff=lfs merge=lfs -text\n" for ending in LARGE_ENDINGS)
    repository.commit("main", "initial commit", {".gitattributes": attributes.encode()}, None)
    request.hub.repositories[repo_id] = repository
    return _json({"url": url, "name": repo_id})


def _create_branch(request: _Request) -> _Answer:
    repository = _writable(request, by_pull_request=False)
    branch, start = request.parts["branch"], json.loads(request.body).get("startingPoint") or "main"
    if branch in repository.named:
        raise _Refused(409, f"Reference already exists: refs/heads/{branch}")
    if (commit := repository.find(start)) is None:
        raise _Refused(404, f"Invalid rev id: {start}", "RevisionNotFound")
    repository.named[branch] = commit.id
    return _json({"success": True})


def _preupload(request: _Request) -> _Answer:
    there = _commit(request, _writable(request, by_pull_request=request.wants_pull_request)).files
    answers = []
    for file in json.loads(request.body)["files"]:
        path, size = file["path"], file["size"]
        oid = _linked_id(path, there[path]) if path in there else None
        mode = "lfs" if _is_large(path, size) else "regular"
        answers.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
    return _json({"files": answers})


def _batch(request: _Request) -> _Answer:
    """Where each large file is to be uploaded; nowhere if the storage has it."""
    wanted = json.loads(request.body)
    _writable(request, by_pull_request="ref" not in wanted)
    verify = {"href": f"{request.hub.url}/{request.repo_id}.git/info/lfs/objects/verify"}
    answers = []
    for asked in wanted["objects"]:
        upload = {"href": f"{request.hub.storage_url}/{asked['oid']}"}
        missing = {} if asked["oid"] in request.hub.storage else {"actions": {"upload": upload, "verify": verify}}
        answers.append({"oid": asked["oid"], "size": asked["size"], **missing})
    return _json({"transfer": "basic", "objects": answers})


def _verify(request: _Request) -> _Answer:
    asked = json.loads(request.body)
    content = request.hub.storage.get(asked["oid"])
    if content is None or len(content) != asked["size"]:
        raise _Refused(404, "LFS object not found or of another size")
    return _json({})


def _create_commit(request: _Request) -> _Answer:
    repository = _writable(request, by_pull_request=request.wants_pull_request)
    parent = _commit(request, repository)
    lines = [json.loads(line) for line in request.body.splitlines()]
    header = next(line["value"] for line in lines if line["key"] == "header")
    if header.get("parentCommit", parent.id) != parent.id:
        raise _Refused(412, "A commit has happened since. Please refresh and try again.")
    changes: dict[str, bytes | None] = {}
    for line in lines:
        changes |= _changes(line["key"], line["value"], request.hub.storage, parent.files)
    name, pull_request = request.parts["revision"], ""
    if request.wants_pull_request:
        number = 1 + sum(name.startswith("refs/pr/") for name in repository.named)
        name, pull_request = f"refs/pr/{number}", f"{request.hub.url}/{request.repo_id}/discussions/{number}"
    elif name not in repository.named:
        raise _Refused(400, f"{name} is no branch")
    message = "\n\n".join(filter(None, [header["summary"], header.get("description")]))
    commit = repository.commit(name, message, changes, parent)
    url = f"{request.hub.url}/{request.repo_id}/commit/{commit.id}"
    return _json({"success": True, "commitOid": commit.id, "commitUrl": url, "pullRequestUrl": pull_request})


def _changes(
    key: str, value: Mapping[str, str], storage: Mapping[str, bytes], there: Mapping[str, bytes]
) -> dict[str, bytes | None]:
    """What one line of a commit's request does; None deletes."""
    match key:
        case "file":
            return {value["path"]: base64.b64decode(value["content"])}
        case "lfsFile":
            if value["oid"] not in storage:
                raise _Refused(400, "Your push was rejected: an LFS pointer points to a file that does not exist")
            return {value["path"]: storage[value["oid"]]}
        case "deletedFile" | "deletedFolder":
            folder = value["path"].rstrip("/") + "/"
            is_folder = key == "deletedFolder"
            gone = [path for path in there if (path.startswith(folder) if is_folder else path == value["path"])]
            if not gone:
                raise _Refused(404, "A file with this name doesn't exist", "EntryNotFound")
            return dict.fromkeys(gone)
    return {}


_MODEL = r"/api/models/(?P<repo>[^/]+/[^/]+)"
_GIT = r"/(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects"
_REVISION = r"(?P<revision>[^/]+)"
_ROUTES: list[tuple[tuple[str, ...], str, Callable[[_Request], _Answer]]] = [
    (("GET",), r"/api/whoami-v2", _whoami),
    (("POST",), r"/api/validate-yaml", _validate_card),
    (("POST",), r"/api/repos/create", _create_repository),
    (("GET",), rf"{_MODEL}", _info),
    (("GET",), rf"{_MODEL}/revision/{_REVISION}", _info),
    (("GET",), rf"{_MODEL}/tree/{_REVISION}(?:/(?P<path>.+))?", _tree),
    (("GET",), rf"{_MODEL}/refs", _refs),
    (("POST",), rf"{_MODEL}/branch/(?P<branch>[^/]+)", _create_branch),
    (("POST",), rf"{_MODEL}/preupload/{_REVISION}", _preupload),
    (("POST",), rf"{_MODEL}/commit/{_REVISION}", _create_commit),
    (("POST",), rf"{_GIT}/batch", _batch),
    (("POST",), rf"{_GIT}/verify", _verify),
    (("GET", "HEAD"), r"/storage/(?P<oid>\w+)", _download_storage),
    (("PUT",), r"/storage/(?P<oid>\w+)", _upload_storage),
    (("GET", "HEAD"), rf"/(?P<repo>[^/]+/[^/]+)/resolve/{_REVISION}/(?P<path>.+)", _resolve),
]


# The transport: requests in, answers and faults out. -----------------------------------------------------------------


class _Http(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for the answers under way, so that no socket stays open

    def __init__(self, hub: HubServer, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.hub = hub

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client that leaves early is none
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http
    timeout = 10  # seconds: a test that forgets to close its client fails instead of hanging

    def _handle(self) -> None:
        hub = self.server.hub
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = Seen(self.command, self.path, self.headers)
        hub.seen.append(seen)
        fault = hub.next_fault(seen)
        self.close_connection = True
        if hub.stopping.wait(fault.delay) or fault.drop:
            return
        if fault.status is not None:
            answer = _Answer(fault.status, {}, fault.body)
        else:
            url = urlsplit(self.path)
            request = _Request(hub, url.path, parse_qs(url.query), self.headers, body, fault.change)
            with hub.lock:
                answer = _answer(self.command, request)
        if not fault.lose_answer:
            self._send(answer, fault)

    do_GET = do_HEAD = do_POST = do_PUT = _handle  # noqa: N815

    def _send(self, answer: _Answer, fault: Fault) -> None:
        self.send_response(answer.status, HTTPStatus(answer.status).phrase)
        length = {"Content-Length": str(len(answer.body)), "Connection": "close"}
        for name, value in {**answer.headers, **length, **fault.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        body = b"" if self.command == "HEAD" else answer.body[: fault.cut_after]
        for start in range(0, len(body), 1024):
            if self.server.hub.stopping.wait(fault.pause):
                break
            self.wfile.write(body[start : start + 1024])
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Tests read `seen`, not a log."""
