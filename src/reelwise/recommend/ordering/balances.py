"""The orders by taste, from well known to hidden: an index for each place of the dial.

At balance 0 a selection is ordered by the blend alone. At any other balance it is ordered by balanced scores of the
blend pooled with the linear part, where there is one (`reelwise.models.ranking.balance` and `linear_part`).
"""

from functools import lru_cache, partial

import numpy as np

from reelwise.data.types import Floats, Rows
from reelwise.models.ranking.balance import discount
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.retrieval_sketch import Sketch
from reelwise.recommend.inner_product_index import InnerProductIndex, Scores
from reelwise.recommend.ordering.pooled_scores import PooledScores

_KEPT = 16  # other places of the dial whose weights are kept


class Balances:
    """Finds the best films by taste at any balance, exactly; at 0 and at the model's own with a look at few of them.

    Args:
        ranking: the ranking model.
        sketch: of the movies that may be recommended.
        own: the model's own balance.
        balanced: the sketch with the weights of that; None where there is none.
    """

    def __init__(self, ranking: WeightedALS, sketch: Sketch, own: float = 0.0, balanced: Sketch | None = None) -> None:
        Q, self._linear = ranking.Q, ranking.linear
        self._films_Q = None if self._linear is None else np.ascontiguousarray(Q[self._linear.films])
        self._unweighted = InnerProductIndex(Q, sketch)
        self._own, self._by_own = own, None
        if balanced is not None:
            self._by_own = InnerProductIndex(Q, balanced, discount(ranking.fame, own))
        self._others = lru_cache(maxsize=_KEPT)(partial(_at, Q, sketch, ranking.fame))

    def order(self, embedding: Floats, picks: Rows | None, balance: float) -> Scores | PooledScores:
        """The order for a person.

        Args:
            embedding: in the ranking model, shape (k,).
            picks: what a selection consists of; None for everybody else.
            balance: 0 to 1.
        """
        if balance == 0:
            return Scores(self._unweighted, embedding)
        index = self._by_own if self._by_own is not None and balance == self._own else self._others(balance)
        scores = Scores(index, embedding)
        if picks is None or self._linear is None or self._films_Q is None or not self._linear.suits(len(picks)):
            return scores
        return PooledScores(scores, self._linear, self._films_Q, picks)


def _at(Q: Floats, sketch: Sketch, fame: Floats, balance: float) -> InnerProductIndex:
    return InnerProductIndex(Q, sketch, discount(fame, balance), is_sketched=False)
