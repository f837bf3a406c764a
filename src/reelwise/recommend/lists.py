"""Lists of films for a query, with what is said of each film."""

from functools import lru_cache, partial

import numpy as np

from reelwise.artifacts.indexes import Indexes
from reelwise.artifacts.model import Model
from reelwise.data.types import Floats, Mask, Rows
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.recommend.choices import NewFilms, RankBy, Source
from reelwise.recommend.explanations import explain
from reelwise.recommend.films.scores import AllScores
from reelwise.recommend.films.unlearnt import Unlearnt
from reelwise.recommend.filters import Filters
from reelwise.recommend.inner_product_index import InnerProductIndex
from reelwise.recommend.movie_facts import NO_ROWS, MovieFacts
from reelwise.recommend.query import Query, QueryBuilder
from reelwise.recommend.reranking import rank
from reelwise.recommend.results import Film, Reason, Recommendation

_WELL_KNOWN = 4096  # films that are kept at hand


class Lists:
    """Makes the lists of one model."""

    def __init__(
        self, model: Model, indexes: Indexes, queries: QueryBuilder, facts: MovieFacts, unlearnt: Unlearnt
    ) -> None:
        self._model, self._queries, self._facts, self._unlearnt = model, queries, facts, unlearnt
        self._by_stars = InnerProductIndex(model.rating.Q, indexes.rating)
        self._by_taste = None
        if model.ranking is not None and indexes.ranking is not None:
            self._by_taste = InnerProductIndex(model.ranking.Q, indexes.ranking)
        self._learnt = unlearnt.none()
        self.film = lru_cache(maxsize=_WELL_KNOWN)(partial(_look_up, model))
        """The film in a row."""

    def make(
        self,
        query: Query,
        refused: Rows = NO_ROWS,
        rank_by: RankBy | None = None,
        filters: Filters | None = None,
        explained: bool = True,
        new_films: NewFilms = "among",
    ) -> tuple[Recommendation, ...]:
        """What to show, best first.

        Args:
            query: whose list it is.
            refused: rows that are not shown, beside what was seen.
            rank_by: "taste" or "stars"; by default by taste, if the model can. Where nobody gave stars, by taste in any
                case.
            filters: what the list shall be like.
            explained: whether to work out reasons, margins, and by stars how well films fit in taste, too.
            new_films: where films go that the model has not learnt; by stars nowhere, since none are known.

        Raises:
            UsageError: Raised when the model cannot do what is asked.
        """
        filters = filters or Filters()
        alone = new_films == "only"
        if rank_by == "taste" or alone:
            self._queries.require_ranking()
            rank_by = "taste"
        has_stars = self._model.predicts_stars
        by_taste = self._by_taste is not None and not (rank_by == "stars" and has_stars)
        excluded = np.concatenate([query.seen, refused]) if len(refused) else query.seen
        stars, ranking = AllScores(self._by_stars, query.rating, self._learnt), self._model.ranking
        taste = None
        if self._by_taste is not None and query.ranking is not None and (by_taste or explained):
            unlearnt = self._learnt if new_films == "without" or not by_taste else self._unlearnt
            taste = AllScores(self._by_taste, query.ranking(), unlearnt, alone)
        by = taste if taste and by_taste else stars
        vectors_of = ranking.centred_embeddings if ranking else self._model.rating.Q.__getitem__
        if ranking and taste and by is taste:
            vectors_of = partial(_vectors, taste, ranking)
        rows, exact = rank(by, vectors_of, self._facts, excluded, filters)
        learnt = by.films.places(rows) < 0
        predicted: list[float | None] = [None] * len(rows)
        if has_stars:
            predicted = _where(learnt, self._model.scale.clip(stars.of(rows[learnt]) if by is taste else exact))
        scores: list[float | None] = [None] * len(rows)
        if taste:
            scores = (exact if by is taste else taste.of(rows)).tolist()
        margins: list[float | None] = [None] * len(rows)
        reasons: list[tuple[Reason, ...]] = [()] * len(rows)
        if explained and query.std and has_stars and learnt.any():
            margins = _where(learnt, query.std(rows[learnt]))
        if taste and explained and query.contributors:
            reasons = self._reasons(taste, *query.contributors(rows[learnt]), rows)
        films = map(self.film, rows.tolist())
        sources: list[Source] = [query.source if is_learnt else "new" for is_learnt in learnt.tolist()]
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
                for film, score, stars, margin, why, source in zip(
                    films, scores, predicted, margins, reasons, sources, strict=True
                )
            ]
        )

    def _reasons(self, taste: AllScores, contributors: Rows, without: Floats, rows: Rows) -> list[tuple[Reason, ...]]:
        found = explain(taste.embedding, without, contributors, taste.vectors(rows))
        return [tuple(self._reason(*contribution) for contribution in of_film) for of_film in found]

    def _reason(self, row: int, share: float) -> Reason:
        film = self.film(row)
        return Reason(film.movie_id, film.title, share)


def _vectors(taste: AllScores, ranking: WeightedALS, rows: Rows) -> Floats:
    """What tells films that are alike."""
    return ranking.centre(taste.vectors(rows))


def _where(chosen: Mask, values: Floats) -> list[float | None]:
    """The values where films are chosen, None elsewhere."""
    left = iter(values.tolist())
    return [next(left) if is_chosen else None for is_chosen in chosen.tolist()]


def _look_up(model: Model, row: int) -> Film:
    movie = model.catalogue.movie(row)
    ratings, mean_stars = model.stats[row]
    if not model.predicts_stars:
        mean_stars = None
    year = model.catalogue.year(row)
    return Film(movie.movie_id, movie.title, year, movie.genres, ratings, mean_stars, movie.tmdb_id, movie.imdb_id)


def plain_list(
    queries: QueryBuilder, lists: Lists, user: int, source: Source, rank_by: RankBy | None, n: int
) -> tuple[Recommendation, ...]:
    """The `n` best films for a user row, as the models were fitted to it, without explanations and new films."""
    # No method, because what keeps a method keeps its service, and that would keep itself when nobody else does.
    return lists.make(queries.trained(user, source), NO_ROWS, rank_by, Filters(n), explained=False, new_films="without")
