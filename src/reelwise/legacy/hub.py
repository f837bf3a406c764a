"""The early project's model, from its three repositories on the Hub: fetched, and imported once into a model folder."""

import hashlib
from functools import partial
from pathlib import Path

from reelwise.artifacts.folder import write_model
from reelwise.data.digest import sha256_of
from reelwise.data.readers.movielens import MOVIES_FILES, read_movies
from reelwise.errors import UsageError
from reelwise.legacy.files import MAPPINGS_FILE, P_FILE, Q_FILE, SeedFiles, read_seed
from reelwise.remote.addresses import SEED_SCHEME, OnBytes
from reelwise.remote.hub_client import hub_api, reporting_bar
from reelwise.remote.translate_errors import translate_hub_errors

FILMS_FOLDER = Path("data")
"""Where the early project has its films, too: they are in none of the three repositories."""
_DIGITS = 64  # of a sha256, in hexadecimal


def fetch_seed(address: str, on_progress: OnBytes = lambda *_: None) -> Path:
    """The model folder made of three repositories: `owner/name-model_P.npy`, `…-model_Q.npy`, `…-model_mappings.pkl`.

    Films get their titles from `data/movies.csv` in the current folder, if there is one. If the Hub cannot be reached,
    the files in its cache are used.

    Args:
        address: `seed://owner/name`.
        on_progress: called as the download, and then the import, goes on.

    Raises:
        UsageError: if the address means nothing.
        DownloadError: if a file can neither be fetched nor is in the cache.
        ModelError: if the files are not what they should be; nothing in them is ever executed.
    """
    files = download_seed(address, on_progress)
    kept = _folder_for(files)
    if not (kept / "config.json").is_file():
        if not all(map(_is_whole, (files.P, files.Q, files.mappings))):
            files = download_seed(address, on_progress, again=True)
        films = read_movies(FILMS_FOLDER)
        name = address.removeprefix(SEED_SCHEME)

        def on_import(what: str, done: int, total: int) -> None:
            if what.startswith("reading"):  # what else is counted is no bytes
                on_progress(done, total)

        write_model(kept, read_seed(files, films, on_import, name=name))
    return kept


def download_seed(address: str, on_progress: OnBytes = lambda *_: None, again: bool = False) -> SeedFiles:
    """The three files, in the Hub's cache; see `fetch_seed`. `again` fetches them even if they are in it."""
    prefix = address.removeprefix(SEED_SCHEME)
    if prefix.count("/") != 1 or not all(prefix.split("/")):
        raise UsageError(f"{address!r} is no model in the seed format; expected {SEED_SCHEME}owner/name")
    bar = reporting_bar(on_progress)
    with translate_hub_errors(address):
        download = partial(hub_api().hf_hub_download, force_download=again, tqdm_class=bar)
        return SeedFiles(*(Path(download(f"{prefix}-{name}", name)) for name in (P_FILE, Q_FILE, MAPPINGS_FILE)))


def _is_whole(path: Path) -> bool:
    """Whether a file in the Hub's cache is what its name there says; of large files that is the sha256."""
    blob = path.resolve()
    return len(blob.name) != _DIGITS or sha256_of(blob) == blob.name


def _folder_for(files: SeedFiles) -> Path:
    """Where the import of just these files, with the films that are there now, is kept."""
    from huggingface_hub import constants

    films = next((path for name in MOVIES_FILES if (path := FILMS_FOLDER / name).is_file()), None)
    digest = hashlib.sha256(films.read_bytes() if films else b"")
    for path in (files.P, files.Q, files.mappings):
        digest.update(str(path.resolve()).encode())  # a blob, which is named by its content
    return Path(constants.HF_ASSETS_CACHE) / "reelwise" / "seed-models" / digest.hexdigest()[:32]
