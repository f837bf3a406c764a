"""Reelwise recommends films by matrix factorisation.

>>> import reelwise as rw
>>> train, test = rw.load_movielens("ml-latest-small").split_ratings(test=0.1, seed=7)
>>> model = rw.MatrixFactorization(factors=64, seed=7).fit(train)
>>> rw.evaluate(model, test, metrics=[rw.RMSE(), rw.MAE()])

`import reelwise` costs nothing: each name is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from reelwise._version import __version__

if TYPE_CHECKING:
    from reelwise.artifacts.model import Model
    from reelwise.data.dataset import Dataset
    from reelwise.data.readers.movielens import load_movielens, read_dataset
    from reelwise.data.sample.dataset import read_sample
    from reelwise.data.splitting import Viewers
    from reelwise.errors import ReelwiseError
    from reelwise.evaluation.by_id.figures import Evaluation
    from reelwise.evaluation.by_id.measure_models import evaluate
    from reelwise.evaluation.measures import (
        MAE,
        MAP,
        MRR,
        NDCG,
        RMSE,
        Coverage,
        DistinctMovies,
        HitRate,
        MostShown,
        Novelty,
        Precision,
        Recall,
        StratifiedNDCG,
    )
    from reelwise.exports.reading import read_history
    from reelwise.models.base import Estimator, FactorModel, RatingPredictor
    from reelwise.models.baselines.biases import Biases
    from reelwise.models.baselines.ease import EASE
    from reelwise.models.baselines.linear_for_n import LinearForN
    from reelwise.models.baselines.popular_lately import PopularDecayed, PopularLately
    from reelwise.models.baselines.popularity import Popularity
    from reelwise.models.baselines.user_knn import UserKNN
    from reelwise.models.ranking.weighted_als import WeightedALS
    from reelwise.models.rating.matrix_factorization import MatrixFactorization
    from reelwise.recommend.filters import Filters
    from reelwise.recommend.recommender import Recommender
    from reelwise.training.pipeline import train

__all__ = [
    "EASE", "MAE", "MAP", "MRR", "NDCG", "RMSE",
    "Biases", "Coverage", "Dataset", "DistinctMovies", "Estimator", "Evaluation", "FactorModel", "Filters", "HitRate",
    "LinearForN", "MatrixFactorization", "Model", "MostShown", "Novelty", "PopularDecayed", "PopularLately",
    "Popularity", "Precision", "RatingPredictor", "Recall", "Recommender", "ReelwiseError", "StratifiedNDCG", "UserKNN",
    "Viewers", "WeightedALS",
    "__version__",
    "evaluate", "load_movielens", "read_dataset", "read_history", "read_sample", "train",
]  # fmt: skip

_HOMES = {
    "artifacts.model": "Model",
    "data.dataset": "Dataset",
    "data.readers.movielens": "load_movielens read_dataset",
    "data.sample.dataset": "read_sample",
    "data.splitting": "Viewers",
    "errors": "ReelwiseError",
    "evaluation.by_id.figures": "Evaluation",
    "evaluation.by_id.measure_models": "evaluate",
    "evaluation.measures": (
        "MAE MAP MRR NDCG RMSE Coverage DistinctMovies HitRate MostShown Novelty Precision Recall StratifiedNDCG"
    ),
    "exports.reading": "read_history",
    "models.base": "Estimator FactorModel RatingPredictor",
    "models.baselines.biases": "Biases",
    "models.baselines.ease": "EASE",
    "models.baselines.linear_for_n": "LinearForN",
    "models.baselines.popular_lately": "PopularDecayed PopularLately",
    "models.baselines.popularity": "Popularity",
    "models.baselines.user_knn": "UserKNN",
    "models.ranking.weighted_als": "WeightedALS",
    "models.rating.matrix_factorization": "MatrixFactorization",
    "recommend.filters": "Filters",
    "recommend.recommender": "Recommender",
    "training.pipeline": "train",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'reelwise' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"reelwise.{_HOME[name]}"), name)
    return found


def __dir__() -> list[str]:
    """Every name, imported or not."""
    return sorted({*globals(), *__all__})
