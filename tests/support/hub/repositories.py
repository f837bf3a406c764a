"""What a Hub holds: repositories with their commits, and a storage for the large files in them.

A `.npy` file (or one over 10 MB) is a large one: git has only a pointer to it.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LARGE_SIZE = 10_000_000
LARGE_ENDINGS = (".npy",)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def is_large(path: str, size: int) -> bool:
    return size > LARGE_SIZE or (path.endswith(LARGE_ENDINGS) and size > 0)


def pointer(content: bytes) -> bytes:
    """What git holds in place of a large file."""
    oid, size = sha256(content).encode(), len(content)
    return b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (oid, size)


def git_id(path: str, content: bytes) -> str:
    blob = pointer(content) if is_large(path, len(content)) else content
    return hashlib.sha1(b"blob %d\0" % len(blob) + blob).hexdigest()


def linked_id(path: str, content: bytes) -> str:
    """What the client calls a file's etag or oid: the content's sha256 if it is large, else git's id."""
    return sha256(content) if is_large(path, len(content)) else git_id(path, content)


@dataclass(frozen=True)
class Commit:
    """One commit; `files` is everything that the repository holds after it."""

    id: str
    message: str
    parent: str | None
    files: Mapping[str, bytes]
    changed: tuple[str, ...]  # paths that were added, replaced or deleted


class Repository:
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
        """The newest first."""
        commit = self.find(revision)
        while commit is not None:
            yield commit
            commit = self.find(commit.parent) if commit.parent else None

    def commit(self, name: str, message: str, changes: Mapping[str, bytes | None], parent: Commit | None) -> Commit:
        """Add a commit; a file whose content is None is deleted."""
        before = parent.files if parent else {}
        files = {path: content for path, content in {**before, **changes}.items() if content is not None}
        listing = [f"{path} {git_id(path, content)}" for path, content in sorted(files.items())]
        commit_id = hashlib.sha1("\n".join([parent.id if parent else "", message, *listing]).encode()).hexdigest()
        changed = tuple(sorted(path for path in changes if before.get(path) != files.get(path)))
        commit = Commit(commit_id, message, parent.id if parent else None, files, changed)
        self._commits[commit.id] = commit
        self.named[name] = commit.id
        return commit


class Hub:
    """`token` is the only one accepted, and it is that of `user`."""

    url: str  # of the server that it is on

    def __init__(self) -> None:
        self.token = "hf_test"
        self.user = "alice"
        self.lock = threading.Lock()  # requests come in threads of their own
        self.repositories: dict[str, Repository] = {}
        self.storage: dict[str, bytes] = {}  # sha256 → content of a large file

    @property
    def storage_url(self) -> str:
        """Another origin than `url`, so that the client keeps its token from it."""
        return self.url.replace("127.0.0.1", "localhost") + "/storage"

    def add(self, repo_id: str, files: Mapping[str, bytes], revision: str = "main", *, private: bool = False) -> str:
        """Commit `files` over those already there; returns the commit's hash. A new branch starts at main.

        `private` is how a new repository is made.
        """
        with self.lock:
            repository = self.repositories.setdefault(repo_id, Repository(private))
            large = (content for path, content in files.items() if is_large(path, len(content)))
            self.storage |= {sha256(content): content for content in large}
            return repository.commit(revision, "Add files", files, repository.find(revision, "main")).id

    def files(self, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """What the repository holds; one that the client created holds a `.gitattributes`, too."""
        return dict(self.commits(repo_id, revision)[0].files)

    def commits(self, repo_id: str, revision: str = "main") -> list[Commit]:
        """The newest first. A pull request's revision is `refs/pr/1`."""
        return list(self.repositories[repo_id].history(revision))
