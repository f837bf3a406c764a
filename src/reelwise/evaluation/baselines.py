"""The baselines to beat, each with its settings to choose from on validation users."""

from collections.abc import Iterable, Iterator, Mapping

from reelwise.data.interactions import Interactions
from reelwise.models.base import Estimator
from reelwise.models.baselines.biases import Biases
from reelwise.models.baselines.ease import EASE
from reelwise.models.baselines.linear_for_n import LinearForN
from reelwise.models.baselines.popular_lately import PopularDecayed, PopularLately
from reelwise.models.baselines.popularity import Popularity
from reelwise.models.baselines.user_knn import UserKNN

NEIGHBOURS = (25, 50, 100, 200, 400)
EASE_FOR_SELECTIONS = (1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6)
EASE_FOR_HISTORIES = (30.0, 100.0, 300.0, 1e3, 3e3)
LINEAR_MIN_LIKES = (8, 20)
LATE_DAYS = (7.0, 30.0, 90.0, 365.0, 1095.0)
HALF_LIVES = (30.0, 90.0, 180.0, 365.0, 1095.0)

UnfittedEstimators = dict[str, Estimator]
"""Estimators that are not fitted yet, by the names of their settings; "" where there is no choice."""


def baselines_for_histories() -> dict[str, UnfittedEstimators]:
    """The baselines by name, for users of whom much is known."""
    return _baselines(EASE_FOR_HISTORIES)


def baselines_for_selections() -> dict[str, UnfittedEstimators]:
    """The baselines by name, for people who name a few films."""
    linear: UnfittedEstimators = {
        f"films with {likes} likes": LinearForN(min_likes=likes) for likes in LINEAR_MIN_LIKES
    }
    return _baselines(EASE_FOR_SELECTIONS) | {"linear-for-n": linear}


def baselines_by_time() -> dict[str, UnfittedEstimators]:
    """The baselines by name that know when films were liked."""
    return {
        PopularLately.name: {f"{days:g} days": PopularLately(days=days) for days in LATE_DAYS},
        PopularDecayed.name: {f"half-life {days:g} days": PopularDecayed(half_life=days) for days in HALF_LIVES},
    }


def ease_grid(regularisations: Iterable[float]) -> UnfittedEstimators:
    """EASE with different regularisations."""
    return {f"λ = {value:,.0f}": EASE(regularisation=value) for value in regularisations}


def fit_each(estimators: Mapping[str, Estimator], train: Interactions) -> Iterator[tuple[str, Estimator]]:
    """Estimators by the names of their settings, each fitted when its turn comes."""
    for setting, estimator in estimators.items():
        yield setting, estimator.fit(train, progress=False)


def _baselines(regularisations: Iterable[float]) -> dict[str, UnfittedEstimators]:
    return {
        "popularity": {"": Popularity()},
        "biases": {"": Biases()},
        "user-kNN": {f"{count} neighbours": UserKNN(neighbours=count) for count in NEIGHBOURS},
        "EASE": ease_grid(regularisations),
    }
