"""A Hugging Face Hub on loopback, in memory: as much of its protocol as the real client speaks for models.

with HubServer() as hub:
    hub.add("alice/films", {"config.json": b"{}", "model_P.npy": content})
    hub.fault("model_P.npy", Fault(cut_after=10), method="GET")
    ...                       # the first download of model_P.npy breaks off after 10 bytes, the second is good
    assert hub.requests("model_P.npy")[-1].headers["Range"] == "bytes=10-"

What it holds is in `support.hub.repositories`, what it answers in the modules beside that one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from support.hub import routes
from support.hub.repositories import Hub
from support.servers import loopback
from support.servers.loopback import Answer, LoopbackServer, Seen


@dataclass(frozen=True)
class Fault(loopback.Fault):
    """What may go wrong with a file, too."""

    change: Callable[[bytes], bytes] = bytes  # from the file's content to what is served as such


class HubServer(Hub, LoopbackServer[Fault]):
    """A Hub that listens and can be made to fail."""

    def __init__(self) -> None:
        Hub.__init__(self)
        LoopbackServer.__init__(self)
        self._faults: list[tuple[str, str | None, list[Fault]]] = []

    def fault(self, fragment: str, fault: Fault, *, method: str | None = None, times: int = 1) -> None:
        """The next `times` requests whose path (as in `seen`) has `fragment` in it meet this fault."""
        self._faults.append((fragment, method, [fault] * times))

    def forgive(self) -> None:
        """No request meets a fault from now on."""
        with self.lock:
            self._faults.clear()

    def next_fault(self, seen: Seen) -> Fault:
        with self.lock:
            for fragment, method, left in self._faults:
                if left and fragment in seen.path and method in (None, seen.method):
                    return left.pop()
        return Fault()

    def requests(self, fragment: str = "", method: str | None = None) -> list[Seen]:
        """Those seen whose path has `fragment` in it."""
        return [seen for seen in self.seen if fragment in seen.path and method in (None, seen.method)]

    def answer(self, seen: Seen, fault: Fault) -> Answer:
        with self.lock:
            return routes.answer(self, seen, fault.change)
