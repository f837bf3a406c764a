"""Users who were erased are in no later model, also where the ratings still have them."""

from collections.abc import Set
from dataclasses import replace

import numpy as np

from reelwise.data.dataset import Dataset
from reelwise.errors import UsageError
from reelwise.live.identity import mark_of


def without_erased(dataset: Dataset, marks: Set[str]) -> tuple[Dataset, int]:
    """The data set without users who were erased, and how many these are.

    Args:
        dataset: the ratings.
        marks: of all erased users, as `reelwise.live.store.Store.erased_marks` gives them.

    Raises:
        UsageError: Raised when nobody would be left.
    """
    users = dataset.ratings.users
    erased = [row for row, user_id in enumerate(users) if mark_of(user_id) in marks] if marks else []
    if not erased:
        return dataset, 0
    if len(erased) == len(users):
        raise UsageError(f"all {len(erased):,} users of {dataset.name} were erased, so that nobody is left to train on")
    return replace(dataset, ratings=dataset.ratings.without_users(np.array(erased))), len(erased)
