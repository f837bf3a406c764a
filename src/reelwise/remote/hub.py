"""Models on the Hugging Face Hub, fetched into the Hub's own cache and pinned to one commit.

Nothing is executed or unpickled: only files of a model folder are fetched, and read as such.
"""

import re
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote

from reelwise.artifacts.config import read_config
from reelwise.artifacts.files import FILES
from reelwise.artifacts.integrity import changed_files, check_integrity
from reelwise.errors import DownloadError, ModelError, UsageError
from reelwise.remote.addresses import OnBytes, Warn, address_of_page
from reelwise.remote.bounds import bounded
from reelwise.remote.hub_client import hub_api, reporting_bar
from reelwise.remote.translate_errors import translate_hub_errors

SCHEME = "hf://"
_NAME = r"\w(?:[\w.-]{0,94}\w)?"
_REPOSITORY = rf"(?![^@]*(?:--|\.\.)){_NAME}/{_NAME}(?<!\.git)"  # what the Hub takes
_ADDRESS = re.compile(rf"hf://(?:models/)?({_REPOSITORY})(?:@([^@\s]+))?/?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_EVERYTHING = list(FILES)


class HubAddress(NamedTuple):
    """Where a model is: a repository, and a branch, tag or commit of it; None is its default branch."""

    repository: str
    revision: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address that `hf://owner/repo` or `hf://owner/repo@revision` means; `hf://` may be left out.

        Raises:
            UsageError: Raised when it means none.
        """
        found = _ADDRESS.fullmatch(text if text.startswith(SCHEME) else SCHEME + text)
        if meant := address_of_page(text):
            raise UsageError(f"{text} is a page of the Hugging Face Hub; for the model there, write {meant}")
        if found is None:
            raise UsageError(f"{text!r} is no model on the Hub; expected hf://owner/repo or hf://owner/repo@revision")
        return cls(*found.groups())

    def __str__(self) -> str:
        return f"{SCHEME}{self.repository}" + (f"@{self.revision}" if self.revision else "")


def check(address: str) -> None:
    """Refuse what is not the address of a model on the Hub; nothing is looked up.

    Raises:
        UsageError: Raised when it is not.
    """
    HubAddress.parse(address)


def fetch(address: str, on_progress: OnBytes = lambda *_: None, warn: Warn = lambda _: None) -> Path:
    """The model folder at `address`, in the Hub's cache.

    Only the files of a model folder are fetched, all from one commit, and compared with the sha256 that its
    `config.json` says. If the Hub cannot be asked, the copy that was used last is used again.

    Args:
        address: as `HubAddress.parse` takes it.
        on_progress: called as the download goes on.
        warn: called with a sentence when a cached copy is used because the Hub cannot be asked.

    Raises:
        UsageError: Raised when the address means nothing.
        DownloadError: Raised when it can neither be fetched nor is in the cache.
        ModelError: Raised when what is there is no model, or not the one that its `config.json` describes.
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
    folder = Path(download(allow_patterns=_EVERYTHING))
    expected = _read_digests(address, folder)
    damaged = changed_files(folder, expected)
    if damaged:  # the Hub's client compares sizes only, so a changed file would stay in its cache for ever
        download(allow_patterns=damaged, force_download=True)
        check_integrity(folder, expected)
    _remember(address, commit)
    return folder


def _read_digests(address: HubAddress, folder: Path) -> dict[str, str]:
    """The sha256 of each file of a model that was fetched."""
    if not (folder / "config.json").is_file():
        raise ModelError(f"{address}: there is no config.json in it, so this is not a Reelwise model")
    return read_config(folder / "config.json").sha256


def _find_cached(address: HubAddress) -> Path | None:
    """The copy that was used last, if it is in the cache as a whole and was checked."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    commit = _recall(address)
    try:
        found = hub_api().snapshot_download(
            address.repository,
            revision=commit or address.revision,
            local_files_only=True,
            allow_patterns=_EVERYTHING,
        )
    except LocalEntryNotFoundError:
        return None
    folder = Path(found)
    if commit is None:  # another program fetched it
        try:
            check_integrity(folder, _read_digests(address, folder))
        except ModelError:
            return None
        _remember(address, folder.name)
    return folder


def _note_path(address: HubAddress) -> Path:
    """The file that says which commit was last fetched from `address` and checked."""
    from huggingface_hub import constants

    folder = Path(constants.HF_ASSETS_CACHE) / "reelwise" / address.repository.replace("/", "--")
    return folder / f"@{quote(address.revision or '', safe='')}"


def _recall(address: HubAddress) -> str | None:
    try:
        commit = _note_path(address).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
    return commit if _COMMIT.fullmatch(commit) else None


def _remember(address: HubAddress, commit: str) -> None:
    note = _note_path(address)
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(commit, encoding="ascii")
    except OSError:
        return  # a cache that cannot be written to: the copy is checked anew each time
