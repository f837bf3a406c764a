"""A port on which several processes listen, each with a queue of connections of its own."""

import socket
import sys
from typing import Any


class Reserved(socket.socket):
    """A bound socket that nobody listens on; sent to another process, it arrives as one of that process's own.

    Where all processes accept from one queue, whichever is awake takes everything that is there: of sixteen connections
    to two workers, eleven to fifteen are one worker's. Linux spreads connections over queues evenly, and those of a
    process that has died go to the others.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _bind, (self.family, self.getsockname())


def with_queues(bound: socket.socket) -> socket.socket:
    """`bound` so that each process to which it is sent has a queue of its own; as it is where that spreads nothing."""
    return Reserved(fileno=bound.detach()) if sys.platform == "linux" else bound


def _bind(family: int, address: Any) -> socket.socket:
    own = socket.socket(family)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sys.platform == "linux":  # as it always is here
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    own.bind(address)
    return own
