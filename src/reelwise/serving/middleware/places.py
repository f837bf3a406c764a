"""How many requests are worked on at once, and by whom."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope


class NoPlace(Exception):
    """There is no place for a request; the text says why."""


class Places:
    """So many places; one client cannot have them all, the last quarter is for others.

    Args:
        most: how many there are.
    """

    def __init__(self, most: int) -> None:
        self._free, self._most_of_one = most, most - most // 4
        self._taken: Counter[str] = Counter()

    def check(self, client: str) -> None:
        """Refuse a client for whom there is no place.

        Raises:
            NoPlace: Raised when there is none.
        """
        if self._free <= 0:
            raise NoPlace("The server has as many requests as it can serve; try again in a second.")
        if self._taken[client] >= self._most_of_one:
            raise NoPlace("The server has as many requests as it serves of one client; try again in a second.")

    @contextmanager
    def taken(self, client: str) -> Iterator[None]:
        """Have a place while the block runs.

        Raises:
            NoPlace: Raised when there is none.
        """
        self.check(client)
        self._free -= 1
        self._taken[client] += 1
        try:
            yield
        finally:
            self._free += 1
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]


def client_of(scope: "Scope") -> str:
    """Who asks, by address; of IPv6 that is the network, of which one customer has all addresses."""
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
