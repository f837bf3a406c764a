"""From scores to a list: what may be shown, and in which order."""

from collections.abc import Callable

import numpy as np

from reelwise.data.types import Counts, Floats, Positions, Rows
from reelwise.models.top_n import top_n
from reelwise.models.vectors import unit_rows
from reelwise.recommend.filters import Filters, passing
from reelwise.recommend.inner_product_index import Scores
from reelwise.recommend.movie_facts import MovieFacts

POOL = 10  # variety is sought among this many times as many films as are wanted
_DAMPING = 20  # ratings added to each film's count, so that a film with one is no greater find than one with ten

VectorsOf = Callable[[Rows], Floats]
"""Gives the vectors of some rows, shape (rows, k); films with a small angle between theirs are alike."""


def rank(
    scores: Scores, vectors_of: VectorsOf, facts: MovieFacts, excluded: Rows, filters: Filters
) -> tuple[Positions, Floats]:
    """The rows of the films to show, in their order, and their scores.

    Args:
        scores: of all films; higher fits better.
        vectors_of: what tells films that are alike.
        facts: what filters and novelty look at.
        excluded: rows that are never shown.
        filters: how many, which, how well known, how varied.
    """
    refused = excluded
    if filters.leave_films_out:
        refused = np.concatenate([excluded, np.flatnonzero(~passing(facts, filters))])
    n = filters.n * POOL if filters.diversity else filters.n
    if filters.novelty:
        discounted = fits_of_all(scores, facts, filters)
        best = top_n(discounted, n, np.concatenate([refused, scores.index.never]))
        fits, exact = discounted[best], scores.of(best)
    else:
        best, exact = scores.best(n, refused)
        fits = exact
    if filters.diversity:
        chosen = maximal_marginal_relevance(fits, vectors_of(best), filters.n, filters.diversity)
        best, exact = best[chosen], exact[chosen]
    return best, exact


def fits_of_all(scores: Scores, facts: MovieFacts, filters: Filters) -> Floats:
    """How well each film fits as the filters want it, well known or not; shape (movies,), to the precision of BLAS."""
    return discount_popularity(scores.all(), facts.counts, filters.novelty) if filters.novelty else scores.all()


def discount_popularity(scores: Floats, counts: Counts, exponent: float) -> Floats:
    """Scores divided by a power of the films' popularity: at 1, by the popularity itself.

    A score behaves like the probability that somebody likes a film; divided by how many do it is the lift, which is
    high for what is special to this person.
    """
    popularity = (counts + _DAMPING) / (counts.max(initial=0) + _DAMPING)
    return np.where(scores > 0, scores / popularity**exponent, scores).astype(np.float32)


def maximal_marginal_relevance(scores: Floats, vectors: Floats, n: int, diversity: float) -> Positions:
    """The positions of `n` candidates, chosen one by one for fit and for being unlike those chosen before.

    Each step takes the highest (1 - diversity) · fit - diversity · likeness, with the fit scaled to 0..1 and likeness
    the largest cosine to a chosen film. Source: Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for
    Reordering Documents and Producing Summaries", SIGIR 1998.

    Args:
        scores: shape (candidates,), best first.
        vectors: shape (candidates, k).
        n: how many.
        diversity: 0 to 1.
    """
    if len(scores) == 0:
        return np.empty(0, np.intp)
    fit = (scores - scores[-1]) / max(float(scores[0] - scores[-1]), 1e-12)
    directions = unit_rows(vectors)
    likeness = np.full(len(scores), -1.0, np.float32)
    left = np.ones(len(scores), np.bool_)
    chosen: list[int] = []
    for _ in range(min(n, len(scores))):
        value = (1 - diversity) * fit - diversity * likeness
        best = int(np.argmax(np.where(left, value, -np.inf)))
        chosen.append(best)
        left[best] = False
        likeness = np.maximum(likeness, directions @ directions[best])
    return np.array(chosen, np.intp)
