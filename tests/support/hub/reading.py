"""What the Hub answers to those who read: what a repository holds, and its files.

`resolve` gives a file itself, and redirects to the storage for a large one.
"""

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import quote

from support.hub.protocol import Refused, Request, json_answer
from support.hub.repositories import git_id, is_large, linked_id, pointer, sha256
from support.servers.loopback import Answer


def info(request: Request) -> Answer:
    repository = request.repository()
    commit = request.commit_in(repository)
    files = [{"rfilename": path} for path in sorted(commit.files)]
    return json_answer({"id": request.repo_id, "sha": commit.id, "private": repository.private, "siblings": files})


def refs(request: Request) -> Answer:
    named = request.repository().named.items()
    entries = [{"name": name, "ref": _full_name(name), "targetCommit": commit_id} for name, commit_id in named]
    branches = [entry for entry in entries if entry["ref"] != entry["name"]]
    pull_requests = [entry for entry in entries if entry["ref"] == entry["name"]]
    more = {"pullRequests": pull_requests} if request.query.get("include_prs") == ["1"] else {}
    return json_answer({"branches": branches, "converts": [], "tags": [], **more})


def _full_name(name: str) -> str:
    return name if name.startswith("refs/") else f"refs/heads/{name}"


def tree(request: Request) -> Answer:
    folder = f"{request.parts['path']}/" if request.parts["path"] else ""
    files = request.commit_in(request.repository()).files
    inside = sorted(path for path in files if path.startswith(folder))
    if folder and not inside:
        raise Refused(404, f"{folder} does not exist", "EntryNotFound")
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
    return json_answer(list(entries.values()))


def _tree_entry(path: str, content: bytes) -> dict[str, object]:
    entry = {"type": "file", "path": path, "oid": git_id(path, content), "size": len(content)}
    if is_large(path, len(content)):
        entry["lfs"] = {"oid": sha256(content), "size": len(content), "pointerSize": len(pointer(content))}
    return entry


def resolve(request: Request) -> Answer:
    commit = request.commit_in(request.repository())
    path = request.parts["path"]
    if path not in commit.files:
        refusal = Refused(404, "Entry not found", "EntryNotFound").answer
        return Answer(404, {**refusal.headers, "X-Repo-Commit": commit.id}, refusal.body)
    content = commit.files[path]
    headers = {"X-Repo-Commit": commit.id, "ETag": f'"{linked_id(path, content)}"'}
    if not is_large(path, len(content)):
        return _content(request, content, headers)
    target = f"{request.hub.storage_url}/{sha256(content)}?filename={quote(path)}"
    linked = {"X-Linked-Etag": headers["ETag"], "X-Linked-Size": str(len(request.change(content)))}
    return Answer(302, {**headers, **linked, "Location": target}, b"Found. Redirecting")


def download_large(request: Request) -> Answer:
    if "Authorization" in request.headers:
        return Answer(400, body=b"Only one auth mechanism allowed")  # the address is signed: no token belongs here
    if (content := request.hub.storage.get(request.parts["oid"])) is None:
        return Answer(404)
    return _content(request, content, {"ETag": f'"{request.parts["oid"]}"'})


def _content(request: Request, content: bytes, headers: Mapping[str, str]) -> Answer:
    """The whole file, or the range that was asked for."""
    served = request.change(content)
    headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes", **headers}
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if asked is None:
        return Answer(200, headers, served)
    start, end = int(asked[1]), min(int(asked[2] or len(served)), len(served) - 1)
    if start > end:
        return Answer(416, headers | {"Content-Range": f"bytes */{len(served)}"})
    return Answer(206, headers | {"Content-Range": f"bytes {start}-{end}/{len(served)}"}, served[start : end + 1])
