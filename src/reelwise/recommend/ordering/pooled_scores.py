"""How well films suit a selection by the blend pooled with the linear part; see `reelwise.models.ranking.linear_part`.

The films of the linear part, 2,000 at most, are all looked at. What the n best of these reach, others have to reach,
too, so that few of them are.
"""

import numpy as np

from reelwise.data.types import Floats, Positions, Rows
from reelwise.models.ranking.linear_part import LinearPart
from reelwise.models.top_n import n_reach, nth_highest
from reelwise.recommend.inner_product_index import Scores, products

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
        self._blend, self._linear, self._films_Q = blend, linear, films_Q
        self._carried = linear.carried(picks)
        self._by_linear = linear.add_up(self._carried)

    def best(self, n: int, refused: Rows) -> tuple[Positions, Floats]:
        """The rows of the `n` highest scores, weighted, and these, exactly; of equals the lower row first."""
        films, embedding = self._linear.films, self._blend.embedding
        index = self._blend.index
        if index.multiplies_all:
            return self._best_of_all(n, refused)
        rough = index.weigh(self._linear.pool(self._films_Q @ embedding, self._by_linear), films)
        slack = self._slack(rough)
        places = self._linear.find(refused)
        rough[places[places < len(films)]] = -np.inf
        contenders = np.flatnonzero(rough >= n_reach(rough, n) - slack)
        by_blend = products(self._films_Q[contenders], embedding)
        exact = index.weigh(self._linear.pool(by_blend, self._by_linear[contenders]), films[contenders])
        others, of_others = self._blend.best(n, np.concatenate([refused, films]), nth_highest(exact, n))
        rows, fits = np.concatenate([films[contenders], others]), np.concatenate([exact, of_others])
        best = np.lexsort((rows, -fits))[:n]
        return rows[best], fits[best]

    def _best_of_all(self, n: int, refused: Rows) -> tuple[Positions, Floats]:
        """The same where there are so few movies that all of them are looked at."""
        index, rough = self._blend.index, self.all()
        slack = self._slack(rough)
        rough[index.never] = rough[refused] = -np.inf
        contenders = np.flatnonzero(rough >= n_reach(rough, n) - slack)
        exact = index.weigh(self.of(contenders), contenders)
        best = np.argsort(-exact, kind="stable")[:n]
        return contenders[best], exact[best]

    def _slack(self, rough: Floats) -> float:
        """More than rough scores may be off."""
        return self._blend.index.rounding(self._blend.embedding) + float(_ROUNDING * np.abs(rough).max())

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
        places = self._linear.find(rows)
        known = places < len(self._linear.films)
        falls[known] = self._linear.pool(falls[known], self._carried[:, places[known]].T)
        return falls
