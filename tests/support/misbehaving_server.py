"""A web server on loopback that serves files from memory, and fails just as the test's script says.

with MisbehavingServer({"/a.zip": data}) as server:
    server.script("/a.zip", Fault(cut_after=10), Fault(status=500))
    ...                       # first request: 10 bytes, second: 500, from the third on all is well
    assert server.seen[1].headers["Range"] == "bytes=10-"
"""

import hashlib
import re
from collections import deque
from dataclasses import dataclass

from support import loopback
from support.loopback import Answer, LoopbackServer, Seen

__all__ = ["Fault", "MisbehavingServer", "Seen"]


@dataclass(frozen=True)
class Fault(loopback.Fault):
    """What may go wrong with a file, too."""

    ignore_range: bool = False  # the whole file, whatever was asked for
    ignore_if_range: bool = False  # a part of the file, although it changed
    new_content: bytes | None = None  # the file changes just before this request


class MisbehavingServer(LoopbackServer[Fault]):
    """`files` (path to content) may be changed at any time, `validators=False` means no ETag."""

    def __init__(self, files: dict[str, bytes], *, validators: bool = True) -> None:
        super().__init__()
        self.files = files
        self.validators = validators
        self._faults: dict[str, deque[Fault]] = {}

    def script(self, path: str, *faults: Fault) -> None:
        """The next requests for `path` meet these faults, one each, in this order."""
        self._faults.setdefault(path, deque()).extend(faults)

    def next_fault(self, seen: Seen) -> Fault:
        faults = self._faults.get(seen.path)
        return faults.popleft() if faults else Fault()

    def requests_for(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == path]

    def answer(self, seen: Seen, fault: Fault) -> Answer:
        if fault.new_content is not None:
            self.files[seen.path] = fault.new_content
        content = self.files.get(seen.path)
        return Answer(404) if content is None else self._serve(content, seen, fault)

    def _serve(self, content: bytes, seen: Seen, fault: Fault) -> Answer:
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {"ETag": tag} if self.validators else {}
        asked = re.fullmatch(r"bytes=(\d+)-", seen.headers.get("Range", ""))
        same = fault.ignore_if_range or seen.headers.get("If-Range", tag) == tag
        if asked is None or fault.ignore_range or not same:
            return Answer(200, headers, content)
        if (start := int(asked[1])) >= len(content):
            return Answer(416, headers | {"Content-Range": f"bytes */{len(content)}"})
        place = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Answer(206, headers | {"Content-Range": place}, content[start:])
