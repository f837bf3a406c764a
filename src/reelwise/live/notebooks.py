"""A user's notebook, as a page shows it: an entry for each film, which replaces the one before."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from reelwise.data.vocabulary import Id
from reelwise.live import recording
from reelwise.live.events import Event, EventType, Recorded

_TYPES: dict[str, EventType] = {"liked": "like", "disliked": "dislike", "seen": "watched", "watchlist": "watchlist"}
_SAYS: dict[EventType, dict[str, bool]] = {
    "like": {"liked": True, "disliked": False},
    "dislike": {"liked": False, "disliked": True},
    "hide": {"liked": False, "disliked": True},
    "watched": {"seen": True},
    "watchlist": {"watchlist": True},
}


class Note(NamedTuple):
    """A user's entry for a film.

    Attributes:
        movie_id: which.
        stars: on the data set's scale; None for none.
        seen, liked, disliked, watchlist: whether that was said.
        at: when any of it was last said, in microseconds since 1970, UTC; 0 where that is not known.
    """

    movie_id: Id
    stars: float | None = None
    seen: bool = False
    liked: bool = False
    disliked: bool = False
    watchlist: bool = False
    at: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return self.stars is None and not (self.seen or self.liked or self.disliked or self.watchlist)


def notes_of(events: Iterable[Event]) -> dict[Id, Note]:
    """The entries that follow from events in the order of time, by film."""
    notes: dict[Id, Note] = {}
    for event in events:
        note = notes.get(event.movie_id, Note(event.movie_id))
        if event.type == "rating":
            note = note._replace(stars=event.stars)
        elif event.type in _SAYS:
            note = note._replace(**_SAYS[event.type])
        else:
            continue
        notes[event.movie_id] = note._replace(at=max(note.at, event.at or 0))
    return notes


def put(
    connection: Connection, user_id: Id, notes: Sequence[Note], trained: Collection[Id], least_like: float
) -> Recorded:
    """Have entries take the place of what the user said of their films.

    Args:
        connection: in a transaction.
        user_id: who.
        notes: the entries.
        trained: films that the model knows the user's stars of, which are taken back where an entry has none.
        least_like: the fewest stars that are a like.
    """
    known = {(event.movie_id, event.type): event for event in recording.events_of(connection, user_id)}
    gone, events = list[tuple[Id, EventType]](), list[Event]()
    for note in notes:
        film = note.movie_id
        for name, type_ in _TYPES.items():
            if not getattr(note, name):
                gone += [(film, type_)]
            elif (film, type_) not in known:
                events.append(Event(user_id, film, type_))
        gone += [] if note.disliked else [(film, "hide")]
        rating = known.get((film, "rating"))
        before = rating.stars if rating else None
        if note.stars != before or (note.stars is None and rating is None and film in trained):
            events.append(Event(user_id, film, "rating", note.stars))  # behind the others, so that stars say most
    recording.take_back(connection, user_id, [place for place in gone if place in known])
    return recording.record(connection, events, least_like)
