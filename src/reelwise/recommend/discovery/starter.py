"""Films to start picking from: well known to most people, and of every kind."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from reelwise.models.vectors import unit
from reelwise.recommend.movie_facts import Films
from reelwise.recommend.reranking import maximal_marginal_relevance
from reelwise.recommend.top_n import top_n

Floats = npt.NDArray[np.float32]
CentredEmbeddings = Callable[[npt.NDArray[np.integer]], Floats]
_POOL = 200  # of the most rated films, whatever n: so the first 12 of 24 are what 12 would have been
_DIVERSITY = 0.7


def starter(films: Films, centred_embeddings: CentredEmbeddings | None, n: int) -> npt.NDArray[np.intp]:
    """The rows of `n` well-known films that are unlike each other, chosen one by one.

    Unlike means: liked by other people, of other genres, of another decade; each counts the same.

    Args:
        films: the facts of all rated films.
        centred_embeddings: gives the taste vectors of some rows, shape (rows, k); None without a taste model.
        n: how many, at most.
    """
    fame = np.log1p(films.counts).astype(np.float32)
    pool = top_n(fame, max(_POOL, n), np.flatnonzero(films.counts == 0))
    aspects = [films.genre_columns(pool), _decades(films.years[pool])]
    if centred_embeddings is not None:
        aspects.append(centred_embeddings(pool))
    return pool[maximal_marginal_relevance(fame[pool], np.hstack([unit(aspect) for aspect in aspects]), n, _DIVERSITY)]


def _decades(years: npt.NDArray[np.int16]) -> Floats:
    """A column for each decade, and one for films without a year, shape (movies, decades)."""
    decades, column = np.unique(years // 10, return_inverse=True)
    return np.eye(len(decades), dtype=np.float32)[column]
