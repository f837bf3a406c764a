"""Every model by its name. A new model is one file and one entry here."""

from importlib import import_module
from typing import TYPE_CHECKING

from reelwise.errors import UsageError

if TYPE_CHECKING:
    from reelwise.models.base import Estimator

MODELS = {
    "matrix-factorization": "rating.matrix_factorization:MatrixFactorization",
    "weighted-als": "ranking.weighted_als:WeightedALS",
    "popularity": "baselines.popularity:Popularity",
    "popular-lately": "baselines.popular_lately:PopularLately",
    "popular-decayed": "baselines.popular_lately:PopularDecayed",
    "biases": "baselines.biases:Biases",
    "user-kNN": "baselines.user_knn:UserKNN",
    "EASE": "baselines.ease:EASE",
    "linear-for-n": "baselines.linear_for_n:LinearForN",
}
"""The module and class of each, imported when asked for."""


def model_class(name: str) -> "type[Estimator]":
    """The class of the model that is called so; case does not matter.

    Raises:
        UsageError: Raised when there is no such model; it lists the names.
    """
    known = {one.casefold(): path for one, path in MODELS.items()}
    if name.casefold() not in known:
        raise UsageError(f"there is no model {name!r}; choose one of {', '.join(MODELS)}")
    module, _, class_name = known[name.casefold()].partition(":")
    found: type[Estimator] = getattr(import_module(f"reelwise.models.{module}"), class_name)
    return found
