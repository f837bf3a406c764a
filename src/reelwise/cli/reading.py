"""Reading the ratings that a command is given, and saying what they were taken for."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.cli.options import parsed_columns, settings_with

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
    from reelwise.data.readers.movielens import read_dataset

    dataset = read_dataset(data, columns=parsed_columns(columns), scale=scale)
    say_what_was_read(data, dataset.understood)
    return dataset


def say_what_was_read(data: Path, understood: str) -> None:
    """Say what ratings were taken for."""
    from reelwise.cli.terminal import say

    say(f"Read {data}: {understood}.")


def erased_marks() -> frozenset[str]:
    """The marks of all users who were erased from the live store of the settings; none if there is no store.

    Raises:
        StoreError: Raised when the store cannot be asked.
    """
    address = settings_with().store.get_secret_value()
    if not address:
        return frozenset()
    from reelwise.live.store import Store

    with closing(Store(address)) as store:
        return store.erased_marks()


def leave_out_erased(dataset: "Dataset") -> "Dataset":
    """The data set without users who were erased from the live store of the settings, if there is one.

    Raises:
        StoreError: Raised when the store cannot be asked.
    """
    from reelwise.cli.terminal import say
    from reelwise.training.erased import without_erased

    kept, erased = without_erased(dataset, erased_marks())
    if erased:
        say(f"Left out {erased:,} users who were erased.")
    return kept
