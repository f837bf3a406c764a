"""From a group to films: each member as a query, scores that compare, and what each film is to each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.types import Floats, Mask, Rows
from reelwise.errors import ReelwiseError, UsageError
from reelwise.models.top_n import normalise
from reelwise.recommend.filters import Filters, passing
from reelwise.recommend.groups.request import GroupRequest, Member
from reelwise.recommend.groups.results import (
    GroupMember,
    GroupRecommendation,
    GroupRecommendations,
    MemberOpinion,
)
from reelwise.recommend.lists import Lists, Scored
from reelwise.recommend.movie_facts import MovieFacts
from reelwise.recommend.naming.allowed import Allowed
from reelwise.recommend.naming.reporter import Reporter
from reelwise.recommend.naming.resolver import Resolver
from reelwise.recommend.query import Query
from reelwise.recommend.request import Request
from reelwise.recommend.together import choose_together
from reelwise.recommend.users.people import People
from reelwise.recommend.users.stand_ins import StandIn, StandIns

_ROUNDING = 0.0005  # stars are shown with up to three digits, and what is shown as 4.000 is not below 4


@dataclass(frozen=True)
class _Asking:
    """One of the members.

    Attributes:
        understood: what the answer says of this member.
        query: who stands for this person.
        refused: rows of films that are not shown for this person's sake.
        scored: how well each film fits.
    """

    understood: GroupMember
    query: Query
    refused: Rows
    scored: Scored


@dataclass(frozen=True)
class Groups:
    """Recommends to groups, from one model."""

    model: Model
    resolver: Resolver
    people: People
    stand_ins: StandIns
    lists: Lists
    facts: MovieFacts

    def recommend(self, group: GroupRequest) -> GroupRecommendations:
        """Films for all members; none that any of them has seen or named, and none that the model has not learnt.

        Raises:
            UnknownUser: Raised when the model does not know a member.
            UnknownMovies: Raised when none of the films that a member names is in the data set, or a title means none.
            UsageError: Raised when the request is contradictory or invalid, or the model cannot do what is asked.
        """
        group.check(self.model.scale)
        if group.nobody_below is not None and not self.model.predicts_stars:
            raise UsageError("this model was trained without stars and predicts none; leave nobody_below out")
        wishes, filters = replace(group.wishes, new_films="without"), group.wishes.filters
        asking = [self._ask(member, wishes) for member in group.members]
        allowed = Allowed.of(self.resolver, wishes)
        never = self.lists.never
        fits = np.stack([normalise(one.scored.by.all(), np.concatenate([one.refused, never])) for one in asking])
        refused = self._refused(asking, allowed, filters, group.nobody_below)
        rows = choose_together(
            fits, filters.n, refused, diversity=filters.diversity, vectors_of=self.lists.vectors_of(asking[0].scored.by)
        )
        films = tuple(self._describe(asking, rows, fits[:, rows]))
        members = tuple(one.understood for one in asking)
        named = allowed.report(Reporter(self.model.movies, self.lists.film))
        return GroupRecommendations(films, members, allowed.unknown, named)

    def _ask(self, member: Member, wishes: Request) -> _Asking:
        request = member.request
        with _naming(member):
            request.check()
            stand_in = self._find(request)
            allowed = Allowed.of(self.resolver, request, stand_in.found)
            scored = self.lists.score(stand_in.query, wishes.rank_by, wishes.filters)
        query = stand_in.query
        refused = np.concatenate([query.seen, allowed.refused_rows(len(self.model.movies))])
        return _Asking(GroupMember(member.name, query.source, allowed.unknown, stand_in.named), query, refused, scored)

    def _find(self, request: Request) -> StandIn:
        if request.user is None:
            return self.stand_ins.find(request)
        return StandIn(self.people.query(self.people.find_for_list(request.user)))

    def _refused(self, asking: list[_Asking], allowed: Allowed, filters: Filters, nobody_below: float | None) -> Rows:
        """The rows of films that are not shown."""
        passes: Mask = passing(self.facts, filters)
        passes[self.lists.never] = False
        passes[allowed.refused_rows(len(passes))] = False
        for one in asking:
            passes[one.refused] = False
            if nobody_below is not None:
                passes &= self.model.scale.clip(one.scored.stars.all()) >= nobody_below - _ROUNDING
        return np.flatnonzero(~passes)

    def _describe(self, asking: list[_Asking], rows: Rows, fits: Floats) -> Iterator[GroupRecommendation]:
        views = [self.lists.describe(one.query, one.scored, rows, one.scored.by.of(rows)) for one in asking]
        for place, (row, *seen_by) in enumerate(zip(rows.tolist(), *views, strict=True)):
            opinions = [
                MemberOpinion(
                    one.understood.name,
                    float(fits[at, place]),
                    film.predicted_stars,
                    film.stars_margin,
                    film.reasons[0] if film.reasons else None,
                )
                for at, (one, film) in enumerate(zip(asking, seen_by, strict=True))
            ]
            yield GroupRecommendation(**self.lists.film(row)._asdict(), members=tuple(opinions))


@contextmanager
def _naming(member: Member) -> Iterator[None]:
    """Put the name of the member before the message of an error."""
    try:
        yield
    except ReelwiseError as error:
        error.args = (f"{member.name}: {error}",)
        raise
