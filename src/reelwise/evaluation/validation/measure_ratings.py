"""Measuring the rating model on held-out ratings."""

from typing import NamedTuple, Protocol

import numpy as np

from reelwise.artifacts.metrics import Errors, RatingFigures
from reelwise.data.interactions import Interactions
from reelwise.data.splitting import hold_out
from reelwise.data.types import Floats
from reelwise.errors import UsageError
from reelwise.evaluation.intervals import measure_intervals
from reelwise.evaluation.metrics import mae, rmse
from reelwise.models.baselines.biases import Biases
from reelwise.models.rating.matrix_factorization import MatrixFactorization, OnEpoch
from reelwise.models.rating.uncertainty import Coefficients

VALIDATION = 0.05  # of the ratings that are not held out: for early stopping, and for how sure predictions are


class RatingTrainer(Protocol):
    """Fits a rating model: a `MatrixFactorization`, or another engine."""

    def fit(self, train: Interactions, *, validation: Interactions, on_epoch: OnEpoch) -> MatrixFactorization:
        """Fit to `train`, and stop early by `validation`; `on_epoch` is called after each epoch."""


class MeasuredRatings(NamedTuple):
    """The results of `measure_ratings`: the figures, and what was chosen by validation ratings.

    Attributes:
        figures: of the model, beside those of biases alone.
        best_epoch: the epoch that was best.
        coefficients: how the standard deviation of errors follows from residuals.
    """

    figures: RatingFigures
    best_epoch: int
    coefficients: Coefficients


def measure_ratings(
    ratings: Interactions,
    model: RatingTrainer,
    *,
    holdout: float,
    seed: int,
    on_epoch: OnEpoch = lambda _: None,
) -> MeasuredRatings:
    """Hold out ratings, fit to the rest, and measure.

    Args:
        ratings: all ratings.
        model: fits the model that is measured.
        holdout: the fraction to hold out.
        seed: of what is held out.
        on_epoch: called after each epoch.

    Raises:
        UsageError: Raised when there are too few ratings.
    """
    rest, held_out = hold_out(ratings, holdout, seed)
    return measure_held_out(
        rest, held_out, model, what=f"A random {holdout:.0%} of all ratings is held out.", seed=seed, on_epoch=on_epoch
    )


def measure_held_out(
    rest: Interactions,
    held_out: Interactions,
    model: RatingTrainer,
    *,
    what: str,
    seed: int,
    on_epoch: OnEpoch = lambda _: None,
) -> MeasuredRatings:
    """Fit to the rest of the ratings, and measure on those held out.

    Args:
        rest: what may be known.
        held_out: what is measured on.
        model: fits the model that is measured.
        what: is held out, in a sentence.
        seed: of what decides when to stop.
        on_epoch: called after each epoch.

    Raises:
        UsageError: Raised when there are too few ratings.
    """
    part, validation = hold_out(rest, VALIDATION, seed)
    if min(len(held_out), len(validation)) == 0:
        raise UsageError(
            f"{len(rest) + len(held_out)} ratings are too few to hold some out; leave out measuring (--no-evaluate, or "
            "evaluate=False)"
        )
    fitted = model.fit(part, validation=validation, on_epoch=on_epoch)
    if fitted.uncertainty is None or fitted.coefficients is None:  # another engine's
        fitted.measure_uncertainty(part, validation)
    uncertainty, coefficients = fitted.uncertainty, fitted.coefficients
    assert uncertainty is not None  # noqa: S101 - measured
    assert coefficients is not None  # noqa: S101 - likewise
    std = uncertainty.std(held_out.users, held_out.movies)
    predicted = fitted.predict_rows(held_out.users, held_out.movies)
    figures = RatingFigures(
        protocol=(
            f"{what} Another {VALIDATION:.0%} of the rest decides when to stop, and how sure predictions are. No "
            "held-out rating is left out of the figures."
        ),
        ratings=len(held_out),
        model=_errors(predicted, held_out.stars),
        biases=_errors(Biases().fit(part).predict_rows(held_out.users, held_out.movies), held_out.stars),
        interval=measure_intervals(held_out.stars - predicted, std),
        mean_std=float(np.mean(std, dtype=np.float64)),
        validation_rmse=fitted.validation_rmse,
    )
    return MeasuredRatings(figures, fitted.best_epoch, coefficients)


def _errors(predicted: Floats, stars: Floats) -> Errors:
    return Errors(rmse=rmse(predicted, stars), mae=mae(predicted, stars))
