"""Searching for hyper-parameters of the rating model: random search with successive halving.

Hyper-parameters are drawn at random from the space that the model declares. After 4, 12, 36 … epochs only the better
third of those that came so far go on (Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020,
section 3.2). Trials are written into a journal as they end, so that a search that was stopped goes on where it was.
"""

import contextlib
import hashlib
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from filelock import FileLock, Timeout

from reelwise.data.interactions import Interactions
from reelwise.data.splitting import hold_out
from reelwise.errors import ModelError, UsageError
from reelwise.evaluation.metrics import rmse
from reelwise.models.config import MatrixFactorizationConfig
from reelwise.models.rating.epochs import Epoch
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.storage.arrays import require_regular
from reelwise.storage.atomic import check_file

if TYPE_CHECKING:
    import optuna

TEST, VALIDATION = 0.1, 0.1
"""Parts of the ratings, and of the rest: to compare the outcome by, and to choose by."""
_FIRST_RUNG, _REDUCTION = 4, 3
_LARGEST_JOURNAL = 256 << 20  # bytes; 10,000 trials take less
_LONGEST_WRITE = 5  # seconds; whoever holds the lock for longer was killed

TrialOutcome = Literal["done", "stopped", "diverged"]


@dataclass(frozen=True)
class Trial:
    """One attempt.

    Attributes:
        number: from 0, over all runs of a search.
        config: the hyper-parameters.
        rmse: the best on the validation ratings, in stars; infinite if training diverged.
        epochs: how many it ran.
        outcome: whether it ran to its end, was stopped because others were better, or diverged.
    """

    number: int
    config: MatrixFactorizationConfig
    rmse: float
    epochs: int
    outcome: TrialOutcome


@dataclass(frozen=True)
class Tuned:
    """The results of a search.

    Attributes:
        best: the hyper-parameters with the lowest RMSE on the validation ratings.
        validation_rmse: theirs.
        test_rmse: theirs on test ratings that no choice was made by, after a fit to all others.
        default_test_rmse: the same for the hyper-parameters that the search started from.
        trials: how many there were, in all runs.
    """

    best: MatrixFactorizationConfig
    validation_rmse: float
    test_rmse: float
    default_test_rmse: float
    trials: int


@dataclass(frozen=True)
class Search:
    """A search for hyper-parameters.

    Attributes:
        ratings: all ratings. Others, or other stars, are another search in the same journal.
        start: the hyper-parameters to begin with; those that are not searched for stay as they are.
        seed: of splits, draws and fits.
        threads: how many work at a time; no effect on the result.
        journal: the file that keeps the trials; None keeps them in memory.
    """

    ratings: Interactions
    start: MatrixFactorizationConfig = field(default_factory=MatrixFactorizationConfig)
    seed: int = 42
    threads: int = 1
    journal: Path | None = None

    def run(self, trials: int, on_trial: Callable[[Trial], object] = lambda _: None) -> Tuned:
        """Go on until there were so many trials in all, and compare the best with the start on the test ratings.

        Raises:
            UsageError: Raised when there are too few ratings, the journal cannot be used or another search is using it,
                or optuna is not installed.
        """
        rest, test = hold_out(self.ratings, TEST, self.seed)
        part, validation = hold_out(rest, VALIDATION, self.seed)
        if min(len(test), len(validation)) == 0:
            raise UsageError(f"{len(self.ratings)} ratings are too few to hold some out and choose by them")
        with _quiet_optuna(), _alone(self.journal):
            study = self._open_study()
            self._enqueue(study)
            for _ in range(trials - len(_finished(study))):
                study.optimize(lambda trial: self._try(trial, part, validation), n_trials=1)
                on_trial(self._read(_finished(study)[-1]))
            tried = [self._read(trial) for trial in _finished(study)]
        best = min(tried, key=lambda trial: (trial.outcome != "done", trial.rmse))
        return Tuned(
            best=best.config,
            validation_rmse=best.rmse,
            test_rmse=self._test(best.config, rest, test),
            default_test_rmse=self._test(self.start, rest, test),
            trials=len(tried),
        )

    def earlier_trials(self) -> list[Trial]:
        """The trials of earlier runs."""
        with _quiet_optuna():
            return [self._read(trial) for trial in _finished(self._open_study())]

    def _open_study(self) -> "optuna.Study":
        import optuna

        name = f"rating model, {_digest_of(self.ratings)}, seed {self.seed}"
        try:
            storage = None if self.journal is None else _open_journal(self.journal)
            study = optuna.create_study(study_name=name, storage=storage, load_if_exists=True)
            for trial in _finished(study):
                self._read(trial)
        except UsageError:
            raise
        except OSError as error:
            raise UsageError(f"{self.journal} cannot be written ({error.strerror}); name another file") from None
        except Exception as error:  # noqa: BLE001 - optuna lets many kinds out where a file is no journal
            raise UsageError(f"{self.journal}: not a journal of a search ({error}); name another file") from None
        study.sampler = optuna.samplers.RandomSampler(self.seed + len(study.trials))  # each run draws what is new
        study.pruner = optuna.pruners.SuccessiveHalvingPruner(_FIRST_RUNG, _REDUCTION)
        return study

    def _enqueue(self, study: "optuna.Study") -> None:
        """Have the start tried first, then what an interrupted search was trying, unless that is done already."""
        from optuna.trial import TrialState

        space = MatrixFactorizationConfig.space()
        start = {name: getattr(self.start, name) for name in space}
        known = [trial.params for trial in _finished(study)]
        known += [trial.system_attrs["fixed_params"] for trial in study.trials if trial.state == TrialState.WAITING]
        interrupted = [trial.params for trial in study.trials if trial.state in (TrialState.RUNNING, TrialState.FAIL)]
        for params in (start, *interrupted):
            if params not in known and params.keys() == space.keys():
                study.enqueue_trial(params)
                known.append(params)

    def _try(self, trial: "optuna.Trial", part: Interactions, validation: Interactions) -> float:
        import optuna

        found: list[float] = []

        def on_epoch(epoch: Epoch) -> None:
            if epoch.rmse is None:
                return
            found.append(epoch.rmse)
            trial.report(min(found), epoch.number)
            if trial.should_prune():
                raise optuna.TrialPruned

        try:
            self._model(self._draw(trial)).fit(part, validation=validation, on_epoch=on_epoch)
        except FloatingPointError:
            trial.set_user_attr("diverged", True)
            return float("inf")
        return min(found)

    def _draw(self, trial: "optuna.Trial") -> MatrixFactorizationConfig:
        chosen: dict[str, int | float] = {}
        for name, (low, high) in MatrixFactorizationConfig.space().items():
            if isinstance(low, int) and isinstance(high, int):
                chosen[name] = trial.suggest_int(name, low, high, log=True)
            else:
                chosen[name] = trial.suggest_float(name, low, high, log=low > 0)
        return replace(self.start, **chosen)  # type: ignore[arg-type]

    def _read(self, trial: "optuna.trial.FrozenTrial") -> Trial:
        from optuna.trial import TrialState

        found = trial.intermediate_values
        diverged = trial.user_attrs.get("diverged", False)
        return Trial(
            number=trial.number,
            config=replace(self.start, **trial.params),
            rmse=float("inf") if diverged else min(found.values(), default=float("inf")),
            epochs=max(found, default=0),
            outcome="diverged" if diverged else "stopped" if trial.state == TrialState.PRUNED else "done",
        )

    def _model(self, config: MatrixFactorizationConfig) -> MatrixFactorization:
        return MatrixFactorization(config, seed=self.seed, threads=self.threads)

    def _test(self, config: MatrixFactorizationConfig, rest: Interactions, test: Interactions) -> float:
        part, validation = hold_out(rest, VALIDATION, self.seed)
        model = self._model(config)
        model.fit(rest, epochs=model.fit(part, validation=validation).best_epoch)
        return rmse(model.predict_rows(test.users, test.movies), test.stars)


def _open_journal(path: Path) -> "optuna.storages.BaseStorage":
    """A storage in a file, which is one already, or is made.

    Raises:
        UsageError: Raised when it is something else, or cannot be written.
    """
    from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock, JournalStorage

    check_file(path)
    if path.exists() and path.stat().st_size:
        try:
            require_regular(path, _LARGEST_JOURNAL)
        except ModelError as error:
            raise UsageError(f"{error}; name another file with --journal") from None
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":  # what is added would be part of it
                raise UsageError(f"{path}: the last line of this journal is not complete; remove that line")
    return JournalStorage(JournalFileBackend(str(path), JournalFileSymlinkLock(str(path), _LONGEST_WRITE)))


@contextlib.contextmanager
def _alone(journal: Path | None) -> Iterator[None]:
    """Keep other searches from a journal, whose trials would get mixed up.

    Raises:
        UsageError: Raised when another search is using it.
    """
    if journal is None:
        yield
        return
    check_file(journal)
    try:
        with FileLock(journal.with_name(f".{journal.name}.search"), timeout=0):
            yield
    except Timeout:
        raise UsageError(f"{journal}: another search is using it; wait, or name another with --journal") from None


def _digest_of(ratings: Interactions) -> str:
    """A mark that tells these ratings from others: the beginning of the sha256 of their rows, stars and scale."""
    digest = hashlib.sha256(repr((ratings.shape, tuple(ratings.scale))).encode())
    for column in (ratings.users, ratings.movies, ratings.stars):
        digest.update(np.ascontiguousarray(column).data)
    return digest.hexdigest()[:12]


def _finished(study: "optuna.Study") -> "list[optuna.trial.FrozenTrial]":
    """The trials that came to an end, of whatever kind; one that was interrupted is left out."""
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
