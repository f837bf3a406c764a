"""Updating the model of a folder from the live store: measured beside the served one, then put in its place, or not."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reelwise.artifacts.fingerprint import fingerprint
from reelwise.artifacts.folder import check_target, write_model
from reelwise.artifacts.model import Model
from reelwise.data.dataset import Dataset
from reelwise.errors import UpdateRefused, UsageError
from reelwise.live import updates
from reelwise.live.leases import holding
from reelwise.live.store import Store
from reelwise.live.updates import Update, UpdateOutcome
from reelwise.models.config import BlendConfig
from reelwise.progress import OnFit
from reelwise.storage.atomic import remove_halves
from reelwise.training.assemble import Parts, assemble
from reelwise.training.beside import WorkBeside
from reelwise.training.pipeline import TrainingSettings, train, train_parts
from reelwise.training.refresh.due import needs_scratch
from reelwise.training.refresh.gather import Gathered, gather
from reelwise.training.refresh.measure import Measured, Side, measure, newest
from reelwise.training.refresh.roll_back import LEASE, previous_of
from reelwise.training.update import update_parts


class Refreshed(NamedTuple):
    """The outcome of an update.

    Attributes:
        served: the revision that was served before.
        revision: the revision that is served now.
        from_scratch: whether it was trained anew.
        changes: how many ratings it has learnt.
        measured: how it did beside the served one.
    """

    served: str
    revision: str
    from_scratch: bool
    changes: int
    measured: Measured


def refresh(
    folder: Path,
    store: Store,
    *,
    anew: bool = False,
    seed: int = 42,
    threads: int | None = None,
    on_progress: OnFit = lambda _: None,
    say: Callable[[str], object] = lambda _: None,
) -> Refreshed | None:
    """Update the model in a folder from the store; the model that was there is kept for `roll_back`.

    Args:
        folder: of the model that is served.
        store: what users told since.
        anew: whether to train from scratch, even if few ratings are new.
        seed: of every random choice.
        threads: how many work at a time, by default all that there are.
        on_progress: progress callback.
        say: called with sentences about what is done.

    Returns:
        None where there is nothing to learn, or another process is updating the model.

    Raises:
        UpdateRefused: Raised when the newer model is worse than the served one; the store remembers it.
        UsageError: Raised when the model cannot be updated.
        ModelError, StoreError: Raised when the folder or the store cannot be used.
    """
    check_target(folder)
    with holding(store, LEASE) as is_mine:
        if not is_mine:
            say("Another process is updating the model already.")
            return None
        remove_halves(folder)  # an update that is refused replaces nothing
        with WorkBeside(on_progress) as beside:
            return _Refresh(folder, store, seed, threads, beside, say).run(anew)


class _Refresh(NamedTuple):
    folder: Path
    store: Store
    seed: int
    threads: int | None
    beside: WorkBeside
    say: Callable[[str], object]

    def run(self, anew: bool) -> Refreshed | None:
        tried = fingerprint(self.folder)
        served = Model.load(self.folder)
        gathered = gather(served, self.store)
        config, revision = served.config, served.description.revision
        if not gathered.is_news:
            self._note(revision, "nothing new", revision, gathered.heard, "there was nothing to learn")
            self.say("There is nothing to learn: the model knows all that users told.")
            return None
        anew = anew or needs_scratch(config.counts.ratings, config.ratings_since, gathered.changes)
        how = "Training from scratch" if anew else "Updating"
        self.say(f"{how}: {gathered.changes:,} ratings of {len(gathered.dataset.ratings):,} are new.")
        fit = partial(self._fit, served, gathered, anew)
        # An update is fitted meanwhile, for nothing where it is refused; two trainings at once would take much memory.
        fitting = None if anew else self.beside.do(fit)
        measured = self._measure(served, gathered, anew)
        if measured.faults:
            detail = "; ".join(measured.faults)
            self._note(revision, "refused", revision, gathered.heard, detail)
            raise UpdateRefused(f"the update is refused, and revision {revision} stays: {detail}")
        self.say(f"Measured beside the served model: {measured.describe()}.")
        model = fitting.result() if fitting else fit()
        if self.store.erased_marks() - gathered.marks:
            self.say("A user was erased meanwhile; starting over.")
            return self.run(anew)
        if fingerprint(self.folder) != tried:
            raise UsageError(f"{self.folder}: another model was put there meanwhile; it stays, and nothing is updated")
        write_model(self.folder, model, keep=previous_of(self.folder))
        after = Model.load(self.folder).description.revision
        self._note(revision, "promoted", after, gathered.heard, measured.describe())
        return Refreshed(revision, after, anew, gathered.changes, measured)

    def _measure(self, served: Model, gathered: Gathered, anew: bool) -> Measured:
        """A model that has not seen the newest ratings, beside the served one."""
        held_out = newest(gathered.told_at)
        if not held_out.any():
            return Measured(0, 0, None, None, ())
        ratings = gathered.dataset.ratings
        before = replace(gathered.dataset, ratings=ratings.where(~held_out))
        if anew:
            parts = train_parts(before, self._settings(served, evaluate=False), self.beside.tell)
        else:
            parts = self._update(served, before, makes_lists=False)
        newer = Side(parts.rating, parts.ranking, np.arange(len(ratings.movies), dtype=np.int32))
        tested = ratings.interactions().where(held_out)
        return measure(Side.of(served, ratings.movies), newer, before.ratings, tested, self.seed)

    def _fit(self, served: Model, gathered: Gathered, anew: bool) -> Model:
        dataset, config = gathered.dataset, served.config
        if anew:
            measured_before = config.rating_model.coefficients is not None
            return train(dataset, self._settings(served, measured_before), self.beside.tell)
        model = assemble(dataset, self._update(served, dataset), seed=self.seed, on_progress=self.beside.tell)
        since = config.ratings_since + gathered.changes
        return replace(model, config=model.config.model_copy(update={"ratings_since": since}))

    def _update(self, served: Model, dataset: Dataset, makes_lists: bool = True) -> Parts:
        return update_parts(
            served, dataset, seed=self.seed, threads=self.threads, makes_lists=makes_lists, on_progress=self.beside.tell
        )

    def _settings(self, served: Model, evaluate: bool) -> TrainingSettings:
        """How the served model was trained."""
        rating, ranking = served.config.rating_model.hyperparameters, served.config.ranking_model
        if rating is None:
            raise UsageError("this model does not say how it was trained, so it cannot be updated; train from scratch")
        return TrainingSettings(
            rating=rating,
            ranking=ranking.hyperparameters if ranking else None,
            blend=ranking.blend if ranking else BlendConfig(),
            evaluate=evaluate,
            seed=self.seed,
            threads=self.threads,
        )

    def _note(self, served: str, outcome: UpdateOutcome, revision: str, heard: int, detail: str) -> None:
        self.store.change(partial(updates.note, update=Update(served, outcome, revision, heard, detail)))
