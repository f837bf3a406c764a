"""The one place that HTTP, the command line and Python ask: ids in, films out.

Defaults, fallbacks and checks are decided here once; callers only translate.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from reelwise.artifacts.indexes import indexes_of
from reelwise.artifacts.model import Model
from reelwise.data.interactions import Histogram
from reelwise.data.likes import least_like
from reelwise.data.readers.columns import ColumnNames
from reelwise.data.types import Rows
from reelwise.data.vocabulary import Id
from reelwise.exports.history import History
from reelwise.recommend import limits
from reelwise.recommend.choices import Source
from reelwise.recommend.discovery.clusters import find_clusters
from reelwise.recommend.discovery.labels import Label
from reelwise.recommend.discovery.map import FilmMap
from reelwise.recommend.discovery.starter import choose_starters
from reelwise.recommend.films.since import Since
from reelwise.recommend.groups.answering import Groups
from reelwise.recommend.groups.request import GroupRequest
from reelwise.recommend.groups.results import GroupRecommendations
from reelwise.recommend.lists import Lists
from reelwise.recommend.movie_facts import MovieFacts
from reelwise.recommend.naming.allowed import Allowed
from reelwise.recommend.naming.lookup import Described, locate
from reelwise.recommend.naming.match_history import HistoryMatcher
from reelwise.recommend.naming.matched_history import MatchedHistory
from reelwise.recommend.naming.references import MovieRef, require_row
from reelwise.recommend.naming.reporter import Reporter
from reelwise.recommend.naming.resolver import Found, Opinion, Resolver
from reelwise.recommend.predictions import Predictor
from reelwise.recommend.query import Query, QueryBuilder
from reelwise.recommend.request import Request
from reelwise.recommend.results import (
    Film,
    Match,
    MatchInDetail,
    NamedFilm,
    Predictions,
    RatedFilm,
    Recommendation,
    Recommendations,
    Resolved,
)
from reelwise.recommend.users.feedback import Feedback
from reelwise.recommend.users.people import People, Person
from reelwise.recommend.users.stand_ins import StandIns

if TYPE_CHECKING:
    import polars as pl

    from reelwise.live.store import Store

ALSO_LOVED = 10  # films of a match besides those asked about

_HOT_USERS = 2048  # whose lists are kept, in case they, or people like them, ask again
_KEPT_FILMS = 30  # the longest list that is kept


class Service:
    """Answers from one model. Safe to share between threads: nothing in it changes.

    Args:
        model: the model.
        store: has the feedback since the model was trained; None without one.
        since: what is known of films beside what the model has learnt.

    Attributes:
        feedback: takes feedback of users.
        asks_store: whether answers about users wait for a database.
        matcher: finds the users who match a selection; None where the model has no users.

    Raises:
        UsageError: Raised by each method when a value is invalid, or the model cannot do what is asked.
        UnknownUser, UnknownMovies: Raised by each method when the model does not know the user, or any of the films.
    """

    def __init__(self, model: Model, store: "Store | None" = None, since: Since | None = None) -> None:
        self.model = model
        self.asks_store = store is not None
        since = since or Since.nothing(model, store)
        self._gone = len(since.films.gone)
        self.lately = since.lately
        """What people of the live store liked lately; None without one."""
        self.facts = MovieFacts.collect(model.catalogue, model.stats.counts, model.fitted, since.films.rows)
        """What is known of the films, by row."""
        self._queries = QueryBuilder(model, since.matcher)
        self.matcher = self._queries.matcher
        with indexes_of(model) as indexes:
            self._titles = since.open_titles(indexes.titles)
            self.stars_histogram = indexes.stars
            """Numbers of stars, and how many ratings have them; empty where histories, or stars, were left out."""
            self._lists = Lists(model, indexes, self._queries, self.facts, since.films, since.lately)
        self._resolver = Resolver(model, self._titles, since.films.rows)
        self._reporter = Reporter(model.movies, self._lists.film)
        self._matcher = HistoryMatcher(model, self._resolver, self._titles)
        self._people = People(model, self._resolver, self._queries, store)
        self.feedback = Feedback(model, self._resolver, self._people, store, self._lists.film)
        self._stand_ins = StandIns(model, self._resolver, self._queries, self._people, self._reporter)
        self._predictor = Predictor(model, self._resolver, self._people, self._stand_ins, self._lists.film)
        self._groups = Groups(model, self._resolver, self._people, self._stand_ins, self._lists, self.facts)
        self._kept = lru_cache(maxsize=_HOT_USERS)(self._lists.best_for)

    def recommend(self, request: Request) -> Recommendations:
        """Recommend to a known user, or to a person who names films.

        Raises:
            UnknownUser: Raised when the model does not know the user.
            UnknownMovies: Raised when none of the films named is in the data set, or nothing is called like a title.
            UsageError: Raised when the request is contradictory or invalid, or the model cannot do what is asked.
        """
        request.check()
        resolver = self._resolver
        if request.user is not None:
            person, allowed = self._people.find_for_list(request.user), Allowed.of(resolver, request)
            with self._people.turn:
                return self._list(self._for_person(person, request, allowed), request, allowed)
        opinion, named = self._stand_ins.understand(request)
        unlearnt = opinion.named.keys() - named.rows.keys()
        allowed = Allowed.of(resolver, request, named.joined(resolver.find_shown(unlearnt)) if unlearnt else named)
        if request.or_popular and not named.rows:
            films = self._make(self._queries.anybody(), request, allowed)
        else:
            films = self._for_selection(opinion, named, request, allowed)
        return self._list(films, request, allowed, self._stand_ins.report(opinion, request, named))

    def recommend_together(self, group: GroupRequest) -> GroupRecommendations:
        """Recommend to several people at once; see `Groups.recommend`."""
        return self._groups.recommend(group)

    def popular(self, request: Request | None = None) -> Recommendations:
        """What most people like, or without a ranking model what they give most stars; for an unknown person.

        Of the request only counts what the list shall be like, and which films may be on it.
        """
        request = request or Request()
        request.check_list()
        allowed = Allowed.of(self._resolver, request)
        return self._list(self._make(self._queries.anybody(), request, allowed), request, allowed)

    def likely_seen(self, request: Request) -> Recommendations:
        """Films that the person has likely seen, to be marked; see `Request.for_likely_seen`."""
        request.check()
        return self.recommend(request.for_likely_seen())

    def predict(self, request: Request, movies: Collection[MovieRef]) -> Predictions:
        """The stars that a person would give these movies, in their order, each once.

        Of the request only the person counts: a known user, or one who names films.

        Raises:
            UnknownUser: Raised when the model does not know the user.
            UnknownMovies: Raised when none of the films named is in the data set, or a title means no film.
            UsageError: Raised when the request is contradictory or invalid, or no movie is named.
        """
        return self._predictor.predict(request, movies)

    def predict_frame(self, frame: Any, columns: ColumnNames) -> "pl.DataFrame":
        """The stars that each user of a frame would give the movie beside it; see `Recommender.predict_pairs`.

        `columns` says which are the "user" and the "movie"; by default those with these names.
        """
        return self._predictor.predict_frame(frame, columns)

    def match(self, movies: Collection[MovieRef], told: bool = True) -> Match:
        """The user who rated most of these movies; ties go to the higher mean stars on them, then to the lowest id.

        The answer says what became of each of them, unless `told` is false.

        Raises:
            UnknownMovies: Raised when none of them is in the data set, or a title means no film.
        """
        limits.check_count("films", movies, limits.MOST_PICKS, least=1)
        named = self._resolver.movie_ids(movies)
        picks = self._resolver.find_some(named)
        films = tuple(self._reporter.report(named, "like", picks.rows)) if told else ()
        found = self._people.match(sorted(picks.rows.values()))
        if found is None:
            return Match(None, 0, None, picks.unknown, films)
        mean_stars = found.mean_stars if self.model.predicts_stars else None
        return Match(self.model.users[found.user], found.matched, mean_stars, picks.unknown, films)

    def match_in_detail(self, movies: Sequence[MovieRef]) -> MatchInDetail:
        """The match, what that user thinks of these movies, and what else that user loved.

        Raises:
            UnknownMovies, UsageError: As `match` does.
        """
        found = self.match(movies)
        if found.user_id is None:
            return MatchInDetail(found)
        picked = {film.movie_id for film in found.named}
        most = min(len(picked) + ALSO_LOVED + self._gone, limits.MOST_RATED)
        best = [one for one in self.history(found.user_id, most) if one.reaches(least_like(self.model.scale))]
        others = [one for one in best if one.film.movie_id not in picked and one.film.movie_id in self.model.movies]
        return MatchInDetail(found, tuple(self.history(found.user_id, among=picked)), tuple(others[:ALSO_LOVED]))

    def similar(self, movie: MovieRef, n: int = 10) -> Recommendations:
        """Films that the same people like; films that a handful of people rated are held back.

        Their `predicted_stars` are what people gave them on average. For a film that the model has not learnt: films
        like what its genres, year and title, and its first ratings, say that it is; none where the model cannot tell.

        Raises:
            UnknownMovies: Raised when the film is not in the data set.
            UsageError: Raised when the model has no ranking model.
        """
        limits.check_n(n)
        self._queries.require_ranking()
        named = self._resolver.movie_ids([movie], "movie")
        self._resolver.find_some(named)
        rows = self._resolver.find_shown(named).rows
        named_films = tuple(self._reporter.report(named, "asked about", rows))
        films = [film for row in rows.values() for film in self._lists.similar(row, n)]
        return Recommendations(tuple(films), named=named_films)

    def history(self, user: Id, limit: int | None = None, among: Iterable[Id] | None = None) -> list[RatedFilm]:
        """What a user rated, most stars first.

        Args:
            user: a user id.
            limit: how many films, at most; by default all.
            among: movie ids; only these films are of interest.

        Raises:
            UnknownUser: Raised when the model does not know the user.
        """
        if limit is not None:
            limits.check_whole("limit", limit, 1, limits.MOST_RATED)
        movies, stars = self.feedback.rated(self._people.find(user))
        if among is not None:
            wanted = np.isin(movies, [*self._resolver.find(among).rows.values()])
            movies, stars = movies[wanted], stars[wanted]
        order = np.argsort(-stars, kind="stable")[:limit]
        given = stars[order].tolist() if self.model.predicts_stars else [None] * len(order)
        return [RatedFilm(*rated) for rated in zip(self._films(movies[order]), given, strict=True)]

    def film(self, movie: MovieRef) -> Film:
        """The film with that id, title, or number elsewhere.

        Raises:
            UnknownMovie: Raised when there is none.
            UnknownMovies: Raised when a title means no film.
        """
        movie_id = self._resolver.movie_id(movie)
        return self._lists.film(require_row(self.model.movies.row(movie_id), movie_id))

    def resolve(self, films: Iterable[Described]) -> list[Resolved]:
        """Look up as many as 200 films by whatever is known of them; a film that is not clearly found is None."""
        films = [*films]
        limits.check_count("films", films, limits.MOST_RESOLVED, least=1)
        film_of = self._lists.film
        return [
            Resolved(None if row is None else film_of(row), by, tuple(map(film_of, nearest)))
            for row, by, nearest in (locate(self._resolver, film) for film in films)
        ]

    def match_history(self, history: History) -> MatchedHistory:
        """Match a history with the films of the model."""
        return self._matcher.match(history)

    def search(self, text: str, limit: int = 10) -> list[Film]:
        """The films whose titles fit `text`, best first; forgives typing errors, accents and a missing article."""
        limits.check_whole("limit", limit, 1, limits.MOST_FOUND)
        limits.check_text("text", text)
        return [self._lists.film(row) for row in self._resolver.search(text, limit)]

    def starter(self, n: int = 24) -> list[Film]:
        """Well-known films of every kind to start picking from, the best known first."""
        limits.check_n(n)
        return self._films(choose_starters(self.facts, self.model.ranking, n))

    @cached_property
    def clusters(self) -> dict[Label, list[Film]]:
        """Up to 8 groups of 6 to 8 well-known films that the same people like; none without a ranking model."""
        if self.model.ranking is None:
            return {}
        found = find_clusters(self.facts, self.model.ranking.centred_embeddings)
        return {cluster.label: self._films(cluster.rows) for cluster in found}

    @cached_property
    def map(self) -> FilmMap | None:
        """The best-known films on a map where films that the same people like lie close together; None without one."""
        return FilmMap.draw(self.model, self.facts)

    def stars_of(self, movie_id: Id) -> Histogram:
        """The same as `stars_histogram` of one film; nothing of one that came since."""
        histories, row = self.model.histories, self.model.movies.row(movie_id)
        if row is None or histories is None or row >= len(histories.by_movie) or not self.model.predicts_stars:
            return []
        return self.model.scale.histogram(histories.by_movie[row][1])

    def tags_of(self, movie_id: Id) -> tuple[str, ...]:
        """The tags of a film, most given first."""
        return self.model.catalogue[movie_id].tags

    def close(self) -> None:
        """Close the title index."""
        self._titles.close()

    def _films(self, rows: Rows) -> list[Film]:
        return [self._lists.film(row) for row in rows.tolist()]

    def _for_selection(
        self, opinion: Opinion, found: Found, request: Request, allowed: Allowed
    ) -> tuple[Recommendation, ...]:
        """Films for a person with that opinion."""
        if request.blends(self.model):
            query = self._queries.newcomer(opinion, found)
        elif (match := self._people.match(found.of(opinion.liked))) is not None:
            return self._for_user(match.user, "profile", request, allowed)
        elif request.strategy == "profile":
            return ()
        else:
            query = self._queries.anybody()
        return self._make(query, request, allowed)

    def _for_person(self, person: Person, request: Request, allowed: Allowed) -> tuple[Recommendation, ...]:
        """Films for a user."""
        if person.live is not None or person.row is None:
            return self._make(self._people.query(person), request, allowed)
        return self._for_user(person.row, "known user", request, allowed)

    def _for_user(self, user: int, source: Source, request: Request, allowed: Allowed) -> tuple[Recommendation, ...]:
        """Films for the user of that row, or for a person who is like that user."""
        refused, n = allowed.refused.rows, request.filters.n
        if request.is_basic and (longest := n + len(refused)) <= _KEPT_FILMS:
            kept = self._lists.show(self._kept(user, request.rank_by, longest), source)
            return tuple([film for film in kept if film.movie_id not in refused][:n]) if refused else kept
        query = self._queries.known(user) if source == "known user" else self._queries.trained(user, source)
        return self._make(query, request, allowed)

    def _list(
        self, films: tuple[Recommendation, ...], request: Request, allowed: Allowed, named: tuple[NamedFilm, ...] = ()
    ) -> Recommendations:
        list_id = None if request.is_basic else self._lists.new_id(films, request)
        return Recommendations(films, allowed.unknown, (*named, *allowed.report(self._reporter)), list_id)

    def _make(self, query: Query, request: Request, allowed: Allowed) -> tuple[Recommendation, ...]:
        refused = allowed.refused_rows(len(self.model.movies))
        return self._lists.make(query, refused, request.rank_by, request.filters, request.explained, request.new_films)
