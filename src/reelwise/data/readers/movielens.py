"""MovieLens folders of every generation, and files and folders from elsewhere.

| generation             | ratings          | films                     |
|------------------------|------------------|---------------------------|
| latest, 20M, 25M, 32M  | ratings.csv      | movies, links, tags.csv   |
| from elsewhere         | any file         | movies.csv or .parquet    |
| 1M, 10M                | ratings.dat      | movies.dat                |
| 100k                   | u.data           | u.item (Latin-1)          |
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reelwise.data.dataset import Dataset
from reelwise.data.digest import sha256_of
from reelwise.data.downloads import download
from reelwise.data.published import BASE_URL, is_movielens, published
from reelwise.data.readers.assembling import describe, sort_ratings
from reelwise.data.readers.columns import ColumnNames
from reelwise.data.readers.films import read_movies
from reelwise.data.readers.opening import require_access
from reelwise.data.readers.scales import check_scale
from reelwise.data.readers.tables import read_columns
from reelwise.errors import DataError, UsageError, in_one_line

RATINGS_FILES = (
    "ratings.csv", "ratings.parquet", "ratings.dat", "u.data", "ratings.csv.gz", "ratings.tsv", "ratings.tsv.gz",
    "ratings.dat.gz", "ratings.txt",
)  # fmt: skip


def read_dataset(
    path: Path | str,
    *,
    columns: ColumnNames | None = None,
    scale: tuple[float, float] | None = None,
) -> Dataset:
    """The data set in a folder or file.

    Of several ratings of a movie by the same user the latest counts, then the last line. Movies without ratings and
    ratings without a movie row are both legal; the latter are called "Movie 123", or by their ids where these are
    strings.

    Args:
        path: a folder with one of the ratings files of the table above; or a file of ratings. Films are those beside
            it.
        columns: columns by role, "user", "movie", "rating" and "time", such as `{"user": "who"}`; "" where there is
            none. The others are recognised by their names.
        scale: lowest and highest stars. By default what the stars look like.

    Raises:
        DataError: Raised when something is wrong; it names file, line and content of the first fault.
        UsageError: Raised when `path` is not a path.
    """
    if not isinstance(path, str | os.PathLike):
        raise UsageError(f"path is of type {type(path).__name__}; expected a file or folder of ratings")
    path = find_ratings(Path(path))
    read = read_columns(path, check_scale(scale), columns)
    with ThreadPoolExecutor(1) as beside:
        sha256 = beside.submit(sha256_of, path)
        ratings = sort_ratings(read)
        catalogue = read_movies(path.parent, ratings.movies)
    return Dataset(
        name=name_data(path),
        ratings=ratings,
        catalogue=catalogue,
        sha256=sha256.result(),
        duplicates=len(read.stars) - len(ratings),
        movielens=is_movielens(path),
        implicit=read.implicit,
        understood=describe(read, len(read.stars) - len(ratings)),
    )


def load_movielens(name: str = "ml-latest-small", into: Path | str = "data", *, base_url: str = BASE_URL) -> Dataset:
    """A published MovieLens data set, downloaded unless it is there already.

    Args:
        name: a name from `reelwise data list`, such as "ml-latest-small" or "ml-32m".
        into: the folder that downloads are kept in.
        base_url: the address that the zips lie under.

    Raises:
        UsageError: Raised when no data set has that name.
        DownloadError: Raised when it cannot be fetched.
    """
    return read_dataset(download(published(name), Path(into), base_url=base_url).folder)


def name_data(path: Path) -> str:
    """The name of the data in a ratings file: its folder, or the file where it has a name of its own; printable."""
    return in_one_line(path.resolve().parent.name if path.name in RATINGS_FILES else path.name)


def find_ratings(path: Path) -> Path:
    """The ratings file that `path` is, or has in it.

    Raises:
        DataError: Raised when there is no such file.
    """
    try:
        if path.is_file():
            return path
        if path.exists() and not path.is_dir():
            raise DataError(f"{path}: this is a pipe or a device; save its content as a file")
        if not path.is_dir():
            raise DataError(f"{path}: there is no such file or folder")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    require_access(path, os.R_OK | os.X_OK)
    found = next((path / name for name in RATINGS_FILES if (path / name).is_file()), None)
    if found is None:
        below = next((file.parent for name in RATINGS_FILES for file in sorted(path.glob(f"*/{name}"))), None)
        hint = f"; did you mean {below}?" if below else ""
        raise DataError(
            f"{path}: there are no ratings here, neither {', '.join(RATINGS_FILES[:3])} nor u.data{hint}; give "
            "the path of the file itself if it has another name"
        )
    return found
