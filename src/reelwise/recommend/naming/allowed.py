"""The films that may be shown: all, or those of a list such as a watchlist, but for those that are refused."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from reelwise.data.types import Rows
from reelwise.data.vocabulary import Id
from reelwise.recommend.naming.reporter import Reporter
from reelwise.recommend.naming.resolver import NOTHING_FOUND, Found, Named, Resolver, in_order
from reelwise.recommend.request import Request
from reelwise.recommend.results import NamedFilm


@dataclass(frozen=True)
class Allowed:
    """The films that may be shown, but for those that the person is known to have seen.

    Attributes:
        exclude: films that are not, as they were named.
        only: the films to choose from, as they were named; None for all.
        refused: where the former are, and the films of which the person has an opinion.
        candidates: where the latter are.
    """

    exclude: Named
    only: Named | None
    refused: Found
    candidates: Found

    @classmethod
    def of(cls, resolver: Resolver, request: Request, named: Found = NOTHING_FOUND) -> Self:
        """The films that a request allows.

        Args:
            resolver: finds films.
            request: with `exclude` and `only`.
            named: the films of which the person has an opinion.

        Raises:
            UnknownMovies: Raised when a title means no film.
            UsageError: Raised when something cannot name a film.
        """
        exclude = resolver.movie_ids(request.exclude, "exclude") if request.exclude else {}
        only = None if request.only is None else resolver.movie_ids(request.only, "only")
        refused = named.joined(resolver.find_shown(exclude)) if exclude else named
        find = resolver.find if request.new_films == "without" else resolver.find_shown
        return cls(exclude, only, refused, NOTHING_FOUND if only is None else find(only))

    @property
    def unknown(self) -> tuple[Id, ...]:
        """Ids that were named and are not in the data set, ascending."""
        return in_order({*self.refused.unknown, *self.candidates.unknown}) if self.only else self.refused.unknown

    def refused_rows(self, movies: int) -> Rows:
        """The rows of all films that are not shown, of so many movies."""
        refused = np.array(sorted(self.refused.rows.values()), np.int32)
        if self.only is None:
            return refused
        others = np.ones(movies, np.bool_)
        others[list(self.candidates.rows.values())] = False
        return np.union1d(np.flatnonzero(others), refused)

    def report(self, reporter: Reporter) -> tuple[NamedFilm, ...]:
        """Report on films that were named by something other than their ids, or are ignored."""
        named = [*reporter.report_texts(self.exclude, "excluded", self.refused.rows)] if self.exclude else []
        if self.only:
            named += reporter.report_texts(self.only, "candidate", self.candidates.rows)
        return tuple(named)
