"""Scores of all films: those that the model has learnt in its own order, the others by their own vectors among them.

An unlearnt film's score counts half of what it is among films that are learnt: more would cost these more than it
finds. As for how well known it is, it counts as the middle one of those that are learnt. In a list of unlearnt films
alone those with ratings come first, and a score is the higher the more people have rated the film: it is multiplied by
√(ratings + 1), or where it is negative, divided.

What people liked lately counts beside all that; see `lately`.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from reelwise.data.types import Floats, Mask, Positions, Rows
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.top_n import normalise, top_n
from reelwise.recommend.films.unlearnt import Unlearnt
from reelwise.recommend.inner_product_index import FixedScores, Scores, falls_without, products
from reelwise.recommend.movie_facts import NO_ROWS
from reelwise.recommend.ordering.pooled_scores import PooledScores

_AMONG_OTHERS = 0.5


@dataclass(frozen=True)
class AllScores:
    """How well each film of a catalogue fits; asked as `Scores` are.

    Attributes:
        learnt: of the films that the model has learnt.
        known: how many rows the model has.
        films: those that it has not learnt; none of them where it can say nothing of them.
        embedding: in the ranking model, shape (k,); None where there are none of these.
        weight: what balance makes of them.
        alone: whether only these are wanted.
        liked: what is added for what people liked lately, in units of the mean of the ten best, shape (total,).
        never: rows of films that the model has not learnt; only needed for that.
    """

    learnt: Scores | PooledScores | FixedScores
    known: int
    films: Unlearnt
    embedding: Floats | None = None
    weight: float = 1.0
    alone: bool = False
    liked: Floats | None = None
    never: Rows = field(default_factory=NO_ROWS.copy)

    def best(self, n: int, refused: Rows) -> tuple[Positions, Floats]:
        """The rows of the `n` highest scores, weighted, best first, and these; of equals the lower row first."""
        if len(self.films.gone):
            refused = np.concatenate([refused, self.films.gone])
        if self.liked is not None and not self.alone:
            return self._best_and_liked(n, refused, self.liked)
        rows, scores = np.empty(0, np.intp), np.empty(0, np.float32)
        if not self.alone:
            rows, scores = self.learnt.best(n, _within(refused, self.known))
        if len(self.films.rows) == 0:
            return rows, scores
        left, places = np.ones(len(self.films.rows), np.bool_), self.films.places(refused)
        left[places[places >= 0]] = False
        others, of_others = self.films.rows[left], self._unlearnt[left] * np.float32(self.weight)
        if self.alone:
            return _rated_first(n, others, of_others, self.films.ratings[left] > 0)
        rows, scores = np.concatenate([rows, others]), np.concatenate([scores, of_others])
        best = np.lexsort((rows, -scores))[:n]
        return rows[best], scores[best]

    def all(self) -> Floats:
        """The scores of all films that the model has learnt, weighted, to the precision of BLAS; of others 0.

        Float32, shape (total,).
        """
        scores = np.zeros(self.films.total, np.float32)
        scores[: self.known] = self.learnt.all()
        return scores

    def of(self, rows: Rows) -> Floats:
        """The scores of some rows without weights, shape (rows,)."""
        places = self.films.places(rows)
        learnt = places < 0
        if learnt.all():
            return self.learnt.of(rows)
        scores = np.empty(len(rows), np.float32)
        scores[learnt] = self.learnt.of(rows[learnt])
        scores[~learnt] = self._unlearnt[places[~learnt]]
        return scores

    def falls(self, rows: Rows, without: Floats) -> Floats | None:
        """How much these scores fall with each of other embeddings, shape (rows, embeddings); None if none can say."""
        if isinstance(self.learnt, FixedScores) or self.embedding is None:
            return None
        places = self.films.places(rows)
        learnt = places < 0
        if learnt.all():
            return self.learnt.falls(rows, without)
        falls = np.empty((len(rows), len(without)), np.float32)
        falls[learnt] = self.learnt.falls(rows[learnt], without)
        others = places[~learnt]
        of_others = falls_without(self.films.vectors[others], self.embedding, without)
        falls[~learnt] = self._factors[others, None] * of_others
        return falls

    def centred(self, ranking: WeightedALS, rows: Rows) -> Floats:
        """The vectors of some films, which are near each other for films that are alike, float32, shape (rows, k)."""
        places = self.films.places(rows)
        vectors = ranking.centred_embeddings(np.where(places < 0, rows, 0))
        if (places >= 0).any():
            vectors[places >= 0] = ranking.centre(self.films.vectors[places[places >= 0]])
        return vectors

    def _best_and_liked(self, n: int, refused: Rows, liked: Floats) -> tuple[Positions, Floats]:
        """The same, with what people liked lately; in units of the mean of the ten best."""
        others, scores = self.films.rows, self.all()
        if len(others):
            scores[others] = self._unlearnt * np.float32(self.weight)
        refused = np.concatenate([self.never[~np.isin(self.never, others)], refused])
        scores = normalise(scores, refused) + liked
        rows = top_n(scores, n, refused)
        return rows, scores[rows]

    @cached_property
    def _products(self) -> Floats:
        if self.embedding is None:
            return np.empty(0, np.float32)
        return products(self.films.vectors, self.embedding)

    @cached_property
    def _factors(self) -> Floats:
        if not self.alone:
            return np.full(len(self.films.rows), _AMONG_OTHERS, np.float32)
        factors = np.sqrt(self.films.ratings + 1)
        return np.where(self._products < 0, 1 / factors, factors).astype(np.float32)

    @cached_property
    def _unlearnt(self) -> Floats:
        return self._products if self.embedding is None else self._factors * self._products


def _rated_first(n: int, rows: Rows, scores: Floats, rated: Mask) -> tuple[Positions, Floats]:
    """The best rows, those with ratings before all others, and scores that fall in that order."""
    if rated.any() and not rated.all():
        scores = np.where(rated, scores + max(scores[~rated].max() - scores[rated].min(), 0), scores)
    best = np.lexsort((rows, -scores, ~rated))[:n]
    return rows[best].astype(np.intp, copy=False), scores[best]


def _within(rows: Rows, end: int) -> Rows:
    return rows[rows < end] if len(rows) and rows.max() >= end else rows
