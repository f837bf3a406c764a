"""The service with the films of now: what was put in the store is known to the next request of every process.

Films that the model has not learnt move with their ratings, too, which may come at any rate: that is worked out for a
tenth of the time at most, in one request, while others go on with what was known.
"""

import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Movie
from reelwise.data.types import Floats
from reelwise.data.vocabulary import Id
from reelwise.errors import StoreError
from reelwise.live import films
from reelwise.live.films import as_movie
from reelwise.live.news import News
from reelwise.models.cold_start import ColdStart
from reelwise.models.preference import preference
from reelwise.recommend.films.current import grow
from reelwise.recommend.films.since import Since
from reelwise.recommend.films.unlearnt import Unlearnt
from reelwise.recommend.service import Service

if TYPE_CHECKING:
    from reelwise.live.store import Store

Heard = dict[Id, tuple[int, float]]
"""How many ratings films have by now, and their mean stars."""

_MOST_RATERS = 200  # of a film count, the latest: by then it is time for an update
_KEPT_RATERS = 4096  # whose vectors are kept
_SHARE = 0.1  # of the time, at most, goes into following ratings


class LiveFilms:
    """Gives the service with the films of now. Safe to share between threads.

    Args:
        base: the service of the model alone.
        store: where films come, change and go, and are rated.
    """

    def __init__(self, base: Service, store: "Store") -> None:
        self._base, self._store, self._model = base, store, base.model
        self._lock, self._latest, self._service = threading.Lock(), (0, 0), base
        self._not_before = 0.0
        self._vectors: dict[Id, tuple[int, Floats]] = {}
        self._rater = lru_cache(_KEPT_RATERS)(partial(_vector_of, base.model, store))

    def service(self) -> Service:
        """The service of now; where the store cannot be asked, that of when it last could."""
        try:
            latest = self._store.ask(films.latest)
            has_changed = latest[0] != self._latest[0]
            is_due = latest != self._latest and time.monotonic() >= self._not_before
            if (has_changed or is_due) and self._lock.acquire(blocking=has_changed):
                try:
                    self._catch_up()
                finally:
                    self._lock.release()
        except StoreError:
            pass  # recommending goes on; readiness says what is wrong
        return self._service

    def _catch_up(self) -> None:
        began = time.monotonic()
        latest = self._store.ask(films.latest)  # before all else: what changes later has other numbers
        if latest == self._latest:
            return
        model = self._model
        versions, known = self._store.ask(films.versions), self._store.ask(films.all_films)
        fits = [film for film in known if isinstance(film.movie_id, int) == model.movies.are_numbers]
        gone = {film.movie_id for film in fits if film.removed}
        movies = [as_movie(film) for film in fits if not film.removed]
        news = [movie for movie in movies if model.catalogue.get(movie.movie_id) != movie]
        heard = self._store.ask(films.counts)
        grown = grow(model, news, gone, heard)
        unlearnt = self._unlearnt(grown, news, gone, versions, heard)
        titles = tuple((row, movie.title) for movie in news if (row := grown.movies.row(movie.movie_id)) is not None)
        since = Since(unlearnt, titles, len(model.catalogue), self._base.matcher, self._base.lately)
        self._service, self._latest = Service(grown, self._store, since), latest
        ended = time.monotonic()
        self._not_before = ended + (ended - began) / _SHARE

    def _unlearnt(
        self, grown: Model, news: Sequence[Movie], gone: Collection[Id], versions: dict[Id, int], heard: Heard
    ) -> Unlearnt:
        """The films that the model has not learnt, with their vectors as they are now."""
        model, content, movies = self._model, self._model.content, grown.movies
        gone_rows = np.array(sorted(row for one in gone if (row := model.movies.row(one)) is not None), np.int64)
        nothing = Unlearnt.of(model).none()
        if content is None or model.ranking is None:
            return replace(nothing, gone=gone_rows, total=len(movies))
        rows = np.flatnonzero(~grown.fitted)
        rows = rows[~np.isin(rows, gone_rows)]
        vectors, ratings = np.empty((len(rows), model.ranking.Q.shape[1]), np.float32), np.zeros(len(rows), np.int64)
        of_model = rows < len(model.catalogue)
        vectors[of_model] = content.unrated[np.searchsorted(np.flatnonzero(~model.fitted), rows[of_model])]
        found = Unlearnt(rows, vectors, ratings, gone_rows, len(movies))
        for movie, vector in zip(news, content.expect(news), strict=True):
            if (place := found.place(movies.row(movie.movie_id))) is not None:  # or the model has learnt it
                vectors[place] = vector
        for one, (count, _) in heard.items():
            if (place := found.place(movies.row(one))) is not None:
                ratings[place] = count
                vectors[place] = self._learn(content, one, versions.get(one, 0), vectors[place])
        return found

    def _learn(self, content: ColdStart, movie: Id, version: int, expected: Floats) -> Floats:
        """The vector of a film with its ratings; kept until it, or they, change."""
        kept = self._vectors.get(movie)
        if kept is not None and kept[0] == version:
            return kept[1]
        given = self._store.ask(partial(films.ratings_of, movie=movie, most=_MOST_RATERS))
        if not given:  # taken back since they were counted
            return expected
        raters = np.stack([self._rater(rating.user_id) for rating in given])
        stars = np.array([rating.stars for rating in given], np.float32)
        vector = content.learn(expected, raters, preference(stars, self._model.scale))
        self._vectors[movie] = version, vector
        return vector


def _vector_of(model: Model, store: "Store", user_id: Id) -> Floats:
    """A user in the ranking model: the row that was trained, or for one who came since, the same least squares."""
    ranking = model.ranking
    assert ranking is not None  # noqa: S101 - see `_unlearnt`
    row = model.users.row(user_id) if model.histories is not None else None
    if row is not None:
        trained: Floats = ranking.P[row]
        return trained
    stars = News.of(store.events(user_id)).stars
    rated = {row: given for movie, given in stars.items() if (row := model.movies.row(movie)) is not None}
    movies = np.array([row for row in rated if model.fitted[row]], np.int64)
    return ranking.solve_row(movies, np.array([rated[row] for row in movies.tolist()], np.float32))
