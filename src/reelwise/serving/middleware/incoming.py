"""Bodies that are still coming: they are waited for before anything else is done, and so take room but no place."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive

MOST_BODIES, MOST_BYTES = 1024, 64 << 20  # that are coming at a time, and what has come of them


class TooLong(Exception):
    """A body is longer than it may be."""


@dataclass(eq=False)
class _Body:
    """The part of a body that has arrived, and how to stop waiting for the rest."""

    give_up: Callable[[], object]
    parts: list[bytes] = field(default_factory=list)
    length: int = 0
    is_waited_for: bool = True


class Incoming:
    """Receives bodies, within bounds for all of them together.

    Beyond the bounds the client who takes most gives up the body that has been coming for longest, so that others are
    still heard, and whoever sends without delay is.
    """

    def __init__(self) -> None:
        self._of: defaultdict[str, dict[_Body, None]] = defaultdict(dict)  # by client, the oldest first
        self._bodies = self._bytes = 0

    async def receive(self, client: str, receive: "Receive", limit: int, give_up: Callable[[], object]) -> bytes | None:
        """The body of a request; None where its client left before the end.

        Args:
            client: who sends it.
            receive: gives the next part.
            limit: the most bytes that it may have.
            give_up: makes waiting for it end at once.

        Raises:
            TooLong: Raised when it has more.
        """
        body = _Body(give_up)
        self._of[client][body] = None
        self._bodies += 1
        try:
            self._make_room()
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                part = message.get("body", b"")
                body.parts.append(part)
                body.length += len(part)
                self._bytes += len(part) if body.is_waited_for else 0
                if body.length > limit:
                    raise TooLong
                if not message.get("more_body", False):
                    return b"".join(body.parts)
                self._make_room()
        finally:
            self._forget(client, body)

    def _make_room(self) -> None:
        while self._bodies > MOST_BODIES:
            self._give_up(max(self._of, key=lambda client: len(self._of[client])))
        while self._bytes > MOST_BYTES:
            self._give_up(max(self._of, key=lambda client: sum(body.length for body in self._of[client])))

    def _give_up(self, client: str) -> None:
        oldest = next(iter(self._of[client]))
        self._forget(client, oldest)
        oldest.give_up()

    def _forget(self, client: str, body: _Body) -> None:
        if body.is_waited_for:
            body.is_waited_for = False
            del self._of[client][body]
            if not self._of[client]:
                del self._of[client]
            self._bodies -= 1
            self._bytes -= body.length


def with_body(body: bytes, receive: "Receive") -> "Receive":
    """Give the application the whole body, and then whatever else arrives."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> "Message":
        return messages.pop() if messages else await receive()

    return receive_again
