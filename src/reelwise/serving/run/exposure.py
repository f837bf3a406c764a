"""Whether the server may be seen from other machines."""

import socket
from ipaddress import ip_address

from reelwise.errors import UsageError
from reelwise.settings import Settings


def check_exposure(settings: Settings) -> None:
    """Refuse to listen on other addresses than this machine's own without keys, unless that is wanted.

    Raises:
        UsageError: Raised when that would be so; it says why, and what to do.
        OSError: Raised when the host has no address.
    """
    if settings.known_api_keys or settings.insecure:
        return
    found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    if not all(ip_address(address[0]).is_loopback for *_, address in found):
        raise UsageError(
            f"{settings.host} can be reached from other machines, and without keys everybody there could ask and read "
            "users' histories; set REELWISE_API_KEYS, or say --insecure (REELWISE_INSECURE=true) if that is meant"
        )
