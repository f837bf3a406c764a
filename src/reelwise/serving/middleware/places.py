"""How many requests are worked on at once, and by whom."""

from collections import Counter
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope

LONGEST_WAIT = 0.08
"""Processor seconds that the requests worked on at once may take together, and so the longest wait of each."""
LEAST = 6
"""Places that there always are."""

_OVERHEAD = 0.0005  # seconds of the processor that each takes beside what is asked of the recommender
_FIRST_GUESS = 0.002  # seconds that requests take, before any has ended
_MEMORY = 32  # requests back


class NoPlace(Exception):
    """There is no place for a request; the text says why."""


class Places:
    """Places for requests; one client cannot have them all, the last quarter is for others.

    There are as many as can be worked on within an acceptable wait, which depends on what requests take:
    that is learnt from those that have ended. A client that would wait longer is told to come back instead.

    Args:
        most: how many there are where requests take next to nothing.
    """

    def __init__(self, most: int) -> None:
        self._most, self._cost = most, _FIRST_GUESS
        self._taken: Counter[str] = Counter()
        self._all = 0

    @property
    def number(self) -> int:
        """How many places there are now."""
        return min(self._most, max(LEAST, int(LONGEST_WAIT / self._cost)))

    def learn(self, seconds: float) -> None:
        """Take note that a request took so much of the processor in the recommender."""
        self._cost += (seconds + _OVERHEAD - self._cost) / _MEMORY

    def check(self, client: str) -> None:
        """Refuse a client for whom there is no place.

        Raises:
            NoPlace: Raised when there is none.
        """
        places = self.number
        if self._all >= places:
            raise NoPlace("The server has as many requests as it can serve; try again in a second.")
        if self._taken[client] >= places - places // 4:
            raise NoPlace("The server has as many requests as it serves of one client; try again in a second.")

    def take(self, client: str) -> None:
        """Take a place, which is to be given back.

        Raises:
            NoPlace: Raised when there is none.
        """
        self.check(client)
        self._all += 1
        self._taken[client] += 1

    def give_back(self, client: str) -> None:
        """Give back a place that was taken."""
        self._all -= 1
        self._taken[client] -= 1
        if not self._taken[client]:
            del self._taken[client]


def client_of(scope: "Scope") -> str:
    """The client's address; for IPv6 its network, because one customer has all addresses in it."""
    client = scope.get("client")
    return _client(client[0]) if client else ""


@lru_cache(maxsize=1024)
def _client(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
