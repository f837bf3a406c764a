"""Films wherever Spark finds them, read on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.data.catalogue import Catalogue
from reelwise.data.readers.films import MOVIES_FILES, read_movies
from reelwise.errors import DataError
from reelwise.spark.files import SparkFiles, format_address
from reelwise.spark.reading.locating import locate
from reelwise.spark.reading.rows import TABLE
from reelwise.storage.working_folders import working_folder

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def read_films(spark: "SparkSession", data: str, folder: str | None) -> Catalogue:
    """The films in `folder`, or else beside the ratings at `data`; empty if there is no movies file.

    Raises:
        DataError: Raised when something is wrong; it names file, line and content of the first fault.
    """
    files = SparkFiles(spark)
    if folder is None:
        if data.startswith(TABLE):
            return Catalogue.of([])
        folder = files.parent(locate(files, data).path)
    elif not files.exists(folder):
        raise DataError(f"{folder}: there is no such file or folder")
    folder = files.full(folder) if files.is_folder(folder) else files.parent(files.full(folder))
    if folder.startswith("file:"):
        return read_movies(Path(format_address(folder)))
    with working_folder("reelwise-scratch-") as here:
        for entry in files.list(folder):
            if entry.name in (*MOVIES_FILES, "links.csv", "tags.csv"):
                files.fetch(f"{folder}/{entry.name}", here)
        try:
            return read_movies(here)
        except DataError as error:
            raise DataError(str(error).replace(str(here), folder)) from None
