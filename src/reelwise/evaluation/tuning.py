"""Searching for hyper-parameters of the stars model: random search with successive halving.

Settings are drawn at random from the space that the model declares. After 4, 12, 36 … epochs only the better third of
those that came so far go on (Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, section
3.2). What was tried is written into a journal as it happens, so that a search that was stopped goes on where it was.
"""

import contextlib
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reelwise.artifacts.atomic import replacing_file
from reelwise.data.ratings import Interactions, Ratings
from reelwise.data.splitting import hold_out
from reelwise.errors import UsageError
from reelwise.evaluation.metrics import rmse
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.matrix_factorization import RatingModel, fit_rating_model
from reelwise.models.rating.sgd import Epoch

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

TEST, VALIDATION = 0.1, 0.1
"""Parts of the ratings, and of the rest: to compare the outcome by, and to choose by."""
_FIRST_RUNG, _REDUCTION = 4, 3

Outcome = Literal["done", "stopped", "diverged"]


@dataclass(frozen=True)
class Tried:
    """One attempt.

    Attributes:
        number: from 0, over all runs of a search.
        settings: what was tried.
        rmse: the best on the validation ratings, in stars; infinite if training diverged.
        epochs: how many it ran.
        outcome: whether it ran to its end, was stopped because others were better, or diverged.
    """

    number: int
    settings: MatrixFactorizationConfig
    rmse: float
    epochs: int
    outcome: Outcome


@dataclass(frozen=True)
class Tuned:
    """What a search found.

    Attributes:
        best: the settings with the lowest RMSE on the validation ratings.
        validation_rmse: theirs.
        test_rmse: theirs on test ratings that no choice was made by, after a fit to all others.
        default_test_rmse: the same for the settings that the search started from.
        tried: how many attempts there were, in all runs.
    """

    best: MatrixFactorizationConfig
    validation_rmse: float
    test_rmse: float
    default_test_rmse: float
    tried: int


@dataclass(frozen=True)
class Search:
    """What to search with.

    Attributes:
        ratings: all ratings.
        name: what tells one search from another in the same journal, such as the digest of the ratings.
        start: the settings to begin with; those that are not searched for stay as they are.
        seed: of splits, draws and fits.
        threads: how many work at a time; no effect on the result.
        journal: the file that keeps what was tried; None keeps it in memory.
    """

    ratings: Ratings
    name: str
    start: MatrixFactorizationConfig = field(default_factory=MatrixFactorizationConfig)
    seed: int = 42
    threads: int = 1
    journal: Path | None = None

    def run(self, attempts: int, on_tried: Callable[[Tried], None] = lambda _: None) -> Tuned:
        """Go on until there were `attempts` in all, and compare the best with the start on the test ratings.

        Raises:
            UsageError: if there are too few ratings, the journal cannot be used, or optuna is not installed.
        """
        rest, test = hold_out(self.ratings.interactions(), TEST, self.seed)
        part, validation = hold_out(rest, VALIDATION, self.seed)
        if min(len(test.stars), len(validation.stars)) == 0:
            raise UsageError(f"{len(self.ratings)} ratings are too few to hold some out and choose by them")
        with _quiet_optuna():
            study = self._study()
            if not study.trials:
                study.enqueue_trial({name: getattr(self.start, name) for name in MatrixFactorizationConfig.space()})
            for _ in range(attempts - len(_finished(study))):
                study.optimize(lambda trial: self._attempt(trial, part, validation), n_trials=1)
                on_tried(self._told(_finished(study)[-1]))
            best = self._told(study.best_trial)
        return Tuned(
            best=best.settings,
            validation_rmse=best.rmse,
            test_rmse=self._test(best.settings, rest, test),
            default_test_rmse=self._test(self.start, rest, test),
            tried=len(_finished(study)),
        )

    def tried(self) -> list[Tried]:
        """What earlier runs of the search tried."""
        with _quiet_optuna():
            return [self._told(trial) for trial in _finished(self._study())]

    def _study(self) -> "Study":
        import optuna
        from optuna.storages.journal import JournalFileBackend, JournalStorage

        storage = None
        if self.journal is not None:
            try:
                storage = JournalStorage(JournalFileBackend(str(self.journal)))
            except (OSError, ValueError, KeyError) as error:
                raise UsageError(f"{self.journal}: no journal of a search can be kept there ({error})") from None
        name = f"stars, {self.name}, seed {self.seed}"
        study = optuna.create_study(study_name=name, storage=storage, load_if_exists=True)
        study.sampler = optuna.samplers.RandomSampler(self.seed + len(study.trials))  # each run draws what is new
        study.pruner = optuna.pruners.SuccessiveHalvingPruner(_FIRST_RUNG, _REDUCTION)
        return study

    def _attempt(self, trial: "Trial", part: Interactions, validation: Interactions) -> float:
        import optuna

        settings = self._drawn(trial)
        found: list[float] = []

        def on_epoch(epoch: Epoch) -> None:
            if epoch.rmse is None:
                return
            found.append(epoch.rmse)
            trial.report(min(found), epoch.number)
            if trial.should_prune():
                raise optuna.TrialPruned

        try:
            self._fit(settings, part, validation=validation, on_epoch=on_epoch)
        except FloatingPointError:
            trial.set_user_attr("diverged", True)
            return float("inf")
        return min(found)

    def _drawn(self, trial: "Trial") -> MatrixFactorizationConfig:
        chosen: dict[str, int | float] = {}
        for name, (low, high) in MatrixFactorizationConfig.space().items():
            if isinstance(low, int) and isinstance(high, int):
                chosen[name] = trial.suggest_int(name, low, high, log=True)
            else:
                chosen[name] = trial.suggest_float(name, low, high, log=low > 0)
        return replace(self.start, **chosen)  # type: ignore[arg-type]

    def _told(self, trial: "FrozenTrial") -> Tried:
        from optuna.trial import TrialState

        found = trial.intermediate_values
        diverged = trial.user_attrs.get("diverged", False)
        return Tried(
            number=trial.number,
            settings=replace(self.start, **trial.params),
            rmse=float("inf") if diverged else min(found.values(), default=float("inf")),
            epochs=max(found, default=0),
            outcome="diverged" if diverged else "stopped" if trial.state == TrialState.PRUNED else "done",
        )

    def _fit(self, settings: MatrixFactorizationConfig, train: Interactions, **options: object) -> RatingModel:
        shape = len(self.ratings.user_ids), len(self.ratings.movie_ids)
        return fit_rating_model(train, *shape, settings, seed=self.seed, threads=self.threads, **options)  # type: ignore[arg-type]

    def _test(self, settings: MatrixFactorizationConfig, rest: Interactions, test: Interactions) -> float:
        part, validation = hold_out(rest, VALIDATION, self.seed)
        epochs = self._fit(settings, part, validation=validation).best_epoch
        model = self._fit(settings, rest, stop_after=epochs)
        return rmse(model.predict(test.users, test.movies, self.ratings.scale), test.stars)


def check_target(path: Path) -> None:
    """Refuse to put settings where they cannot go, before any work is done.

    Raises:
        UsageError: saying what to do.
    """
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(f"{path}: the settings cannot be written there; name a file in a folder that exists")


def save_settings(tuned: Tuned, path: Path) -> None:
    """Write what was found as a file that `reelwise train --config` takes; it appears whole or not at all.

    Raises:
        UsageError: if it cannot be written.
    """
    content = {
        "stars": asdict(tuned.best),
        "tuned": {
            "attempts": tuned.tried,
            "validation_rmse": tuned.validation_rmse,
            "test_rmse": tuned.test_rmse,
            "default_test_rmse": tuned.default_test_rmse,
        },
    }
    with replacing_file(path) as unfinished:
        unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _finished(study: "Study") -> "list[FrozenTrial]":
    """The attempts that came to an end, of whatever kind; one that was interrupted is none."""
    from optuna.trial import TrialState

    return [trial for trial in study.trials if trial.state in (TrialState.COMPLETE, TrialState.PRUNED)]


@contextlib.contextmanager
def _quiet_optuna() -> Iterator[None]:
    """Optuna without its log and its warnings of what is new in it."""
    try:
        import optuna
    except ImportError:
        raise UsageError('searching takes optuna; python3 -m pip install "reelwise[tune]" has it') from None
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is new in it, and of a start that lies outside the space
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)
