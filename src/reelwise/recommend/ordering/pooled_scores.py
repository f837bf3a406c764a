"""How well films suit a selection by the blend pooled with the linear part; see `reelwise.models.ranking.linear_part`.

The films of the linear part, 2,000 at most, are all looked at. What the n best of these reach, others have to reach,
too, so that few of them are.
"""

import numpy as np

from reelwise.data.types import Floats, Positions, Rows
from reelwise.models.ranking.linear_part import LinearPart
from reelwise.recommend.inner_product_index import Scores, nth_highest, products

_ROUNDING = np.float32(2.0**-20)  # more than the relative error of the few sums and products besides


class PooledScores:
    """Scores of one selection.

    Args:
        blend: the scores by the blend.
        linear: the linear part.
        films_Q: the vectors of its films, shape (films, k).
        picks: rows of the selection.
    """

    def __init__(self, blend: Scores, linear: LinearPart, films_Q: Floats, picks: Rows) -> None:
        self._blend, self._linear, self._films_Q, self._picks = blend, linear, films_Q, picks
        self._by_linear = linear.score(picks)

    def best(self, n: int, refused: Rows) -> tuple[Positions, Floats]:
        """The rows of the `n` highest scores, weighted, and these, exactly; of equals the lower row first."""
        films, embedding = self._linear.films, self._blend.embedding
        index = self._blend.index
        rough = index.weigh(self._linear.pool(self._films_Q @ embedding, self._by_linear), films)
        slack = index.rounding(embedding) + float(_ROUNDING * np.abs(rough).max())
        places = self._linear.find(refused)
        rough[places[places < len(films)]] = -np.inf
        contenders = np.flatnonzero(rough >= nth_highest(rough, n) - slack)
        by_blend = products(self._films_Q[contenders], embedding)
        exact = index.weigh(self._linear.pool(by_blend, self._by_linear[contenders]), films[contenders])
        others, of_others = self._blend.best(n, np.concatenate([refused, films]), nth_highest(exact, n))
        rows, fits = np.concatenate([films[contenders], others]), np.concatenate([exact, of_others])
        best = np.lexsort((rows, -fits))[:n]
        return rows[best], fits[best]

    def all(self) -> Floats:
        """The scores of all movies, weighted, shape (movies,), to the precision of BLAS."""
        index, films = self._blend.index, self._linear.films
        scores: Floats = index.Q @ self._blend.embedding
        scores[films] = self._linear.pool(scores[films], self._by_linear)
        return index.weigh(scores)

    def of(self, rows: Rows) -> Floats:
        """The scores of some rows without weights, shape (rows,)."""
        scores, places = self._blend.of(rows), self._linear.find(rows)
        known = places < len(self._linear.films)
        scores[known] = self._linear.pool(scores[known], self._by_linear[places[known]])
        return scores

    def falls(self, rows: Rows, without: Floats) -> Floats:
        """How much these scores fall without each of the picks, all else the same, shape (rows, picks).

        Args:
            rows: the movies.
            without: the blend's embedding without each of the picks, shape (picks, k).
        """
        falls = self._blend.falls(rows, without)
        known = self._linear.find(rows) < len(self._linear.films)
        falls[known] = self._linear.pool(falls[known], self._linear.carried(self._picks, rows[known]))
        return falls
