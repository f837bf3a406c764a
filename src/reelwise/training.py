"""From a data set to a model: measure on held-out ratings, then fit on all of them."""

import datetime
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

import reelwise
from reelwise.data.dataset import Dataset
from reelwise.data.ratings import Observations, Ratings
from reelwise.data.splits import hold_out
from reelwise.errors import UsageError
from reelwise.models.hyperparameters import StarsSettings
from reelwise.models.sgd import Epoch
from reelwise.models.stars import StarsModel, fit_stars
from reelwise.store.config import Config, Counts, Source
from reelwise.store.folder import Model

VALIDATION = 0.05  # of the ratings that are not held out: for early stopping
LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes:
        stars: hyper-parameters of the stars model.
        holdout: fraction of the ratings that is held out to measure with (0: measure nothing).
        seed: of every random choice; the same seed and data give the same factors.
        threads: how many work at a time; no effect on the result.
    """

    stars: StarsSettings = field(default_factory=StarsSettings)
    holdout: float = 0.1
    seed: int = 42
    threads: int = 1


def train(
    dataset: Dataset,
    settings: TrainingSettings,
    on_epoch: Callable[[str, Epoch], None] = lambda *_: None,
) -> Model:
    """Train on `dataset`.

    With a hold-out there are two fits. The first leaves out the held-out ratings, and some more to stop early by; its
    figures on the held-out ratings are the model's figures. The second is on all ratings, for as many epochs as were
    best in the first, and is what will be served.

    Args:
        dataset: ratings and films.
        settings: how to train.
        on_epoch: called with the name of the fit ("measuring" or "fitting") after each of its epochs.

    Raises:
        UsageError: if there are too few ratings to hold some out, or training diverges.
    """
    ratings = dataset.ratings
    users, movies = len(ratings.user_ids), len(ratings.movie_ids)
    seen = ratings.observations()

    def fit(name: str, part: Observations, **options: Any) -> StarsModel:
        try:
            return fit_stars(
                part, users, movies, settings.stars,
                seed=settings.seed, threads=settings.threads, on_epoch=lambda epoch: on_epoch(name, epoch), **options,
            )  # fmt: skip
        except FloatingPointError:
            raise UsageError(
                f"training diverged at learning rate {settings.stars.learning_rate:g}; try a lower --learning-rate"
            ) from None

    metrics: dict[str, Any] = {}
    best_epoch = None
    if settings.holdout:
        rest, held_out = hold_out(seen, settings.holdout, settings.seed)
        part, validation = hold_out(rest, VALIDATION, settings.seed)
        if min(len(held_out.stars), len(validation.stars)) == 0:
            raise UsageError(f"{len(ratings)} ratings are too few to hold some out; use --holdout 0")
        measured = fit("measuring", part, validation=validation)
        metrics = figures(measured, part, held_out, ratings, settings)
        best_epoch = measured.best_epoch
    final = fit("fitting", seen, stop_after=best_epoch)
    return Model(_config(dataset, settings, final), metrics, final.P, final.Q, ratings, dataset.catalogue)


def figures(
    model: StarsModel, train: Observations, held_out: Observations, ratings: Ratings, settings: TrainingSettings
) -> dict[str, Any]:
    """The content of metrics.json: RMSE and MAE on the held-out ratings, beside the movies' mean stars."""
    predicted = model.predict(held_out.users, held_out.movies, ratings.scale)
    means = _movie_means(train, len(ratings.movie_ids))[held_out.movies]
    return {
        "protocol": (
            f"A random {settings.holdout:.0%} of all ratings is held out (seed {settings.seed}). Another "
            f"{VALIDATION:.0%} of the rest decides when to stop. No held-out rating is left out of the figures. "
            "The served factors are fitted again on all ratings."
        ),
        "seed": settings.seed,
        "holdout": settings.holdout,
        "stars": {
            "ratings": len(held_out.stars),
            "rmse": _rmse(predicted - held_out.stars),
            "mae": float(np.mean(np.abs(predicted - held_out.stars), dtype=np.float64)),
            "rmse_of_movie_means": _rmse(means - held_out.stars),
            "validation_rmse": list(model.validation_rmse),
        },
    }


def _rmse(errors: np.ndarray[Any, np.dtype[np.floating[Any]]]) -> float:
    return float(np.sqrt(np.mean(np.square(errors), dtype=np.float64)))


def _movie_means(train: Observations, movies: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Mean stars of each movie, the mean of all where it has none; shape (movies,)."""
    counts = np.bincount(train.movies, minlength=movies)
    sums = np.bincount(train.movies, weights=train.stars, minlength=movies)
    return np.where(counts > 0, sums / np.maximum(counts, 1), train.stars.mean(dtype=np.float64))


def _config(dataset: Dataset, settings: TrainingSettings, final: StarsModel) -> Config:
    ratings = dataset.ratings
    source = Source(name=dataset.name, sha256=dataset.sha256, simulated=dataset.simulated)
    return Config(
        reelwise_version=reelwise.__version__,
        dataset=source,
        histories=source,
        counts=Counts(
            users=len(ratings.user_ids),
            movies=len(ratings.movie_ids),
            ratings=len(ratings),
            catalogue=len(dataset.catalogue),
        ),
        rating_scale=(ratings.scale.low, ratings.scale.high),
        stars_model={**asdict(settings.stars), "epochs_run": final.best_epoch},
        seed=settings.seed,
        trained_at=now(),
    )


def now() -> str:
    """The time, UTC, to the second, in ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
