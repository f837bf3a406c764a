"""Reading the ratings that a command is given, and saying what they were taken for."""

from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.cli.options import parsed_columns

if TYPE_CHECKING:
    from reelwise.data.dataset import Dataset
    from reelwise.data.interactions import RatingScale


def open_dataset(data: Path, columns: str | None, scale: "RatingScale | None") -> "Dataset":
    """The data set at `data`, a folder or a file.

    Args:
        data: where it is.
        columns: what was said with --columns.
        scale: the scale the stars must lie on, if one was given.

    Raises:
        DataError: Raised when it cannot be read; it names file, line and content of the first fault.
        UsageError: Raised when `columns` cannot be understood.
    """
    from reelwise.cli.terminal import say
    from reelwise.data.readers.movielens import read_dataset

    dataset = read_dataset(data, columns=parsed_columns(columns), scale=scale, keep_times=False)
    say(f"Read {data}: {dataset.understood}.")
    return dataset
