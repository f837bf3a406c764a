"""What a list shall be like, and which films pass."""

from numbers import Integral, Real
from typing import NamedTuple

import numpy as np

from reelwise.data.types import Mask
from reelwise.errors import UsageError
from reelwise.recommend.movie_facts import MovieFacts

YEARS = (1800, 2200)
"""The years that may be asked for."""


class Filters(NamedTuple):
    """What a list shall be like. The defaults leave nothing out and change no order.

    Attributes:
        n: how many films, at most.
        genres: only films with at least one of these.
        without_genres: no film with any of these.
        year_min: not before that year; films without a year are left out then.
        year_max: not after that year, likewise.
        min_ratings: only films with at least that many ratings.
        novelty: 0 to 1; from the best known first to hidden gems.
        diversity: 0 to 1; from the best fitting to the most varied.
    """

    n: int = 10
    genres: tuple[str, ...] = ()
    without_genres: tuple[str, ...] = ()
    year_min: int | None = None
    year_max: int | None = None
    min_ratings: int = 0
    novelty: float = 0.0
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
        if type(self.n) is int and self.n >= 1 and self[1:] == _ALL_FILMS:
            return  # nearly every request
        check_whole("n", self.n, 1)
        check_whole("min_ratings", self.min_ratings, 0)
        for name, year in (("year_min", self.year_min), ("year_max", self.year_max)):
            if year is not None:
                check_whole(name, year, *YEARS)
        for name, share in (("novelty", self.novelty), ("diversity", self.diversity)):
            if not isinstance(share, Real) or isinstance(share, bool) or not 0 <= share <= 1:
                raise UsageError(f"{name} is {show(share)}; expected a number from 0 to 1")
        for name, genres in (("genres", self.genres), ("without_genres", self.without_genres)):
            if isinstance(genres, str) or not all(isinstance(genre, str) for genre in genres):
                raise UsageError(f"{name} is {genres!r}; expected names of genres, such as ('Crime', 'Drama')")


def check_whole(name: str, value: object, least: int, most: int | None = None) -> None:
    """Refuse what is no whole number from `least`, up to `most` if that is given.

    Raises:
        UsageError: Raised when it is none; it names it and says what is expected.
    """
    if isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= (most or int(value)):
        return
    expected = f"a year from {least} to {most}" if most else f"{least} or more"
    raise UsageError(f"{name} is {show(value)}; expected {expected}")


def show(value: object) -> str:
    """A value as a message quotes it: NumPy's numbers as Python's own."""
    return repr(value.item() if isinstance(value, np.generic) else value)


DEFAULT_FILTERS = Filters()
_ALL_FILMS = DEFAULT_FILTERS[1:]


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
        raise UsageError(f"no film has the genre {error.args[0]!r}; there are {known}") from None
    if wanted:
        passes &= (facts.genres & wanted) != 0
    if unwanted:
        passes &= (facts.genres & unwanted) == 0
    if filters.year_min is not None:
        passes &= facts.years >= filters.year_min
    if filters.year_max is not None:
        passes &= (facts.years <= filters.year_max) & (facts.years > 0)
    return passes
