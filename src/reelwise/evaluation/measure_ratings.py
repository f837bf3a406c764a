"""Measuring the stars model on held-out ratings."""

from collections.abc import Callable
from typing import Any

from reelwise.data.ratings import Interactions, Ratings
from reelwise.data.splitting import hold_out
from reelwise.errors import UsageError
from reelwise.evaluation.baselines import BiasOnly
from reelwise.evaluation.intervals import measure_intervals
from reelwise.evaluation.metrics import mae, rmse
from reelwise.models.rating.matrix_factorization import RatingModel
from reelwise.models.rating.uncertainty import Coefficients

VALIDATION = 0.05  # of the ratings that are not held out: for early stopping, and for how sure predictions are


def measure_ratings(
    ratings: Ratings, holdout: float, seed: int, fit: Callable[[Interactions, Interactions], RatingModel]
) -> tuple[dict[str, Any], int, Coefficients]:
    """Hold out ratings, fit to the rest, and measure.

    Args:
        ratings: all ratings.
        holdout: the fraction to hold out.
        seed: of what is held out.
        fit: fits a stars model to its first argument, stopping early by its second.

    Returns:
        The figures, beside those of biases alone; the epoch that was best; and how the spread of errors follows from
        residuals.

    Raises:
        UsageError: if there are too few ratings.
    """
    rest, held_out = hold_out(ratings.interactions(), holdout, seed)
    part, validation = hold_out(rest, VALIDATION, seed)
    if min(len(held_out.stars), len(validation.stars)) == 0:
        raise UsageError(f"{len(ratings)} ratings are too few to hold some out; use --no-evaluate")
    model = fit(part, validation)
    residuals = model.residuals(part, ratings.scale)
    coefficients = residuals.fit(validation, model.predict(validation.users, validation.movies, ratings.scale))
    spread = residuals.spread(coefficients).of(held_out.users, held_out.movies)
    biases = BiasOnly.fit(part, (len(ratings.user_ids), len(ratings.movie_ids)))
    predictions = {
        "model": model.predict(held_out.users, held_out.movies, ratings.scale),
        "biases": biases.predict(held_out.users, held_out.movies, ratings.scale),
    }
    figures = {
        name: {"rmse": rmse(predicted, held_out.stars), "mae": mae(predicted, held_out.stars)}
        for name, predicted in predictions.items()
    }
    metrics = {
        "protocol": (
            f"A random {holdout:.0%} of all ratings is held out. Another {VALIDATION:.0%} of the rest decides when to "
            "stop, and how sure predictions are. No held-out rating is left out of the figures."
        ),
        "ratings": len(held_out.stars),
        **figures,
        **measure_intervals(held_out.stars - predictions["model"], spread),
        "validation_rmse": list(model.validation_rmse),
    }
    return metrics, model.best_epoch, coefficients
