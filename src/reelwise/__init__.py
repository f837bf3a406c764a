"""Reelwise recommends films by matrix factorisation.

>>> from reelwise import Recommender
>>> recommender = Recommender.load("model")
>>> recommender.recommend(movies=["Alien", "Heat"])
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reelwise.recommender import Recommender, Wishes

__version__ = "0.1.0"
__all__ = ["Recommender", "Wishes", "__version__"]


def __getattr__(name: str) -> Any:
    """Import the recommender when it is first asked for, so that `import reelwise` costs nothing."""
    if name not in ("Recommender", "Wishes"):
        raise AttributeError(f"module 'reelwise' has no attribute {name!r}")
    import reelwise.recommender

    return getattr(reelwise.recommender, name)
