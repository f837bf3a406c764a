"""What became of films that were shown; nothing here imports a database."""

from datetime import datetime
from typing import Literal, NamedTuple, cast, get_args

from reelwise.data.vocabulary import Id
from reelwise.live.events import moment_of

Outcome = Literal["clicked", "watched", "liked"]
"""What became of a film that was shown."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class ShownFilm(NamedTuple):
    """A film that was shown to a user on a list, and what became of it within a week."""

    movie_id: Id
    recommendation_id: str
    at: int
    clicked: bool
    watched: bool
    liked: bool

    @property
    def moment(self) -> datetime:
        """When it was shown first."""
        return moment_of(self.at)


class Figures(NamedTuple):
    """The outcomes of what was shown: how often a film was, and how often what followed within a week.

    Attributes:
        revision: of the model that made the lists.
        balance: of these, 0 to 1; None where it is unknown.
        shown: how many films were shown, each counted on each list and for each user.
        different_films: how many different ones these are.
        clicked: how many of those shown were clicked.
        watched: likewise.
        liked: likewise, or were given the stars of a like.
    """

    revision: str
    balance: float | None
    shown: int
    different_films: int
    clicked: int
    watched: int
    liked: int

    def share(self, outcome: Outcome) -> float:
        """The share of the films shown that this became of, 0 to 1."""
        return cast("int", getattr(self, outcome)) / self.shown
