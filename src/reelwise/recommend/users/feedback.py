"""Feedback of users: recorded in the live store, shown again, and forgotten on request."""

from collections.abc import Callable, Sequence
from numbers import Real
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.likes import least_like
from reelwise.data.types import Rows, Stars
from reelwise.data.vocabulary import Id
from reelwise.errors import ReelwiseError, UnknownMovie, UnknownUser, UsageError
from reelwise.live.address import require_store
from reelwise.live.events import Event, Recorded, Rejected
from reelwise.live.identity import check_user_id
from reelwise.recommend.naming.references import require_row
from reelwise.recommend.naming.resolver import Resolver
from reelwise.recommend.results import Film, RatedFilm
from reelwise.recommend.users.people import People, Person

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reelwise.live.notebooks import Note
    from reelwise.live.outcomes import ShownFilm
    from reelwise.live.store import Store


class Held(NamedTuple):
    """Everything that is held about a user.

    Attributes:
        user_id: who.
        trained: what the model was trained on.
        events: what the live store has heard, by time; the last of each type for each film.
        shown: what was shown on which list, by time.
        event_ids: those of all events, as long as they are kept.
    """

    user_id: Id
    trained: tuple[RatedFilm, ...]
    events: tuple[Event, ...]
    shown: tuple["ShownFilm", ...]
    event_ids: tuple[str, ...]


class Feedback:
    """Takes feedback of users. Safe to share between threads.

    Args:
        model: the model whose films and scale count.
        resolver: finds users and films.
        people: finds users and their histories.
        store: where it is kept; None where nothing is.
        film_of: gives the film in a row.
    """

    def __init__(
        self, model: Model, resolver: Resolver, people: People, store: "Store | None", film_of: Callable[[int], Film]
    ) -> None:
        self._model, self._resolver, self._people, self._store = model, resolver, people, store
        self._film_of = film_of

    def record(self, events: Sequence[Event]) -> Recorded:
        """Record events; those that cannot be meant are rejected, each by itself. The others are on disk afterwards.

        Raises:
            StoreError: Raised when there is no store, or it cannot be written; then none of them was recorded.
        """
        store = require_store(self._store)
        taken, places, rejected = list[Event](), list[int](), list[Rejected]()
        for index, event in enumerate(events):
            try:
                taken.append(self._checked(event))
                places.append(index)
            except ReelwiseError as error:
                rejected.append(Rejected(index, str(error)))
        found = store.record(taken, least_like(self._model.scale), self._unlearnt(taken)) if taken else Recorded(0, 0)
        rejected += [Rejected(places[one.index], one.detail) for one in found.rejected]
        return Recorded(found.accepted, found.duplicates, tuple(sorted(rejected)))

    def rate(self, user_id: Id, movie: Id, stars: float) -> RatedFilm:
        """Give a film stars, in place of older ones.

        Raises:
            UnknownUser: Raised when the user was erased.
            UnknownMovie: Raised when the film is not in the data set.
            UsageError: Raised when the stars are off the scale.
            StoreError: Raised as by `record`.
        """
        self._tell(event := self._checked(Event(user_id, movie, "rating", stars)))
        row = self._model.movies.row(event.movie_id)
        assert row is not None  # noqa: S101 - see `_checked`
        return RatedFilm(self._film_of(row), stars)

    def take_back(self, user_id: Id, movie: Id) -> None:
        """Take a rating back, also one that the model was trained on.

        Raises:
            UnknownUser, UnknownMovie: Raised when there is no such user, film or rating.
            StoreError: Raised as by `record`.
        """
        rated = self.rating(user_id, movie)
        self._tell(Event(self._resolver.user_id(user_id), rated.film.movie_id, "rating"))

    def rating(self, user_id: Id, movie: Id) -> RatedFilm:
        """The stars that a user gave a film.

        Raises:
            UnknownUser, UnknownMovie: Raised when there is no such user, film or rating.
        """
        person = self._people.find(user_id)
        movies, stars = self.rated(person)
        row = self._model.movies.row_ever(movie)
        row = self._row(movie) if row is None else row
        given = stars[movies == row]
        if len(given) == 0:
            raise UnknownMovie(f"user {person.user_id} has not rated movie {movie}")
        return RatedFilm(self._film_of(row), float(given[0]))

    def rated(self, person: Person) -> tuple[Rows, Stars]:
        """Rows and stars of all films that a user rated, in the model's data and since, ascending by row."""
        return self._trained(person) if person.live is None else person.live.rated

    def notebook(self, user_id: Id) -> tuple[Id, list[tuple[Film, "Note"]]]:
        """The id of a user, and what the user says of films; no films for a user who is not known yet.

        Raises:
            UnknownUser: Raised when the user was erased.
            StoreError: Raised when there is no store, or it cannot be asked.
        """
        from reelwise.live.notebooks import Note, notes_of

        store, user_id = require_store(self._store), self._resolver.user_id(user_id)
        try:
            person = self._people.find(user_id)
        except UnknownUser:
            if store.was_erased(user_id):
                raise
            return user_id, []
        notes = notes_of(store.events(person.user_id))
        for row, stars in zip(*self.rated(person), strict=True):
            movie = self._model.movies[int(row)]
            notes[movie] = notes.get(movie, Note(movie))._replace(stars=float(stars))
        rows = {movie: self._model.movies.row(movie) for movie, note in notes.items() if not note.is_empty}
        return user_id, [(self._film_of(row), notes[movie]) for movie, row in rows.items() if row is not None]

    def keep(self, user_id: Id, notes: Sequence["Note"]) -> None:
        """Have entries take the place of what a user said of their films; all of them are on disk then, or none.

        Raises:
            UnknownUser: Raised when the user was erased.
            UnknownMovie: Raised when a film is not in the data set.
            UsageError: Raised when stars are off the scale, or a film is liked and disliked.
            StoreError: Raised when there is no store, or it cannot be written.
        """
        from reelwise.live import films, notebooks

        store, user = require_store(self._store), check_user_id(self._resolver.user_id(user_id))
        told = [
            Event(user, note.movie_id, "rating", self._model.scale.low if note.stars is None else note.stars)
            for note in notes
        ]
        if both := next((note for note in notes if note.liked and note.disliked), None):
            raise UsageError(f"movie id {both.movie_id} is named both as liked and as disliked")
        checked = [note._replace(movie_id=self._checked(one).movie_id) for note, one in zip(notes, told, strict=True)]
        rated, _ = self._trained(Person(user, self._resolver.user_row(user)))
        trained = {*self._model.movies.at(rated)}
        touched = self._unlearnt(
            [one._replace(movie_id=note.movie_id) for one, note in zip(told, checked, strict=True)]
        )

        def put(connection: "Connection") -> Recorded:
            recorded = notebooks.put(connection, user, checked, trained, least_like(self._model.scale))
            films.touch_rated(connection, touched)
            return recorded

        for rejected in store.change(put).rejected:
            raise UnknownUser(rejected.detail)

    def export(self, user_id: Id) -> Held:
        """Everything that is held about a user.

        Raises:
            UnknownUser: Raised when there is none.
            StoreError: Raised when the store cannot be asked.
        """
        person, store = self._people.find(user_id), self._store
        events = store.events(person.user_id) if store else []
        shown = store.shown_to(person.user_id) if store else []
        ids = store.event_ids(person.user_id) if store else []
        trained = zip(*self._trained(person), strict=True)
        films = tuple(RatedFilm(self._film_of(int(row)), float(stars)) for row, stars in trained)
        return Held(person.user_id, films, tuple(events), tuple(shown), tuple(ids))

    def erase(self, user_id: Id) -> None:
        """Forget the feedback of a user, hide what the model knows of the user, and keep the user out of later models.

        Raises:
            UnknownUser: Raised when there is none.
            StoreError: Raised when there is no store, or it cannot be written.
        """
        require_store(self._store).erase(self._people.find(user_id).user_id)

    def _trained(self, person: Person) -> tuple[Rows, Stars]:
        if person.row is None or self._model.histories is None:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        return self._model.histories.by_user[person.row]

    def _tell(self, event: Event) -> None:
        recorded = require_store(self._store).record([event], least_like(self._model.scale), self._unlearnt([event]))
        for rejected in recorded.rejected:
            raise UnknownUser(rejected.detail)

    def _unlearnt(self, events: Sequence[Event]) -> list[Id]:
        """The films whose own vectors follow from these events."""
        rated = {event.movie_id for event in events if event.type == "rating"}
        rows = {movie: self._model.movies.row(movie) for movie in rated}
        return [movie for movie, row in rows.items() if row is not None and not self._model.fitted[row]]

    def _checked(self, event: Event) -> Event:
        """The event with the ids that are meant.

        Raises:
            ReelwiseError: Raised when it cannot be meant.
        """
        user_id = check_user_id(self._resolver.user_id(event.user_id))
        row, (low, high) = self._row(event.movie_id), self._model.scale
        stars = event.stars
        if event.type != "rating":
            if stars is not None:
                raise UsageError(f"stars belong to a rating; leave them out of type {event.type}")
        elif not isinstance(stars, Real) or not low <= stars <= high:
            raise UsageError(f"a rating has stars from {low:g} to {high:g}, which is the scale; got {stars!r}")
        return event._replace(user_id=user_id, movie_id=self._model.movies[row])

    def _row(self, movie: Id) -> int:
        return require_row(self._resolver.row(movie), movie)
