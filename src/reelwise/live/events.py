"""Events, and what became of them when they were sent."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from reelwise.data.vocabulary import Id

EventType = Literal["rating", "like", "dislike", "watched", "watchlist", "hide", "shown", "clicked"]
"""What a user did: the last of each type counts for each user and film."""

SEEN = frozenset({"like", "dislike", "watched", "hide"})
"""After these a film is not shown again; nor is one with a rating, as long as that is not taken back."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(at: int) -> datetime:
    """The moment that lies so many microseconds after 1970 began, UTC."""
    return _EPOCH + timedelta(microseconds=at)


class Event(NamedTuple):
    """One thing that a user did.

    Attributes:
        user_id: who.
        movie_id: which film.
        type: what.
        stars: of a rating, on the data set's scale; None says that the rating was taken back.
        at: when, in microseconds since 1970, UTC; None for now. What lies in the future counts as now.
        event_id: by which the same event of this user is known when it is sent again.
        recommendation_id: the list that it came from.
        position: the place on that list, from 0.
    """

    user_id: Id
    movie_id: Id
    type: EventType
    stars: float | None = None
    at: int | None = None
    event_id: str | None = None
    recommendation_id: str | None = None
    position: int | None = None

    @property
    def moment(self) -> datetime:
        """When it was, of an event that is on record."""
        return moment_of(self.at or 0)


@dataclass(frozen=True, order=True, slots=True)
class Rejected:
    """An event that was rejected: its place in the batch, and why."""

    index: int
    detail: str


class Recorded(NamedTuple):
    """The outcome of a batch: how many events are on disk now, how many were there before, which were rejected."""

    accepted: int
    duplicates: int
    rejected: tuple[Rejected, ...] = ()
