"""Stand-ins for people who name films: a blend of profiles, a history folded in, or the user who matches best."""

from typing import NamedTuple

from reelwise.artifacts.model import Model
from reelwise.recommend.naming.reporter import Reporter
from reelwise.recommend.naming.resolver import NOTHING_FOUND, Found, Opinion, Resolver
from reelwise.recommend.query import Query, QueryBuilder
from reelwise.recommend.request import Request
from reelwise.recommend.results import NamedFilm
from reelwise.recommend.users.people import People


class StandIn(NamedTuple):
    """The stand-in for a person: the query, the rows of the films named, and what became of each."""

    query: Query
    found: Found = NOTHING_FOUND
    named: tuple[NamedFilm, ...] = ()


class StandIns:
    """Finds the stand-ins in one model."""

    def __init__(
        self, model: Model, resolver: Resolver, queries: QueryBuilder, people: People, reporter: Reporter
    ) -> None:
        self._model, self._resolver, self._queries = model, resolver, queries
        self._people, self._reporter = people, reporter

    def find(self, request: Request) -> StandIn:
        """The stand-in for the person of a request.

        Raises:
            UnknownMovies: Raised when none of the films named is in the data set, unless what most people like will do;
                or when a title means no film.
            UsageError: Raised when the films, or their stars, cannot be meant.
        """
        opinion, found = self.understand(request)
        return StandIn(self._query(opinion, request, found), found, self.report(opinion, request, found))

    def understand(self, request: Request) -> tuple[Opinion, Found]:
        """The opinion of the films named, and their rows; raises what `find` does."""
        opinion = self._resolver.opinion(request.movies, request.stars, request.disliked)
        find = self._resolver.find if request.or_popular else self._resolver.find_some
        return opinion, find(opinion.named)

    def report(self, opinion: Opinion, request: Request, found: Found) -> tuple[NamedFilm, ...]:
        """Report on the films that were named; empty where that is not wanted."""
        if not request.told:
            return ()
        by_blend, folds = request.blends(self._model), self._queries.folds(opinion, found)
        return tuple(self._reporter.report_opinion(opinion, found.rows, by_blend, by_blend and folds))

    def _query(self, opinion: Opinion, request: Request, found: Found) -> Query:
        if request.or_popular and not found.rows:
            return self._queries.anybody()
        if request.blends(self._model):
            return self._queries.newcomer(opinion, found)
        return self._queries.matching(self._people.match(found.of(opinion.liked)))
