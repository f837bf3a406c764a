"""From the address of a model, wherever it is, to a model folder on this machine.

A kind of address is a module with `check` and `fetch` (see `AddressKind`), registered under its scheme in the entry
points of `GROUP`; any package may add some. What has `://` and no such scheme is for `reelwise.remote.object_store`.
"""

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol

from reelwise._network import OnBytes as OnBytes
from reelwise._network import redact_url
from reelwise.artifacts.files import FILES
from reelwise.errors import ModelError, UsageError

GROUP = "reelwise.model_addresses"
"""The entry points of kinds of addresses: by scheme a module with `check(address)` and `fetch(address, …)`."""

_URL = re.compile(r"[a-z][a-z0-9+.:-]+:/", re.IGNORECASE)  # one letter alone is a drive of Windows
_PAGE_ON_HUB = re.compile(
    r"(?i:(?:https?://)?(?:[^/@]*@)?(?:www\.)?(?:huggingface\.co|hf\.co))/"
    r"(?:models/)?([\w.-]+/[\w.-]+?)(?:/tree/([^?#\s]+?))?/?(?:[?#].*)?",
    re.ASCII,
)

Warn = Callable[[str], None]
"""Called with a sentence about a fault that does not end the work."""


class AddressKind(Protocol):
    """One kind of address, by its scheme: a module with these functions."""

    def check(self, address: str) -> None:
        """Refuse an invalid address; nothing is looked up.

        Raises:
            UsageError: Raised when the address is invalid.
        """

    def fetch(self, address: str, on_progress: OnBytes, warn: Warn) -> Path:
        """The folder of the model on this machine.

        Raises:
            UsageError, DownloadError, ModelError: As `obtain_folder` does.
        """


def is_folder(address: str) -> bool:
    """Whether the address is that of a folder on this machine, so that nothing has to be fetched."""
    bare = address.strip()
    scheme, colon, _ = bare.partition(":")
    return not (_URL.match(bare) or (colon and scheme.lower() in _kinds()))


def redact_address(address: str) -> str:
    """The address as it may be shown and logged: without the secrets that credentials and a query can be."""
    if is_folder(address) and address_of_page(address) is None:
        return address
    return "".join(filter(str.isprintable, redact_url(address)))


def check_address(address: str) -> str:
    """The address as it is meant, with its scheme in lower case, if a model can be there; nothing is looked up.

    Raises:
        UsageError: Raised when the address means nothing; it says what one looks like.
    """
    if not address.strip():
        raise UsageError("the address of the model is empty; name a folder, or hf://owner/repo")
    refuse_page(address)
    if re.split(r"[/\\]", shown := redact_address(address))[-1] in FILES:
        raise UsageError(f"{shown} is a file of a model; name the folder that it is in")
    if is_folder(address):
        return address
    scheme, rest = address.strip().split(":", 1)
    address = f"{scheme.lower()}:{rest}"
    if kind := _kind_of(address):
        kind.check(address)
    elif "://" not in address:
        raise UsageError(f"{shown} lacks a slash: an address is written as in https://host/model")
    return address


def address_of_page(text: str) -> str | None:
    """The address of the model that has this page on the Hugging Face Hub; None for any other text."""
    found = _PAGE_ON_HUB.fullmatch(text)
    if found is None or Path(text).exists():
        return None
    return f"hf://{found[1]}" + (f"@{found[2]}" if found[2] else "")


def refuse_page(text: str) -> None:
    """Refuse a page of the Hub, which is not the address of a model.

    Raises:
        UsageError: Raised when it is one; it says what to write instead.
    """
    if meant := address_of_page(text):
        raise UsageError(
            f"{redact_address(text)} is a page of the Hugging Face Hub; for the model there, write {meant}"
        )


def obtain_folder(address: str, on_progress: OnBytes = lambda *_: None, warn: Warn = lambda _: None) -> Path:
    """The folder with the model at `address`.

    Args:
        address: a folder, `hf://owner/repo[@revision]`, or a URL that fsspec knows, of a folder or a zip.
        on_progress: called as a download goes on.
        warn: called with a sentence where a cached copy is used because there is no answer.

    Raises:
        UsageError: Raised when the address means nothing.
        DownloadError: Raised when the model cannot be fetched, and no copy of it is here.
        ModelError: Raised when there is no model at the address.
    """
    address = check_address(address)
    if not is_folder(address):
        kind = _kind_of(address) or import_module("reelwise.remote.object_store")
        return kind.fetch(address, on_progress, warn)
    if re.fullmatch(r"\w[\w.-]*/[\w.-]+", address) and not Path(address).exists():
        raise ModelError(f"{address}: there is no such model folder; for a model on the Hub, write hf://{address}")
    return Path(address)


@cache
def _kinds() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _kind_of(address: str) -> AddressKind | None:
    entry = _kinds().get(address.partition(":")[0])
    return entry.load() if entry else None
