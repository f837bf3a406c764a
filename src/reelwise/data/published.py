"""The data sets that GroupLens publishes, their terms, and how to recognise one."""

from dataclasses import dataclass
from pathlib import Path

from reelwise.errors import UsageError

BASE_URL = "https://files.grouplens.org/datasets/movielens"
"""The address under which GroupLens publishes them."""

REDISTRIBUTABLE = "research use; may be redistributed under the same terms; commercial use needs permission"
NOT_REDISTRIBUTABLE = "research use; may NOT be redistributed; commercial use needs permission"

CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19. https://doi.org/10.1145/2827872"
)
"""To be cited in publications that use MovieLens."""

_README_BYTES = 100_000  # of a README that are looked into


@dataclass(frozen=True)
class PublishedDataset:
    """One data set as GroupLens publishes it; the counts are those of its README.

    `ratings` is the exact number of rows that a download must hold, None where the set changes from edition to edition.
    `megabytes` is the size of the zip; more than twice as much is refused.
    """

    name: str
    ratings: int | None
    movies: int
    users: int
    year: int
    megabytes: int
    description: str
    licence: str


PUBLISHED = (
    PublishedDataset(
        "ml-latest-small", 100_836, 9_742, 610, 2018, 1, "small sample to try things with", REDISTRIBUTABLE
    ),
    PublishedDataset(
        "ml-latest", None, 86_537, 330_975, 2023, 335,
        "everything, a moving target: counts are the 2023 edition's (33,832,162 ratings), not checked", REDISTRIBUTABLE,
    ),
    PublishedDataset("ml-32m", 32_000_204, 87_585, 200_948, 2024, 239, "newest stable benchmark", REDISTRIBUTABLE),
    PublishedDataset("ml-25m", 25_000_095, 62_423, 162_541, 2019, 250, "stable benchmark", NOT_REDISTRIBUTABLE),
    PublishedDataset("ml-20m", 20_000_263, 27_278, 138_493, 2015, 190, "stable benchmark", NOT_REDISTRIBUTABLE),
    PublishedDataset("ml-10m", 10_000_054, 10_681, 71_567, 2009, 63, "half stars from 2003 on", NOT_REDISTRIBUTABLE),
    PublishedDataset("ml-1m", 1_000_209, 3_883, 6_040, 2003, 6, "whole stars, with demographics", NOT_REDISTRIBUTABLE),
    PublishedDataset("ml-100k", 100_000, 1_682, 943, 1998, 5, "the classic of 1998, whole stars", NOT_REDISTRIBUTABLE),
)  # fmt: skip


def published(name: str) -> PublishedDataset:
    """The published data set called `name`.

    Raises:
        UsageError: Raised when there is no such data set; it lists the names.
    """
    for dataset in PUBLISHED:
        if dataset.name == name:
            return dataset
    raise UsageError(f"no data set is called {name!r}; choose one of {', '.join(known.name for known in PUBLISHED)}")


def is_movielens(path: Path) -> bool:
    """Whether the ratings at `path`, a file or a folder, are GroupLens' own, whose terms hold then.

    By the name of the folder that they are in, or by the README that comes with each of the published data sets.
    """
    folder = (path if path.is_dir() else path.parent).resolve()
    if any(folder.name == known.name for known in PUBLISHED):
        return True
    return any(_is_of_grouplens(readme) for readme in folder.glob("README*") if readme.is_file())


def _is_of_grouplens(readme: Path) -> bool:
    try:
        with readme.open("rb") as file:
            text = file.read(_README_BYTES).lower()
    except OSError:
        return False
    return b"grouplens" in text and b"movielens" in text
