"""Lists of films for a query, with what is said of each film."""

from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from reelwise.artifacts.indexes import Indexes
from reelwise.artifacts.model import Model
from reelwise.data.types import Floats, Rows
from reelwise.recommend.choices import RankBy
from reelwise.recommend.explanations import explain
from reelwise.recommend.filters import Filters
from reelwise.recommend.inner_product_index import FixedScores, InnerProductIndex, Scores
from reelwise.recommend.movie_facts import MovieFacts
from reelwise.recommend.ordering.balances import Balances
from reelwise.recommend.ordering.pooled_scores import PooledScores
from reelwise.recommend.query import Query, QueryBuilder
from reelwise.recommend.reranking import TasteScores, VectorsOf, rank
from reelwise.recommend.results import Film, Reason, Recommendation

_WELL_KNOWN = 4096  # films that are kept at hand

NO_ROWS: Rows = np.empty(0, np.int32)


class Scored(NamedTuple):
    """How well each film fits somebody: in what films are ordered `by`, in stars, and in taste, if that is known."""

    by: TasteScores
    stars: Scores
    taste: TasteScores | None


class Lists:
    """Makes the lists of one model."""

    def __init__(self, model: Model, indexes: Indexes, queries: QueryBuilder, facts: MovieFacts) -> None:
        self._model, self._queries, self._facts = model, queries, facts
        self._by_stars = InnerProductIndex(model.rating.Q, indexes.rating)
        self._by_taste = None
        if model.ranking is not None and indexes.ranking is not None:
            counts = model.stats.counts
            self._by_taste = Balances(model.ranking, counts, indexes.ranking, model.balance, indexes.balanced)
        self.film = lru_cache(maxsize=_WELL_KNOWN)(partial(_look_up, model))
        """The film in a row."""

    def make(
        self,
        query: Query,
        refused: Rows = NO_ROWS,
        rank_by: RankBy | None = None,
        filters: Filters | None = None,
        explained: bool = True,
    ) -> tuple[Recommendation, ...]:
        """What to show, best first.

        Args:
            query: whose list it is.
            refused: rows that are not shown, beside what was seen.
            rank_by: "taste" or "stars"; by default by taste, if the model can. Where nobody gave stars, by taste in any
                case.
            filters: what the list shall be like.
            explained: whether to work out reasons, margins, and by stars how well films fit in taste, too.

        Raises:
            UsageError: Raised when the model cannot do what is asked.
        """
        filters = filters or Filters()
        scored = self.score(query, rank_by, filters, explained)
        excluded = np.concatenate([query.seen, refused]) if len(refused) else query.seen
        rows, fits = rank(scored.by, self.vectors_of, self._facts, excluded, filters)
        return self.describe(query, scored, rows, fits, explained)

    @property
    def vectors_of(self) -> VectorsOf:
        """What tells films that are alike."""
        ranking = self._model.ranking
        return ranking.centred_embeddings if ranking else self._model.rating.Q.__getitem__

    def score(self, query: Query, rank_by: RankBy | None, filters: Filters, explained: bool = True) -> Scored:
        """How well each film fits; see `make`.

        Raises:
            UsageError: Raised when the model cannot do what is asked.
        """
        if rank_by == "taste":
            self._queries.require_ranking()
        by_taste = self._by_taste is not None and not (rank_by == "stars" and self._model.predicts_stars)
        stars = Scores(self._by_stars, query.rating)
        taste: TasteScores | None = None
        if query.popularity is not None and by_taste:
            taste = FixedScores(query.popularity, self._by_stars.never)
        elif self._by_taste is not None and query.ranking is not None and (by_taste or explained):
            taste = self._by_taste.order(query.ranking(), query.picks, self._balance(query, filters) if by_taste else 0)
        return Scored(taste if taste and by_taste else stars, stars, taste)

    def describe(
        self, query: Query, scored: Scored, rows: Rows, fits: Floats, explained: bool = True
    ) -> tuple[Recommendation, ...]:
        """What is said of films to whom the query stands for.

        Args:
            query: who it is.
            scored: how well each film fits.
            rows: of the films.
            fits: their scores in that which they are ordered by.
            explained: see `make`.
        """
        by, stars, taste = scored
        has_stars = self._model.predicts_stars
        predicted: list[float | None] = [None] * len(rows)
        if has_stars:
            predicted = self._model.scale.clip(fits if by is stars else stars.of(rows)).tolist()
        scores: list[float | None] = [None] * len(rows)
        if taste:
            scores = taste.of(rows).tolist()
        margins: list[float | None] = [None] * len(rows)
        reasons: list[tuple[Reason, ...]] = [()] * len(rows)
        if explained and query.std and has_stars:
            margins = query.std(rows).tolist()
        if taste and not isinstance(taste, FixedScores) and explained and query.contributors:
            reasons = self._reasons(taste, *query.contributors(rows), rows)
        films, source = map(self.film, rows.tolist()), query.source
        return tuple(
            [
                Recommendation(
                    film.movie_id,
                    film.title,
                    film.year,
                    film.genres,
                    score,
                    stars,
                    margin,
                    why,
                    film.ratings,
                    film.mean_stars,
                    film.tmdb_id,
                    film.imdb_id,
                    source,
                )
                for film, score, stars, margin, why in zip(films, scores, predicted, margins, reasons, strict=True)
            ]
        )

    def similar(self, row: int, likeness: float) -> Recommendation:
        """A film that is like another."""
        film = self.film(row)
        return Recommendation(
            **film._asdict(), score=likeness, predicted_stars=film.mean_stars, stars_margin=None, reasons=(),
            source="similar",
        )  # fmt: skip

    def _balance(self, query: Query, filters: Filters) -> float:
        """What is asked for; else the model's own, but for what most people like, which nobody need have seen less."""
        if filters.balance is not None:
            return filters.balance
        return 0.0 if query.source == "popular" else self._model.balance

    def _reasons(
        self, taste: Scores | PooledScores, contributors: Rows, without: Floats, rows: Rows
    ) -> list[tuple[Reason, ...]]:
        found = explain(taste.of(rows), taste.falls(rows, without), contributors)
        return [tuple(self._reason(*contribution) for contribution in of_film) for of_film in found]

    def _reason(self, row: int, share: float) -> Reason:
        film = self.film(row)
        return Reason(film.movie_id, film.title, share)


def _look_up(model: Model, row: int) -> Film:
    movie = model.catalogue.movie(row)
    ratings, mean_stars = model.stats[row]
    if not model.predicts_stars:
        mean_stars = None
    year = model.catalogue.year(row)
    return Film(movie.movie_id, movie.title, year, movie.genres, ratings, mean_stars, movie.tmdb_id, movie.imdb_id)
