"""Models on the Hugging Face Hub, fetched into the Hub's own cache and pinned to one commit.

Nothing is executed or unpickled: only files of a model folder are fetched, and read as such.
"""

import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote

from reelwise.artifacts.config import read_config
from reelwise.artifacts.files import FILES
from reelwise.artifacts.integrity import changed_files, check_integrity
from reelwise.errors import DownloadError, ModelError, UsageError
from reelwise.remote.addresses import OnBytes, Warn, redact_address, refuse_page
from reelwise.remote.bounds import bounded
from reelwise.remote.copies import is_whole, naming, note_whole, read_note
from reelwise.remote.hub_client import hub_api, reporting_bar
from reelwise.remote.translate_errors import translate_hub_errors

SCHEME = "hf://"
_NAME = r"\w(?:[\w.-]{0,94}\w)?"
_REPOSITORY = rf"(?![^@]*(?:--|\.\.)){_NAME}/{_NAME}(?<!\.git)"  # what the Hub takes
_ADDRESS = re.compile(rf"(?i:hf://)?(?:models/)?({_REPOSITORY})(?:@([^@\s]+?))?/?", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")


class HubAddress(NamedTuple):
    """Where a model is: a repository, and a branch, tag or commit of it; None is its default branch."""

    repository: str
    revision: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `hf://owner/repo` or `hf://owner/repo@revision`; `hf://` may be left out.

        Raises:
            UsageError: Raised when it is not such an address.
        """
        refuse_page(text)
        found = _ADDRESS.fullmatch(text.strip())
        if found is None:
            shown = redact_address(SCHEME + text.strip().removeprefix(SCHEME))
            raise UsageError(
                f"{shown!r} is not a model on the Hub; expected hf://owner/repo or hf://owner/repo@revision"
            )
        return cls(*found.groups())

    def __str__(self) -> str:
        return f"{SCHEME}{self.repository}" + (f"@{self.revision}" if self.revision else "")


def check(address: str) -> None:
    """Refuse an invalid address; nothing is looked up.

    Raises:
        UsageError: Raised when it is not the address of a model on the Hub.
    """
    HubAddress.parse(address)


def fetch(address: str, on_progress: OnBytes = lambda *_: None, warn: Warn = lambda _: None) -> Path:
    """The model folder at `address`, in the Hub's cache.

    Only the files of a model folder are fetched, all from one commit, and compared with the sha256 that its
    `config.json` says. If the Hub cannot be asked, the copy that was used last is used again. A copy that was damaged
    since is fetched anew.

    Args:
        address: as `HubAddress.parse` takes it.
        on_progress: called as the download goes on.
        warn: called with a sentence when a cached copy is used because the Hub cannot be asked.

    Raises:
        UsageError: Raised when the address means nothing.
        DownloadError: Raised when it can neither be fetched nor is in the cache.
        ModelError: Raised when there is no model, or not the one that its `config.json` describes.
    """
    from huggingface_hub import constants

    place = HubAddress.parse(address)
    cached = _find_cached(place)
    if cached is not None and cached.name == place.revision:
        return cached  # a commit never changes: there is nothing to ask
    if cached is not None and constants.is_offline_mode():
        warn(f"{place}: HF_HUB_OFFLINE is set, so the copy of commit {cached.name[:12]} in the cache is used")
        return cached
    try:
        with translate_hub_errors(str(place)):
            commit = _resolve_commit(place)
            if cached is not None and cached.name == commit:
                return cached
            return _download(place, commit, on_progress)
    except (DownloadError, ModelError) as error:
        if cached is None:
            raise
        warn(f"{error}. Using the copy of commit {cached.name[:12]} in the cache instead")
        return cached


def _resolve_commit(address: HubAddress) -> str:
    """The commit that `address` means now."""
    from huggingface_hub import constants

    if address.revision and _COMMIT.fullmatch(address.revision):
        return address.revision
    found = hub_api().model_info(address.repository, revision=address.revision, timeout=constants.HF_HUB_ETAG_TIMEOUT)
    return str(found.sha)


def _download(address: HubAddress, commit: str, on_progress: OnBytes) -> Path:
    bar = reporting_bar(bounded(on_progress, str(address)))
    download = partial(hub_api().snapshot_download, address.repository, revision=commit, tqdm_class=bar)
    folder = Path(download(allow_patterns=[*FILES]))
    if not (folder / "config.json").is_file():
        raise ModelError(f"{address}: there is no config.json in it, so this is not a Reelwise model")
    with naming(str(address), folder):
        expected = read_config(folder / "config.json").sha256
        damaged = changed_files(folder, expected)
        if damaged:  # the Hub's client compares sizes only, so a changed file would stay in its cache for ever
            download(allow_patterns=damaged, force_download=True)
            check_integrity(folder, expected)
    with suppress(OSError):
        note_whole(_note_path(address), folder)
    return folder


def _find_cached(address: HubAddress) -> Path | None:
    """The copy that was used last, if it is in the cache as a whole; else one that another program fetched."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    note = _note_path(address)
    commit = read_note(note)
    revision = commit if commit and _COMMIT.fullmatch(commit) else address.revision
    try:
        folder = Path(
            hub_api().snapshot_download(
                address.repository, revision=revision, local_files_only=True, allow_patterns=[*FILES]
            )
        )
    except LocalEntryNotFoundError:
        return None
    return folder if is_whole(note, folder) else None


def _note_path(address: HubAddress) -> Path:
    """The file that says which commit was last fetched from `address` and checked."""
    from huggingface_hub import constants

    folder = Path(constants.HF_ASSETS_CACHE) / "reelwise" / address.repository.replace("/", "--")
    return folder / f"@{quote(address.revision or '', safe='')}"
