"""From scores to a list: what may be shown, and in which order."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reelwise.errors import UsageError
from reelwise.models.vectors import unit
from reelwise.recommend.inner_product_index import Scores
from reelwise.recommend.movie_facts import Films
from reelwise.recommend.top_n import top_n

Floats = npt.NDArray[np.float32]
Movies = npt.NDArray[np.integer]
_POOL = 10  # variety is sought among this many times as many films as are wanted
_DAMPING = 20  # ratings added to each film's count, so that a film with one is no greater find than one with ten


class Filters(NamedTuple):
    """What a list shall be like. The defaults filter nothing and change no order.

    Attributes:
        n: how many films, at most.
        genres: only films with at least one of these.
        without_genres: no film with any of these.
        year_min: not before that year; films without a year are left out then.
        year_max: not after that year, likewise.
        min_ratings: only films with at least that many ratings.
        novelty: 0 to 1; from the best known first to hidden gems.
        diversity: 0 to 1; from the best fitting to the most maximal_marginal_relevance.
    """

    n: int = 10
    genres: tuple[str, ...] = ()
    without_genres: tuple[str, ...] = ()
    year_min: int | None = None
    year_max: int | None = None
    min_ratings: int = 0
    novelty: float = 0.0
    diversity: float = 0.0

    @property
    def filters(self) -> bool:
        """Whether any film is left out."""
        return bool(self.genres or self.without_genres or self.year_min or self.year_max or self.min_ratings)

    def with_n(self, n: int) -> "Filters":
        """The same filters for another number of films."""
        return self._replace(n=n)


def passing_filters(films: Films, filters: Filters) -> npt.NDArray[np.bool_]:
    """Which movies pass the filters, shape (movies,).

    Raises:
        UsageError: naming a genre that no film has.
    """
    passes = films.counts >= filters.min_ratings
    try:
        wanted, unwanted = films.bits_of(filters.genres), films.bits_of(filters.without_genres)
    except KeyError as error:
        known = ", ".join(films.genre_names)
        raise UsageError(f"no film has the genre {error.args[0]!r}; there are {known}") from None
    if wanted:
        passes &= (films.genres & wanted) != 0
    if unwanted:
        passes &= (films.genres & unwanted) == 0
    if filters.year_min is not None:
        passes &= films.years >= filters.year_min
    if filters.year_max is not None:
        passes &= (films.years <= filters.year_max) & (films.years > 0)
    return passes


def rank(
    scores: Scores, centred_embeddings: Callable[[Movies], Floats], films: Films, excluded: Movies, filters: Filters
) -> npt.NDArray[np.intp]:
    """The rows of the films to show, in their order.

    Args:
        scores: of all films; higher fits better.
        centred_embeddings: gives the vectors of some rows, shape (rows, k); films at a small angle are alike.
        films: the facts that filters and novelty look at.
        excluded: rows that are never shown.
        filters: how many, which, how well known, how maximal_marginal_relevance.
    """
    refused = excluded
    if filters.filters:
        refused = np.concatenate([excluded, np.flatnonzero(~passing_filters(films, filters))])
    n = filters.n * _POOL if filters.diversity else filters.n
    if filters.novelty:
        whole = discount_popularity(scores.all(), films.counts, filters.novelty)
        best = top_n(whole, n, refused)
    else:
        best = scores.best(n, refused)
    if not filters.diversity:
        return best
    fits = whole[best] if filters.novelty else scores.of(best)
    return best[maximal_marginal_relevance(fits, centred_embeddings(best), filters.n, filters.diversity)]


def discount_popularity(scores: Floats, counts: npt.NDArray[np.int64], novelty: float) -> Floats:
    """Scores divided by a power of the films' popularity: at 1, by the popularity itself.

    A score behaves like the probability that a viewer likes a film; divided by how many do it is the lift, which is
    high for what is special to this viewer.
    """
    popularity = (counts + _DAMPING) / (counts.max(initial=0) + _DAMPING)
    return np.where(scores > 0, scores / popularity**novelty, scores).astype(np.float32)


def maximal_marginal_relevance(scores: Floats, vectors: Floats, n: int, diversity: float) -> npt.NDArray[np.intp]:
    """The positions of `n` candidates, chosen one by one for fit and for being unlike those chosen before.

    Maximal marginal relevance: each step takes the highest (1 - diversity) · fit - diversity · likeness, with the fit
    scaled to 0..1 and likeness the largest cosine to a chosen film. Source: Carbonell and Goldstein, "The Use of MMR,
    Diversity-Based Reranking for Reordering Documents and Producing Summaries", SIGIR 1998.

    Args:
        scores: shape (candidates,), best first.
        vectors: shape (candidates, k).
        n: how many.
        diversity: 0 to 1.
    """
    if len(scores) == 0:
        return np.empty(0, np.intp)
    fit = (scores - scores[-1]) / max(float(scores[0] - scores[-1]), 1e-12)
    directions = unit(vectors)
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
