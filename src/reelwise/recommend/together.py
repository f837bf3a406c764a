"""Films for several people at once: good for all on average, and for the member who has had least so far.

Each member's scores are divided by the mean of that member's own ten best, so that nobody has more of a say by liking
more: 1 is as good as what this person would be recommended alone. Films are then taken one by one, at each place the
one with the highest

    v_w(i) = 0.85 · mean over members m of s_m(i)² + 0.15 · s_w(i)²

w: the member for whom the films so far are worth least, sum of s_w(i)² / log2(place + 1). The first film is the best on
average. Squares, because a film that somebody loves is worth more to them than two that they half like. Whoever w is,
no film but the n highest in v_w can be taken at any of n places. So only these few of each member are gone through, and
the choice is that among all films.
"""

import numpy as np

from reelwise.data.types import Doubles, Floats, Positions, Rows
from reelwise.models.top_n import top_n
from reelwise.recommend.reranking import POOL, Variety, VectorsOf, min_max_scale

SHARE_OF_WORST_OFF = 0.15


def choose_together(
    fits: Floats,
    n: int,
    refused: Rows,
    share: float = SHARE_OF_WORST_OFF,
    diversity: float = 0.0,
    vectors_of: VectorsOf | None = None,
) -> Positions:
    """The rows of `n` films for all members, in their order.

    Args:
        fits: normalised scores, shape (members, movies).
        n: how many.
        refused: rows of films that are not shown.
        share: of the worst-off member, 0 to 1; at 0 the order is that of the mean square.
        diversity: 0 to 1; above 0, of ten times as many films, those unlike what was taken before have an advantage, as
            `maximal_marginal_relevance` has it.
        vectors_of: see `reranking.rank`; needed with `diversity`.
    """
    fits = fits * np.abs(fits)
    average = fits.mean(axis=0)
    values = np.vstack([average, (1 - share) * average + share * fits])
    best = [top_n(value, n * POOL if diversity else n, refused) for value in values]
    pool = np.unique(np.concatenate(best))
    if len(pool) == 0:
        return pool
    fits, values = fits[:, pool], values[:, pool]
    variety = None
    if diversity and vectors_of:
        values, variety = min_max_scale(values), Variety(vectors_of(pool), diversity)
    worth: Doubles = np.zeros(len(fits))
    left = np.ones(len(pool), np.bool_)
    chosen: list[int] = []
    for place in range(min(n, len(pool))):
        value = values[1 + int(np.argmin(worth)) if place else 0]
        if variety is not None:
            value = variety.weigh(value)
        taken = int(np.argmax(np.where(left, value, -np.inf)))
        chosen.append(taken)
        left[taken] = False
        worth += fits[:, taken] / np.log2(place + 2)
        if variety is not None:
            variety.add(taken)
    return pool[chosen]
