"""Reelwise recommends films by matrix factorisation.

>>> from reelwise import Recommender
>>> recommender = Recommender.load("model")
>>> recommender.recommend(movies=["Alien", "Heat"])
"""

from typing import TYPE_CHECKING, Any

from reelwise._version import __version__

if TYPE_CHECKING:
    from reelwise.recommend.filters import Filters
    from reelwise.recommend.recommender import Recommender

__all__ = ["Filters", "Recommender", "__version__"]


def __getattr__(name: str) -> Any:
    """Import the recommender when it is first asked for, so that `import reelwise` costs nothing."""
    if name not in ("Recommender", "Filters"):
        raise AttributeError(f"module 'reelwise' has no attribute {name!r}")
    import importlib

    module = {"Recommender": "recommender", "Filters": "filters"}[name]
    return getattr(importlib.import_module(f"reelwise.recommend.{module}"), name)
