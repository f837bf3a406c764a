"""Films to start picking from: well known to most people, and of every kind."""

import numpy as np
import numpy.typing as npt

from reelwise.data.types import Floats, Positions
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.top_n import top_n
from reelwise.models.vectors import unit_rows
from reelwise.recommend.movie_facts import MovieFacts
from reelwise.recommend.reranking import maximal_marginal_relevance

_POOL = 200  # of the most rated films, whatever n: so the first 12 of 24 are what 12 would have been
_DIVERSITY = 0.7


def choose_starters(facts: MovieFacts, ranking: WeightedALS | None, n: int) -> Positions:
    """The rows of `n` well-known films that are unlike each other, chosen one by one.

    Unlike means: liked by other people, of other genres, of another decade; each counts the same.

    Args:
        facts: of all films.
        ranking: the model that knows who likes what, if there is one.
        n: how many, at most.
    """
    fame = np.log1p(facts.counts).astype(np.float32)
    pool = top_n(fame, max(_POOL, n), np.flatnonzero(facts.counts == 0))
    aspects = [facts.genre_columns(pool), _decades(facts.years[pool])]
    if ranking is not None:
        aspects.append(ranking.centred_embeddings(pool))
    vectors = np.hstack([unit_rows(aspect) for aspect in aspects])
    return pool[maximal_marginal_relevance(fame[pool], vectors, n, _DIVERSITY)]


def _decades(years: npt.NDArray[np.int16]) -> Floats:
    """A column for each decade, and one for films without a year, shape (movies, decades)."""
    decades, column = np.unique(years // 10, return_inverse=True)
    return np.eye(len(decades), dtype=np.float32)[column]
