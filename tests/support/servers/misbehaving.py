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
from email.utils import formatdate

from support.servers import loopback
from support.servers.loopback import Answer, LoopbackServer, Seen

__all__ = ["Fault", "MisbehavingServer", "Seen"]


@dataclass(frozen=True)
class Fault(loopback.Fault):
    """What may go wrong with a file, too."""

    ignore_range: bool = False  # the whole file, whatever was asked for
    ignore_if_range: bool = False  # a part of the file, although it changed
    new_content: bytes | None = None  # the file changes just before this request


class MisbehavingServer(LoopbackServer[Fault]):
    """`files` (path to content), `validators` (off: no ETag and no date) and `always` may be changed at any time."""

    def __init__(self, files: dict[str, bytes], *, validators: bool = True) -> None:
        super().__init__()
        self.files = files
        self.validators = validators
        self.always = Fault()  # what every request meets that no script is for
        self._faults: dict[str, deque[Fault]] = {}

    def script(self, path: str, *faults: Fault) -> None:
        """The next requests for `path` meet these faults, one each, in this order."""
        self._faults.setdefault(path, deque()).extend(faults)

    def next_fault(self, seen: Seen) -> Fault:
        faults = self._faults.get(path_of(seen))
        return faults.popleft() if faults else self.always

    def requests_for(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if path_of(seen) == path]

    def answer(self, seen: Seen, fault: Fault) -> Answer:
        if fault.new_content is not None:
            self.files[seen.path] = fault.new_content
        content = self.files.get(path_of(seen))
        return Answer(404) if content is None else self._serve(content, seen, fault)

    def _serve(self, content: bytes, seen: Seen, fault: Fault) -> Answer:
        digest = hashlib.sha256(content).hexdigest()
        tag, date = f'"{digest}"', formatdate(int(digest[:7], 16), usegmt=True)
        headers = {"ETag": tag, "Last-Modified": date} if self.validators else {}
        asked = re.fullmatch(r"bytes=(\d+)-", seen.headers.get("Range", ""))
        same = fault.ignore_if_range or seen.headers.get("If-Range", tag) in (tag, date)
        if asked is None or fault.ignore_range or not same:
            return Answer(200, headers, content)
        if (start := int(asked[1])) >= len(content):
            return Answer(416, headers | {"Content-Range": f"bytes */{len(content)}"})
        place = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Answer(206, headers | {"Content-Range": place}, content[start:])


def path_of(seen: Seen) -> str:
    """The path of a request, without its query."""
    return seen.path.partition("?")[0]
