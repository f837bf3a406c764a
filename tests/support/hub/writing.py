"""What the Hub answers to those who write: repositories, branches and commits.

A large file is uploaded to the storage before the commit that names it: `preupload` says which files are large, `batch`
where they go, and `verify` whether they came.
"""

import base64
import json
from collections.abc import Mapping

from support.hub.protocol import Refused, Request, find_commit, json_answer
from support.hub.repositories import LARGE_ENDINGS, Repository, is_large, linked_id, sha256
from support.servers.loopback import Answer


def create_repository(request: Request) -> Answer:
    request.must_be_by_user()
    wanted = json.loads(request.body)
    owner = wanted.get("organization") or request.hub.user
    if owner != request.hub.user:
        raise Refused(403, f'You don\'t have the rights to create a model under the namespace "{owner}"')
    repo_id = f"{owner}/{wanted['name']}"
    url = f"{request.hub.url}/{repo_id}"
    if repo_id in request.hub.repositories:
        raise Refused(409, "You already created this model repo", url=url)
    repository = Repository(private=wanted.get("visibility") == "private")
    attributes = "".join(f"*{ending} filter=lfs diff=lfs merge=lfs -text\n" for ending in LARGE_ENDINGS)
    repository.commit("main", "initial commit", {".gitattributes": attributes.encode()}, None)
    request.hub.repositories[repo_id] = repository
    return json_answer({"url": url, "name": repo_id})


def create_branch(request: Request) -> Answer:
    repository = request.writable_repository(by_pull_request=False)
    branch, start = request.parts["branch"], json.loads(request.body).get("startingPoint") or "main"
    if branch in repository.named:
        raise Refused(409, f"Reference already exists: refs/heads/{branch}")
    repository.named[branch] = find_commit(repository, start).id
    return json_answer({"success": True})


def preupload(request: Request) -> Answer:
    repository = request.writable_repository(by_pull_request=request.wants_pull_request)
    there = request.commit_in(repository).files
    answers = []
    for file in json.loads(request.body)["files"]:
        path, size = file["path"], file["size"]
        oid = linked_id(path, there[path]) if path in there else None
        mode = "lfs" if is_large(path, size) else "regular"
        answers.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
    return json_answer({"files": answers})


def batch(request: Request) -> Answer:
    """Where each large file is to be uploaded; nowhere if the storage has it."""
    wanted = json.loads(request.body)
    request.writable_repository(by_pull_request="ref" not in wanted)
    verify = {"href": f"{request.hub.url}/{request.repo_id}.git/info/lfs/objects/verify"}
    answers = []
    for asked in wanted["objects"]:
        upload = {"href": f"{request.hub.storage_url}/{asked['oid']}"}
        missing = {} if asked["oid"] in request.hub.storage else {"actions": {"upload": upload, "verify": verify}}
        answers.append({"oid": asked["oid"], "size": asked["size"], **missing})
    return json_answer({"transfer": "basic", "objects": answers})


def upload_large(request: Request) -> Answer:
    if "Authorization" in request.headers or sha256(request.body) != request.parts["oid"]:
        return Answer(400)
    request.hub.storage[request.parts["oid"]] = request.body
    return Answer(200, {"ETag": f'"{request.parts["oid"]}"'})


def verify(request: Request) -> Answer:
    asked = json.loads(request.body)
    content = request.hub.storage.get(asked["oid"])
    if content is None or len(content) != asked["size"]:
        raise Refused(404, "LFS object not found or of another size")
    return json_answer({})


def create_commit(request: Request) -> Answer:
    repository = request.writable_repository(by_pull_request=request.wants_pull_request)
    parent = request.commit_in(repository)
    lines = [json.loads(line) for line in request.body.splitlines()]
    header = next(line["value"] for line in lines if line["key"] == "header")
    if header.get("parentCommit", parent.id) != parent.id:
        raise Refused(412, "A commit has happened since. Please refresh and try again.")
    changes: dict[str, bytes | None] = {}
    for line in lines:
        changes |= _changes(line["key"], line["value"], request.hub.storage, parent.files)
    name, pull_request = request.parts["revision"], ""
    if request.wants_pull_request:
        number = 1 + sum(name.startswith("refs/pr/") for name in repository.named)
        name, pull_request = f"refs/pr/{number}", f"{request.hub.url}/{request.repo_id}/discussions/{number}"
    elif name not in repository.named:
        raise Refused(400, f"{name} is not a branch")
    message = "\n\n".join(filter(None, [header["summary"], header.get("description")]))
    commit = repository.commit(name, message, changes, parent)
    url = f"{request.hub.url}/{request.repo_id}/commit/{commit.id}"
    return json_answer({"success": True, "commitOid": commit.id, "commitUrl": url, "pullRequestUrl": pull_request})


def _changes(
    key: str, value: Mapping[str, str], storage: Mapping[str, bytes], there: Mapping[str, bytes]
) -> dict[str, bytes | None]:
    """What one line of a commit's request does; None deletes."""
    match key:
        case "file":
            return {value["path"]: base64.b64decode(value["content"])}
        case "lfsFile":
            if value["oid"] not in storage:
                raise Refused(400, "Your push was rejected: an LFS pointer points to a file that does not exist")
            return {value["path"]: storage[value["oid"]]}
        case "deletedFile" | "deletedFolder":
            folder = value["path"].rstrip("/") + "/"
            is_folder = key == "deletedFolder"
            gone = [path for path in there if (path.startswith(folder) if is_folder else path == value["path"])]
            if not gone:
                raise Refused(404, "A file with this name doesn't exist", "EntryNotFound")
            return dict.fromkeys(gone)
    return {}
