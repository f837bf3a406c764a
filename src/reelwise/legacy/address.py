"""The address `legacy:`: the early project's three repositories on the Hub, imported once into a model folder.

`legacy:owner/prefix` means those of another owner: `owner/prefix-model_P.npy`, `…-model_Q.npy`, `…-model_mappings.pkl`.
"""

import hashlib
import re
from functools import partial
from pathlib import Path

from reelwise._network import OnBytes
from reelwise.artifacts.folder import write_model
from reelwise.data.digest import sha256_of
from reelwise.data.readers.films import MOVIES_FILES, read_movies
from reelwise.errors import UsageError
from reelwise.legacy.files import EARLY_PROJECT, MAPPINGS_FILE, P_FILE, Q_FILE, LegacyFiles, read_legacy_model
from reelwise.remote.addresses import Warn
from reelwise.remote.bounds import bounded
from reelwise.remote.hub_client import hub_api, reporting_bar
from reelwise.remote.translate_errors import translate_hub_errors

FILMS_FOLDER = Path("data")
"""The folder of the early project's films, which are in none of the three repositories."""
_ADDRESS = re.compile(r"legacy:([\w.-]+/[\w.-]+)?", re.ASCII)
_DIGITS = 64  # of a sha256, in hexadecimal


def check(address: str) -> None:
    """Check the form of an address, without looking anything up.

    Raises:
        UsageError: Raised when it is neither `legacy:` nor `legacy:owner/prefix`.
    """
    name_data(address)


def fetch(address: str, on_progress: OnBytes = lambda *_: None, _warn: Warn = lambda _: None) -> Path:
    """The model folder made of the three repositories at `address`.

    Films get their titles from `data/movies.csv` in the current folder, if there is one. If the Hub cannot be reached,
    the files in its cache are used.

    Args:
        address: `legacy:` or `legacy:owner/prefix`.
        on_progress: called with bytes done and bytes in all, for the download and then for the import.

    Raises:
        UsageError: Raised when the address is invalid.
        DownloadError: Raised when a file can neither be fetched nor is in the cache.
        ModelError: Raised when a file is invalid; nothing in it is ever executed.
    """
    files = download_files(address, on_progress)
    folder = _choose_folder(files)
    if not (folder / "config.json").is_file():
        if not all(map(_is_intact, (files.P, files.Q, files.mappings))):
            files = download_files(address, on_progress, again=True)

        def on_step(step: str, done: int, total: int) -> None:
            if step.startswith("reading"):  # other steps do not count bytes
                on_progress(done, total)

        films = read_movies(FILMS_FOLDER)
        write_model(folder, read_legacy_model(files, films, on_step, name=name_data(address)))
    return folder


def download_files(address: str, on_progress: OnBytes = lambda *_: None, *, again: bool = False) -> LegacyFiles:
    """The three files at `address` in the Hub's cache; see `fetch`. `again` downloads them even if they are in it."""
    prefix = name_data(address)
    with translate_hub_errors(f"legacy:{prefix}"):
        bar = reporting_bar(bounded(on_progress, f"legacy:{prefix}"))
        download = partial(hub_api().hf_hub_download, force_download=again, tqdm_class=bar)
        return LegacyFiles(*(Path(download(f"{prefix}-{name}", name)) for name in (P_FILE, Q_FILE, MAPPINGS_FILE)))


def name_data(address: str) -> str:
    """The name of the data of the model at `address`: the beginning of the names of its three repositories."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise UsageError(f"{address!r} is not the address of a legacy model; expected legacy: or legacy:owner/prefix")
    return match[1] or EARLY_PROJECT


def _is_intact(path: Path) -> bool:
    """Whether a file in the Hub's cache has the content that it is named by; for large files that is the sha256."""
    blob = path.resolve()
    return len(blob.name) != _DIGITS or sha256_of(blob) == blob.name


def _choose_folder(files: LegacyFiles) -> Path:
    """The folder that keeps the import of exactly these files, with the films that are there now."""
    from huggingface_hub import constants

    films = next((path for name in MOVIES_FILES if (path := FILMS_FOLDER / name).is_file()), None)
    digest = hashlib.sha256(films.read_bytes() if films else b"")
    for path in (files.P, files.Q, files.mappings):
        digest.update(str(path.resolve()).encode())  # a blob, which is named by its content
    return Path(constants.HF_ASSETS_CACHE) / "reelwise" / "legacy-models" / digest.hexdigest()[:32]
