"""A request to the Hub with what it names and may do, the form of an answer, and that of a refusal.

The user may write below its own name only, as on the real Hub; to others it may send pull requests.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message

from support.hub.repositories import Commit, Hub, Repository
from support.servers.loopback import Answer


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode())


class Refused(Exception):
    """What the Hub answers where it doesn't do what was asked for."""

    def __init__(self, status: int, message: str, code: str = "", **more: object) -> None:
        headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self.answer = json_answer({"error": message, **more}, status, headers)


@dataclass(frozen=True)
class Request:
    """A request taken apart; whatever it may not do, or names in vain, is `Refused`."""

    hub: Hub
    query: Mapping[str, list[str]]
    headers: Message
    body: bytes
    change: Callable[[bytes], bytes]  # from a file's content to what is served as such
    parts: Mapping[str, str]  # named parts of the path: repo, revision, path

    @property
    def wants_pull_request(self) -> bool:
        return self.query.get("create_pr") == ["1"]

    @property
    def repo_id(self) -> str:
        return self.parts["repo"]

    def is_by_user(self) -> bool:
        """Whether it came with the user's token; a wrong one is refused even where none is needed."""
        given = self.headers.get("Authorization")
        if given not in (None, f"Bearer {self.hub.token}"):
            raise Refused(401, "Invalid credentials in Authorization header")
        return given is not None

    def must_be_by_user(self) -> None:
        if not self.is_by_user():
            raise Refused(401, "Invalid username or password.")

    def repository(self) -> Repository:
        """The one that the path names; to strangers, a private one and none at all look alike."""
        repository = self.hub.repositories.get(self.repo_id)
        known = self.is_by_user()
        if repository is None or (repository.private and not known):
            status, message = (404, "Repository not found") if known else (401, "Invalid username or password.")
            raise Refused(status, message, "RepoNotFound")
        return repository

    def writable_repository(self, *, by_pull_request: bool) -> Repository:
        repository = self.repository()
        self.must_be_by_user()
        if not by_pull_request and not self.repo_id.startswith(f"{self.hub.user}/"):
            raise Refused(403, "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request")
        return repository

    def commit_in(self, repository: Repository) -> Commit:
        """The one that the path names, the newest of main by default."""
        return find_commit(repository, self.parts.get("revision") or "main")


def find_commit(repository: Repository, revision: str) -> Commit:
    if (commit := repository.find(revision)) is None:
        raise Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound")
    return commit
