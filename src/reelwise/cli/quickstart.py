"""The main job: from nothing to a model, with or without a network."""

from pathlib import Path

from reelwise.cli.terminal import download_progress, say
from reelwise.data.dataset import Dataset
from reelwise.data.downloads import download, published
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.sample.dataset import read_sample
from reelwise.errors import DownloadError

DATASET = "ml-latest-small"


def obtain_dataset(data: Path | None, into: Path, base_url: str) -> Dataset:
    """The data set to start with: `data` if given, else MovieLens latest-small, else the built-in sample.

    Args:
        data: a folder with ratings.
        into: where downloads are kept; a data set that is there already is used without a network.
        base_url: where MovieLens data sets are published.

    Raises:
        DataError: if `data` is given and cannot be read.
    """
    if data is not None:
        return read_dataset(data)
    try:
        with download_progress(DATASET) as on_progress:
            got = download(published(DATASET), into, base_url=base_url, on_progress=on_progress, retries=1, timeout=5)
    except DownloadError as error:
        say(f"{error}")
        say("Using the built-in sample instead: real films, simulated viewers. It shows how things work, not what")
        say("people like. With a network, or with --data DIR, quickstart uses real ratings.")
        return read_sample()
    return read_dataset(got.folder)
