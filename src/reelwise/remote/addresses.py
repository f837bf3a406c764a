"""From the address of a model, wherever it is, to a model folder on this machine."""

import re
from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from reelwise.errors import UsageError

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are done, and those in all where that is known; what it raises ends the work."""

Warn = Callable[[str], None]
"""Called with a sentence about what is not as it should be, but does not end the work."""

GROUP = "reelwise.model_addresses"
"""The entry points of kinds of addresses: by scheme a module with `check(address)` and `fetch(address, …)`."""


def is_folder(address: str) -> bool:
    """Whether the address is that of a folder on this machine, so that nothing has to be fetched."""
    return "://" not in address and address.partition(":")[0] not in _kinds()


def shown_address(address: str) -> str:
    """The address as it may be shown and logged: without the secrets that credentials and a query can be."""
    if is_folder(address):
        return address
    bare = re.split(r"[?#]", re.sub(r"//[^/]*@", "//", address))[0]
    return "".join(filter(str.isprintable, bare))


def check_address(address: str) -> str:
    """`address`, if a model can be there at all; nothing is looked up.

    Raises:
        UsageError: saying what an address looks like.
    """
    if address.startswith("hf://"):
        from reelwise.remote.hub import HubAddress

        HubAddress.parse(address)
    elif address and not is_folder(address) and (kind := _kinds().get(address.partition(":")[0])):
        kind.load().check(address)
    elif not address:
        raise UsageError("the address of the model is empty; name a folder, or hf://owner/repo")
    return address


def obtain_folder(address: str, on_progress: Progress = lambda *_: None, warn: Warn = lambda _: None) -> Path:
    """The folder with the model at `address`.

    Args:
        address: a folder, `hf://owner/repo[@revision]`, or a URL that fsspec knows, of a folder or a zip.
        on_progress: called as a download goes on.
        warn: called with a sentence where a cached copy is used because nobody answers.

    Raises:
        UsageError: if the address means nothing.
        DownloadError: if the model cannot be fetched, and no copy of it is here.
        ModelError: if what is there is no model.
    """
    if is_folder(address):
        return Path(address)
    if address.startswith("hf://"):
        from reelwise.remote.hub import HubAddress, fetch_from_hub

        return fetch_from_hub(HubAddress.parse(address), on_progress, warn)
    if kind := _kinds().get(address.partition(":")[0]):
        folder: Path = kind.load().fetch(address, on_progress, warn)
        return folder
    from reelwise.remote.object_store import fetch_remote

    return fetch_remote(address, on_progress, warn)


@cache
def _kinds() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
