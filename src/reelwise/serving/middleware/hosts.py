"""The host names that the server answers to.

A browser lets a page ask whoever its own name leads to, and a stranger's name may lead here (DNS rebinding), where no
key is needed. An address of numbers leads nowhere else, and a name without a dot is of this network: nobody can buy it.
"""

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import Scope


class Hosts:
    """Knows which `Host` may be asked for.

    Args:
        names: those that are allowed beside this machine's own; `*` means any.
    """

    def __init__(self, names: "Collection[str]") -> None:
        self._names = frozenset(map(str.lower, names))

    def allow(self, host: bytes, scope: "Scope") -> bool:
        """Whether the server may be called like that: by a number, as itself, or by a name that is allowed."""
        if "*" in self._names:
            return True
        name = _name_in(host)
        server = scope.get("server")
        return name in self._names or _is_own(name) or bool(server and name == server[0])


def _name_in(host: bytes) -> str:
    """A `Host` header without its port."""
    text = host.decode("latin-1").lower()
    name = text.partition("]")[0][1:] if text.startswith("[") else text.partition(":")[0]
    return name.rstrip(".")


@lru_cache(maxsize=1024)
def _is_own(name: str) -> bool:
    """Whether no name server of others is asked for this one."""
    if name.endswith(".localhost") or re.fullmatch("[a-z0-9_-]+", name):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
