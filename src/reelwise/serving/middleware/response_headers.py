"""The headers that every response has beside its own: what browsers must not do with it, and which model answered."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reelwise.artifacts.model import Description

Header = tuple[bytes, bytes]

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

# An answer is data, and may be about one person: nothing in it is ever run, and no cache keeps it.
_ANSWER = [
    *_ALWAYS,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]

# The page is made of files from here alone. A poster that took a key to fetch is a blob of the page's own.
_PAGE_POLICY = (
    b"default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'"
)

_FILE = [*_ALWAYS, (b"content-security-policy", _PAGE_POLICY)]


def complete(own: Iterable[Header], is_file: bool, model: "Description | None") -> list[Header]:
    """A response's `own` headers and those that all have; where both have one of a name, its own stays.

    Args:
        own: of the response.
        is_file: whether it is a file that is the same for everybody.
        model: what the response came from; None while there is no model.
    """
    ours = _common(is_file, model.revision, model.simulated) if model else _common(is_file)
    names = {name for name, _ in own}
    return [*own, *(ours if names.isdisjoint(_REPLACEABLE) else [each for each in ours if each[0] not in names])]


_REPLACEABLE = frozenset(name for name, _ in _ANSWER)


@lru_cache(maxsize=16)
def _common(is_file: bool, revision: str | None = None, simulated: bool = False) -> list[Header]:
    headers = list(_FILE if is_file else _ANSWER)
    if revision is not None:
        headers.append((b"x-model-revision", revision.encode("ascii")))
    if simulated:
        headers.append((b"x-model-simulated", b"true"))
    return headers
