"""The events of one user, summed up."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from reelwise.data.vocabulary import Id
from reelwise.live.events import SEEN, Event


class News(NamedTuple):
    """The news of a user since the model was trained.

    Attributes:
        stars: the film's stars where it was rated.
        removed: films whose rating was taken back, also one that the model knows.
        felt: whether a film is liked, or else disliked, where that was told after all ratings of it.
        seen: films that are not shown again.
    """

    stars: dict[Id, float]
    removed: frozenset[Id]
    felt: dict[Id, bool]
    seen: frozenset[Id]

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """Sum up events, in whatever order they are."""
        stars: dict[Id, float] = {}
        removed, seen = set[Id](), set[Id]()
        felt: dict[Id, bool] = {}
        for event in sorted(events, key=lambda event: event.at or 0):
            film = event.movie_id
            if event.type == "rating":
                felt.pop(film, None)
                stars.pop(film, None)
                if event.stars is None:
                    removed.add(film)
                else:
                    stars[film] = event.stars
            elif event.type in ("like", "dislike"):
                felt[film] = event.type == "like"
            if event.type in SEEN:
                seen.add(film)
        return cls(stars, frozenset(removed), felt, frozenset(seen | stars.keys()))
