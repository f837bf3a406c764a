"""Reads the ratings that a command is given, and says how they were understood."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set

    from reelwise.data.dataset import Dataset
    from reelwise.data.interactions import RatingScale
    from reelwise.data.readers.columns import ColumnNames


def open_dataset(data: Path, columns: "ColumnNames | None", scale: "RatingScale | None" = None) -> "Dataset":
    """The data set at `data`, a folder or a file; says how its ratings were understood.

    Raises:
        DataError: Raised when it cannot be read; it names file, line and content of the first fault.
    """
    from reelwise.data.readers.movielens import read_dataset

    dataset = read_dataset(data, columns=columns, scale=scale)
    say_what_was_read(data, dataset.understood)
    return dataset


def say_what_was_read(data: Path, understood: str) -> None:
    """Say how ratings were understood."""
    from reelwise.cli.terminal import say

    say(f"Read {data}: {understood}.")


def leave_out_erased(dataset: "Dataset", marks: "Set[str]") -> "Dataset":
    """The data set without users who were erased, by their marks.

    Raises:
        UsageError: Raised when no user is left.
    """
    from reelwise.cli.terminal import say
    from reelwise.training.erased import without_erased

    kept, erased = without_erased(dataset, marks)
    if erased:
        say(f"Left out {erased:,} users who were erased.")
    return kept
