"""Scores of all films: of those that the model has learnt by its index, of the others by their own vectors.

An unlearnt film's score counts 0.7 of what it is among films that are learnt: in full it would cost these more than it
finds. In a list of unlearnt films alone it counts the more the more people have rated the film, by √(ratings + 1).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reelwise.data.types import Counts, Floats, Positions, Rows
from reelwise.recommend.films.unlearnt import Unlearnt
from reelwise.recommend.inner_product_index import Scores, products

_AMONG_OTHERS = 0.7


@dataclass(frozen=True)
class AllScores(Scores):
    """How well each film of a catalogue fits.

    Attributes:
        films: those that the model has not learnt; none of them where it can say nothing of them.
        alone: whether only these are wanted.
    """

    films: Unlearnt
    alone: bool = False

    @cached_property
    def never(self) -> Rows:
        """Rows of films that are never recommended."""
        never = np.ones(self.films.total, np.bool_)
        if not self.alone:
            never[: len(self.index.Q)] = False
            never[self.index.never] = True
        never[self.films.rows] = False
        never[self.films.gone] = True
        return np.flatnonzero(never)

    def fame(self, counts: Counts) -> Counts:
        """How well known each film counts as: one that is not learnt as the middle one of those that are."""
        known = counts.copy()
        known[self.films.rows] = int(np.median(counts[counts > 0])) if (counts > 0).any() else 0
        return known

    def best(self, n: int, refused: Rows) -> tuple[Positions, Floats]:
        """The rows of the `n` highest scores, best first, and these; of equals the lower row first."""
        if len(self.films.gone):
            refused = np.concatenate([refused, self.films.gone])
        rows, scores = np.empty(0, np.intp), np.empty(0, np.float32)
        if not self.alone:
            rows, scores = self.index.best(self.embedding, n, _within(refused, len(self.index.Q)))
        if len(self.films.rows):
            left = ~np.isin(self.films.rows, refused)
            rows = np.concatenate([rows, self.films.rows[left]])
            scores = np.concatenate([scores, self._of_unlearnt[left]])
            best = np.lexsort((rows, -scores))[:n]
            rows, scores = rows[best], scores[best]
        return rows, scores

    def of(self, rows: Rows) -> Floats:
        """The scores of some rows, shape (rows,)."""
        places = self.films.places(rows)
        if (places < 0).all():
            return super().of(rows)
        learnt = places < 0
        scores = np.empty(len(rows), np.float32)
        scores[learnt] = super().of(rows[learnt])
        scores[~learnt] = self._of_unlearnt[places[~learnt]]
        return scores

    def all(self) -> Floats:
        """The scores of all films, shape (films,), to the precision of BLAS; 0 where nothing is known."""
        scores = np.zeros(self.films.total, np.float32)
        scores[: len(self.index.Q)] = super().all()
        scores[self.films.rows] = self._of_unlearnt
        return scores

    def vectors(self, rows: Rows) -> Floats:
        """The vectors of some films, float32, shape (rows, k)."""
        places = self.films.places(rows)
        vectors: Floats = self.index.Q[np.where(places < 0, rows, 0)]
        if (places >= 0).any():
            vectors[places >= 0] = self.films.vectors[places[places >= 0]]
        return vectors

    @cached_property
    def _of_unlearnt(self) -> Floats:
        if len(self.films.rows) == 0:
            return np.empty(0, np.float32)
        scores = products(self.films.vectors, self.embedding)
        weights = np.sqrt(self.films.ratings + 1) if self.alone else _AMONG_OTHERS
        weighed: Floats = (scores * weights).astype(np.float32)
        return weighed


def _within(rows: Rows, end: int) -> Rows:
    return rows[rows < end] if len(rows) and rows.max() >= end else rows
