"""From scores to a list: what may be shown, and in which order."""

from collections.abc import Callable

import numpy as np

from reelwise.data.types import Floats, Positions, Rows
from reelwise.models.vectors import unit_rows
from reelwise.recommend.films.scores import AllScores
from reelwise.recommend.filters import Filters, passing
from reelwise.recommend.movie_facts import MovieFacts

_UNLIKE = 0.3  # a cosine from which on films are alike
POOL = 10  # variety is sought among this many times as many films as are wanted

VectorsOf = Callable[[Rows], Floats]
"""Gives the vectors of some rows, shape (rows, k); films with a small angle between theirs are alike."""


def rank(
    scores: AllScores, vectors_of: VectorsOf, facts: MovieFacts, excluded: Rows, filters: Filters
) -> tuple[Positions, Floats]:
    """The rows of the films to show, in their order, and their scores.

    Args:
        scores: of all films, balanced; higher fits better.
        vectors_of: gives vectors that are near each other for films that are alike.
        facts: what filters look at.
        excluded: rows that are never shown.
        filters: how many, which, how varied.
    """
    refused = excluded
    if filters.leave_films_out:
        refused = np.concatenate([excluded, np.flatnonzero(~passing(facts, filters))])
    if not filters.diversity:
        return scores.best(filters.n, refused)
    best, fits = scores.best(filters.n * POOL, refused)
    chosen = maximal_marginal_relevance(fits, vectors_of(best), filters.n, filters.diversity)
    return best[chosen], fits[chosen]


def maximal_marginal_relevance(scores: Floats, vectors: Floats, n: int, diversity: float) -> Positions:
    """The positions of `n` candidates, chosen one by one for fit and for being unlike those chosen before.

    Each step takes the film with the highest `Variety.weigh` of its scaled score.

    Args:
        scores: shape (candidates,), best first.
        vectors: shape (candidates, k).
        n: how many.
        diversity: 0 to 1.
    """
    if len(scores) == 0:
        return np.empty(0, np.intp)
    fits, variety = min_max_scale(scores), Variety(vectors, diversity)
    left = np.ones(len(scores), np.bool_)
    chosen: list[int] = []
    for _ in range(min(n, len(scores))):
        best = int(np.argmax(np.where(left, variety.weigh(fits), -np.inf)))
        chosen.append(best)
        left[best] = False
        variety.add(best)
    return np.array(chosen, np.intp)


def min_max_scale(values: Floats) -> Floats:
    """The values from 0, the lowest, to 1, the highest."""
    lowest = values.min()
    scaled: Floats = (values - lowest) / max(float(values.max() - lowest), 1e-12)
    return scaled


class Variety:
    """Gives films unlike those that were chosen an advantage.

    Source: Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing
    Summaries", SIGIR 1998.

    Args:
        vectors: of the candidates, shape (candidates, k).
        diversity: 0 to 1.
    """

    def __init__(self, vectors: Floats, diversity: float) -> None:
        self._directions, self._diversity = unit_rows(vectors), diversity
        self._likeness = np.full(len(vectors), _UNLIKE, np.float32)

    def weigh(self, fits: Floats) -> Floats:
        """(1 - diversity) · fit - diversity · likeness, shape (candidates,).

        The fit is scaled to 0..1. Likeness is the largest cosine to a chosen film, 0.3 at least: less is unlike enough,
        or all see the same odd films.
        """
        weighed: Floats = (1 - self._diversity) * fits - self._diversity * self._likeness
        return weighed

    def add(self, chosen: int) -> None:
        """Count a film among those that were chosen."""
        self._likeness = np.maximum(self._likeness, self._directions @ self._directions[chosen])
