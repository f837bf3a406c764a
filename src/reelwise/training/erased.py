"""Users who were erased are in no later model, also where the ratings still have them."""

from collections.abc import Set
from dataclasses import replace

import numpy as np

from reelwise.data.dataset import Dataset
from reelwise.data.types import Rows
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import UsageError
from reelwise.live.identity import is_marked


def erased_rows(users: Vocabulary, marks: Set[str]) -> Rows:
    """The rows of those users who were erased, ascending."""
    rows = [row for row, user_id in enumerate(users) if is_marked(user_id, marks)] if marks else []
    return np.array(rows, np.int32)


def without_erased(dataset: Dataset, marks: Set[str]) -> tuple[Dataset, int]:
    """The data set without users who were erased, and how many these are.

    Args:
        dataset: the ratings.
        marks: of all erased users, as `reelwise.live.store.Store.erased_marks` gives them.

    Raises:
        UsageError: Raised when no user would be left.
    """
    users = dataset.ratings.users
    erased = erased_rows(users, marks)
    if len(erased) == 0:
        return dataset, 0
    if len(erased) == len(users):
        raise UsageError(f"all {len(erased):,} users of {dataset.name} were erased, so no one is left to train on")
    return replace(dataset, ratings=dataset.ratings.without_users(erased)), len(erased)
