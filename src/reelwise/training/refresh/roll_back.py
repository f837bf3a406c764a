"""Taking an update back: the model that was served before takes the place of the one that was made of it."""

from contextlib import nullcontext
from functools import partial
from pathlib import Path

from reelwise.artifacts.check import check_model
from reelwise.artifacts.model import Model
from reelwise.errors import ModelError, UsageError
from reelwise.live import updates
from reelwise.live.leases import holding
from reelwise.live.store import Store
from reelwise.live.updates import Update
from reelwise.storage.atomic import exchange, follow

LEASE = "update"
"""The lease that is held while the model is changed."""


def previous_of(folder: Path) -> Path:
    """Where the model lies that was there before the last update: beside the folder."""
    target = follow(folder)
    return target.parent / f"{target.name}.previous"


def roll_back(folder: Path, store: Store | None) -> tuple[str, str]:
    """Serve the model before the last update again; doing so twice takes it back.

    Args:
        folder: of the model that is served.
        store: what users told, which remembers that; None where there is none.

    Returns:
        The revision that was served, and the one that is served now.

    Raises:
        ModelError: Raised when there is no model to go back to, or it is broken; then nothing changes.
        UsageError: Raised when an update is under way.
        StoreError: Raised when the store cannot be written.
    """
    previous = previous_of(folder)
    if not previous.is_dir():
        raise ModelError(f"{previous}: there is no model to go back to; an update puts the last one there")
    with holding(store, LEASE) if store else nullcontext(enter_result=True) as is_mine:
        if not is_mine:
            raise UsageError("the model is being updated just now; go back once that has ended")
        served, older = Model.load(folder), check_model(previous)
        if store:
            heard = sum(store.ask(updates.count_ratings).values())
        try:
            exchange(folder, previous)
        except OSError as error:
            raise ModelError(f"{folder}: the models cannot change places ({error.strerror or error})") from error
        revisions = served.description.revision, older.description.revision
        if store:
            update = Update(revisions[0], "rolled back", revisions[1], heard, "taken back by hand")
            store.change(partial(updates.note, update=update))
    return revisions
