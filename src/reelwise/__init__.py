"""Reelwise recommends films by matrix factorisation.

>>> import reelwise as rw
>>> data = rw.load_movielens("ml-latest-small")
>>> recommender = rw.Recommender.load("model")
>>> recommender.recommend(movies=["Alien", "Heat"])
"""

from typing import TYPE_CHECKING, Any

from reelwise._version import __version__

if TYPE_CHECKING:
    from reelwise.data.dataset import Dataset
    from reelwise.data.readers.movielens import load_movielens, read_dataset
    from reelwise.recommend.filters import Filters
    from reelwise.recommend.recommender import Recommender

__all__ = ["Dataset", "Filters", "Recommender", "__version__", "load_movielens", "read_dataset"]

_MODULES = {
    "Dataset": "data.dataset",
    "Filters": "recommend.filters",
    "Recommender": "recommend.recommender",
    "load_movielens": "data.readers.movielens",
    "read_dataset": "data.readers.movielens",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is first asked for, so that `import reelwise` costs nothing."""
    if name not in _MODULES:
        raise AttributeError(f"module 'reelwise' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"reelwise.{_MODULES[name]}"), name)
