"""Lists of films for a query, with what is said of each film."""

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache, partial
from itertools import repeat
from typing import NamedTuple

import numpy as np

from reelwise.artifacts.indexes import Indexes
from reelwise.artifacts.model import Model
from reelwise.data.types import Floats, Mask, Rows
from reelwise.live.list_ids import new_list_id
from reelwise.models.ranking.balance import discount
from reelwise.models.similar import find_similar
from reelwise.models.vectors import unit_rows
from reelwise.recommend.choices import NewFilms, RankBy, Source
from reelwise.recommend.explanations import explain
from reelwise.recommend.films.lately import Lately, LikeCounts
from reelwise.recommend.films.scores import AllScores
from reelwise.recommend.films.unlearnt import Unlearnt
from reelwise.recommend.filters import Filters
from reelwise.recommend.inner_product_index import FixedScores, InnerProductIndex, Scores
from reelwise.recommend.movie_facts import NO_ROWS, MovieFacts
from reelwise.recommend.ordering.balances import Balances
from reelwise.recommend.query import Query, QueryBuilder
from reelwise.recommend.request import Request
from reelwise.recommend.reranking import VectorsOf, rank
from reelwise.recommend.results import Film, Reason, Recommendation

_WELL_KNOWN = 4096  # films that are kept at hand
_KEPT_BALANCES = 64  # of which it is known what they make of new films


class Scored(NamedTuple):
    """How well each film fits the person: in what films are ordered `by`, in stars, and in taste, if that is known."""

    by: AllScores
    stars: AllScores
    taste: AllScores | None


class BestRows(NamedTuple):
    """A list as numbers alone: rows of films in their order, their stars, and their scores in taste; None if unknown.

    Lists are kept like that: as arrays, not as objects, all of which each collection of garbage would go through.
    """

    rows: Rows
    stars: Floats | None
    scores: Floats | None


class Lists:
    """Makes the lists of one model."""

    def __init__(
        self,
        model: Model,
        indexes: Indexes,
        queries: QueryBuilder,
        facts: MovieFacts,
        unlearnt: Unlearnt,
        lately: Lately | None = None,
    ) -> None:
        self._model, self._queries, self._facts, self._unlearnt = model, queries, facts, unlearnt
        self._gone = frozenset(unlearnt.gone.tolist())
        self._known, self._no_others = len(model.rating.Q), unlearnt.none()
        self._by_stars = InnerProductIndex(model.rating.Q, indexes.rating)
        self._by_taste = None
        if model.ranking is not None and indexes.ranking is not None:
            self._by_taste = Balances(model.ranking, indexes.ranking, model.balance, indexes.balanced)
            fame = model.ranking.fame[facts.counts[: self._known] > 0]
            self._weight_of_others = lru_cache(_KEPT_BALANCES)(partial(_weight_of_others, fame))
        self._lately, self._spread = lately, lru_cache(1)(partial(LikeCounts.spread, movies=model.movies))
        self.film = lru_cache(maxsize=_WELL_KNOWN)(partial(_film_in, model))
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
        """Make the list, best first.

        Args:
            query: whose list it is.
            refused: rows that are not shown, beside what was seen.
            rank_by: "taste" or "stars"; by default by taste, if the model can, and always where the data have no stars.
            filters: what the list should be like.
            explained: whether to work out reasons, margins, and by stars how well films fit in taste, too.
            new_films: where films go that the model has not learnt; by stars nowhere, since none are known.

        Raises:
            UsageError: Raised when the model cannot do what is asked.
        """
        filters = filters or Filters()
        scored = self.score(query, rank_by, filters, explained, new_films)
        excluded = np.concatenate([query.seen, refused]) if len(refused) else query.seen
        rows, fits = rank(scored.by, self.vectors_of(scored.by), self._facts, excluded, filters)
        return self.describe(query, scored, rows, fits, explained)

    @cached_property
    def never(self) -> Rows:
        """Rows of films that the model has not learnt, or that went."""
        total = len(self._facts.counts)
        return np.concatenate([self._by_stars.never, np.arange(self._known, total), self._unlearnt.gone])

    def vectors_of(self, scores: AllScores) -> VectorsOf:
        """The vectors that are near each other for films that are alike."""
        ranking = self._model.ranking
        return partial(scores.centred, ranking) if ranking else self._model.rating.Q.__getitem__

    def score(
        self,
        query: Query,
        rank_by: RankBy | None,
        filters: Filters,
        explained: bool = True,
        new_films: NewFilms = "without",
    ) -> Scored:
        """How well each film fits; see `make`.

        Raises:
            UsageError: Raised when the model cannot do what is asked.
        """
        if rank_by == "taste" or new_films == "only":
            self._queries.require_ranking()
            rank_by = "taste"
        by_taste = self._by_taste is not None and not (rank_by == "stars" and self._model.predicts_stars)
        stars = AllScores(Scores(self._by_stars, query.rating), self._known, self._no_others)
        taste = self._taste(query, filters, by_taste, new_films) if by_taste or explained else None
        return Scored(taste if taste and by_taste else stars, stars, taste)

    def describe(
        self, query: Query, scored: Scored, rows: Rows, fits: Floats, explained: bool = True
    ) -> tuple[Recommendation, ...]:
        """Describe films to the person whom the query stands for.

        Args:
            query: who it is.
            scored: how well each film fits.
            rows: of the films.
            fits: their scores in that which they are ordered by.
            explained: see `make`.
        """
        by, stars, taste = scored
        has_stars = self._model.predicts_stars
        learnt = by.films.places(rows) < 0
        predicted: list[float | None] = [None] * len(rows)
        if has_stars:
            predicted = _where(learnt, self._model.scale.clip(fits if by is stars else stars.of(rows[learnt])))
        scores: list[float | None] = [None] * len(rows)
        if taste:
            exact = taste.of(rows)
            scores = exact.tolist()
        margins: list[float | None] = [None] * len(rows)
        reasons: list[tuple[Reason, ...]] = [()] * len(rows)
        if explained and query.std and has_stars and learnt.any():
            margins = _where(learnt, query.std(rows[learnt]))
        if taste and explained and query.contributors:
            contributors, without = query.contributors(rows[learnt])
            falls = taste.falls(rows, without)
            reasons = reasons if falls is None else self._reasons(exact, falls, contributors)
        sources: list[Source] = [query.source if is_learnt else "new" for is_learnt in learnt.tolist()]
        return self._recommendations(rows, scores, predicted, margins, reasons, sources)

    def best_for(self, user: int, rank_by: RankBy | None, n: int) -> BestRows:
        """The `n` best films for a user row, as the models were fitted to it, without balance and new films."""
        query = self._queries.trained(user)
        scored = self.score(query, rank_by, Filters(n, balance=0), explained=False)
        rows, fits = scored.by.best(n, query.seen)
        stars = fits if scored.by is scored.stars else scored.stars.of(rows)
        return BestRows(
            rows.astype(np.int32),
            self._model.scale.clip(stars) if self._model.predicts_stars else None,
            None if scored.taste is None else scored.taste.of(rows),
        )

    def show(self, best: BestRows, source: Source) -> tuple[Recommendation, ...]:
        """The films of a list that comes from there, with what is said of each."""
        nothing = [None] * len(best.rows)
        return self._recommendations(
            best.rows,
            nothing if best.scores is None else best.scores.tolist(),
            nothing if best.stars is None else best.stars.tolist(),
            nothing,
            repeat(()),
            repeat(source),
        )

    def similar(self, row: int, n: int) -> tuple[Recommendation, ...]:
        """Films like the one in a row, most alike first.

        What the model has not learnt has the vectors that are expected of it; like the others, such films
        are found the more readily the more people have rated them, and not before anybody has.

        Raises:
            UsageError: Raised when the model has no ranking model.
        """
        ranking, others = self._queries.require_ranking(), self._unlearnt
        place = others.place(row)
        vector = ranking.Q[row] if place is None else others.vectors[place]
        rows, counts = np.arange(self._known), self._facts.counts[: self._known]
        alike = ranking.similarities_to(vector)
        if len(others.rows):
            (direction,) = unit_rows(ranking.centre(vector[None]))
            alike_others = unit_rows(ranking.centre(others.vectors)) @ direction
            rows, counts = np.concatenate([rows, others.rows]), np.concatenate([counts, others.ratings])
            alike = np.concatenate([alike, alike_others])
        found, likeness = find_similar(alike, counts, row if place is None else self._known + place, n)
        return tuple(map(self._similar_film, rows[found].tolist(), likeness.tolist()))

    def new_id(self, films: tuple[Recommendation, ...], request: Request) -> str:
        """An id for a list of these films, which says what balance they have: none by stars."""
        balance = None
        if self._by_taste is not None and not (request.rank_by == "stars" and self._model.predicts_stars):
            balance = self._balance(films[0].source if films else None, request.filters)
        return new_list_id(self._model.description.revision, balance)

    def _taste(self, query: Query, filters: Filters, by_taste: bool, new_films: NewFilms) -> AllScores | None:
        """The order by taste; None where the model knows none."""
        others = self._unlearnt if by_taste and new_films != "without" else self._no_others
        if query.popularity is not None and by_taste and new_films != "only":
            fixed = FixedScores(query.popularity, self._by_stars.never)
            return AllScores(fixed, self._known, self._no_others, liked=self._liked(query), never=self.never)
        if self._by_taste is None or query.ranking is None:
            return None
        embedding, balance = query.ranking(), self._balance(query.source, filters) if by_taste else 0.0
        learnt = self._by_taste.order(embedding, query.picks, balance)
        weight = self._weight_of_others(balance) if len(others.rows) else 1.0
        liked = self._liked(query) if by_taste else None
        return AllScores(learnt, self._known, others, embedding, weight, new_films == "only", liked, self.never)

    def _liked(self, query: Query) -> Floats | None:
        """How much it counts for each film that people liked it lately; None where it does not."""
        if not query.lately or self._lately is None:
            return None
        spread = self._spread(self._lately.liked())
        return spread if spread.any() else None

    def _balance(self, source: Source | None, filters: Filters) -> float:
        """The balance asked for; else the model's own, and 0 for what most people like. More for varied lists.

        Otherwise variety would have everybody see the same few well-known films that are unlike all others.
        """
        balance = filters.balance
        if balance is None:
            balance = 0.0 if source == "popular" else self._model.balance
        return min(balance + filters.diversity, 1.0)

    def _recommendations(
        self,
        rows: Rows,
        scores: Sequence[float | None],
        stars: Sequence[float | None],
        margins: Sequence[float | None],
        reasons: Iterable[tuple[Reason, ...]],
        sources: Iterable[Source],
    ) -> tuple[Recommendation, ...]:
        films = map(self.film, rows.tolist())
        return tuple(
            [
                Recommendation(
                    film.movie_id,
                    film.title,
                    film.year,
                    film.genres,
                    score,
                    predicted,
                    margin,
                    why,
                    film.ratings,
                    film.mean_stars,
                    film.tmdb_id,
                    film.imdb_id,
                    source,
                )
                for film, score, predicted, margin, why, source in zip(
                    films, scores, stars, margins, reasons, sources, strict=False
                )
            ]
        )

    def _similar_film(self, row: int, likeness: float) -> Recommendation:
        """A film that is like another one, to a degree of at most 1."""
        film = self.film(row)
        return Recommendation(
            **film._asdict(), score=likeness, predicted_stars=film.mean_stars, stars_margin=None, reasons=(),
            source="similar",
        )  # fmt: skip

    def _reasons(self, scores: Floats, falls: Floats, contributors: Rows) -> list[tuple[Reason, ...]]:
        found = explain(scores, falls, contributors)
        return [tuple(self._reason(row, share) for row, share in film if row not in self._gone) for film in found]

    def _reason(self, row: int, share: float) -> Reason:
        film = self.film(row)
        return Reason(film.movie_id, film.title, share)


def _weight_of_others(fame: Floats, balance: float) -> float:
    """What balance multiplies the score of a film by that is as well known as the middle one of those with ratings."""
    return float(np.median(discount(fame, balance))) if len(fame) else 1.0


def _where(chosen: Mask, values: Floats) -> list[float | None]:
    """The values where films are chosen, None elsewhere."""
    left = iter(values.tolist())
    return [next(left) if is_chosen else None for is_chosen in chosen.tolist()]


def _film_in(model: Model, row: int) -> Film:
    movie = model.catalogue.movie(row)
    ratings, mean_stars = model.stats[row]
    if not model.predicts_stars:
        mean_stars = None
    year = model.catalogue.year(row)
    return Film(movie.movie_id, movie.title, year, movie.genres, ratings, mean_stars, movie.tmdb_id, movie.imdb_id)
