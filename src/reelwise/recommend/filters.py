"""What a list should be like, and the films that pass."""

from typing import NamedTuple

from reelwise.data.types import Mask
from reelwise.errors import UsageError
from reelwise.recommend.limits import (
    MOST_FILMS,
    MOST_RATINGS,
    check_genres,
    check_n,
    check_share,
    check_whole,
    check_year,
)
from reelwise.recommend.movie_facts import MovieFacts


class Filters(NamedTuple):
    """What a list should be like. The defaults leave nothing out.

    Attributes:
        n: how many films, at most; 1 to 100.
        genres: only films with at least one of these.
        without_genres: no film with any of these.
        year_min: not before that year; films without a year are left out then.
        year_max: not after that year, likewise.
        min_ratings: only films with at least that many ratings.
        balance: 0 to 1; from well-known films to hidden ones. By default what training chose, 0 for what most people
            like. By stars it has no effect.
        diversity: 0 to 1; from the best fitting to the most varied.
    """

    n: int = 10
    genres: tuple[str, ...] = ()
    without_genres: tuple[str, ...] = ()
    year_min: int | None = None
    year_max: int | None = None
    min_ratings: int = 0
    balance: float | None = None
    diversity: float = 0.0

    @property
    def leave_films_out(self) -> bool:
        """Whether any film may not pass."""
        return bool(self.genres or self.without_genres or self.year_min or self.year_max or self.min_ratings)

    def check(self) -> None:
        """Refuse invalid values.

        Raises:
            UsageError: Raised when one is; it names it and says what is expected.
        """
        try:
            if type(self.n) is int and 1 <= self.n <= MOST_FILMS and self[1:] in _USUAL:
                return  # nearly every request
        except ValueError:  # an array is neither equal to a value nor not
            pass
        check_n(self.n)
        check_whole("min_ratings", self.min_ratings, 0, MOST_RATINGS)
        for name, year in (("year_min", self.year_min), ("year_max", self.year_max)):
            if year is not None:
                check_year(name, year)
        check_share("diversity", self.diversity)
        if self.balance is not None:
            check_share("balance", self.balance)
        for name, genres in (("genres", self.genres), ("without_genres", self.without_genres)):
            check_genres(name, genres)


DEFAULT_FILTERS = Filters()
_USUAL = (DEFAULT_FILTERS[1:], DEFAULT_FILTERS._replace(balance=0)[1:])


def passing(facts: MovieFacts, filters: Filters) -> Mask:
    """Which movies pass the filters, shape (movies,).

    Raises:
        UsageError: Raised when no film has one of the genres; it names it and lists those that there are.
    """
    passes: Mask = facts.counts >= filters.min_ratings
    try:
        wanted, unwanted = facts.bits_of(filters.genres), facts.bits_of(filters.without_genres)
    except KeyError as error:
        known = ", ".join(facts.genre_names)
        raise UsageError(f"no film has the genre {error.args[0]!r}; choose one of {known}") from None
    if wanted:
        passes &= (facts.genres & wanted) != 0
    if unwanted:
        passes &= (facts.genres & unwanted) == 0
    if filters.year_min is not None:
        passes &= facts.years >= filters.year_min
    if filters.year_max is not None:
        passes &= (facts.years <= filters.year_max) & (facts.years > 0)
    return passes
