"""The users of now, by the model and by what the live store has recorded since. The newest wins."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING

from reelwise.artifacts.model import Model
from reelwise.data.vocabulary import Id
from reelwise.errors import StoreError, UnknownUser
from reelwise.live.identity import check_user_id
from reelwise.live.news import News
from reelwise.recommend.naming.resolver import Resolver
from reelwise.recommend.query import Query, QueryBuilder
from reelwise.recommend.users.live_person import LivePerson
from reelwise.recommend.users.matching import BestUser

if TYPE_CHECKING:
    from reelwise.live.store import Store

_AT_HAND = 256  # people with news whose queries are kept, at some 70 KiB each


@dataclass(frozen=True)
class Person:
    """A user.

    Attributes:
        user_id: the id.
        row: of the user in the model; None for one who came since.
        live: what came of the user's news; None where there are none.
    """

    user_id: Id
    row: int | None
    live: LivePerson | None = None


class People:
    """Finds the users of a model and of the live store. Safe to share between threads.

    Args:
        model: the model.
        resolver: finds the rows of users.
        queries: makes the queries.
        store: what users told since; None where nobody could.

    Attributes:
        turn: held while a list for a user is made. Threads that hear from a store make lists one at a time: side by
            side they would take as long together, and keep those that write waiting (`benchmarks/turns.py`).
    """

    def __init__(self, model: Model, resolver: Resolver, queries: QueryBuilder, store: "Store | None") -> None:
        self._model, self._resolver, self._queries, self._store = model, resolver, queries, store
        self.turn: AbstractContextManager[object] = nullcontext() if store is None else Lock()
        # By version, so that what is kept is never out of date.
        if store is not None:
            self._live = lru_cache(_AT_HAND)(partial(_read_news, model, queries, store))

    def find(self, user_id: Id) -> Person:
        """A user whom the model or the store knows.

        Raises:
            UnknownUser: Raised when neither knows the user, or the user was erased.
            UsageError: Raised when it cannot be an id.
            StoreError: Raised when the store cannot be asked.
        """
        return self._find(user_id, falls_back=False)

    def find_for_list(self, user_id: Id) -> Person:
        """The same, to recommend: where the store cannot be asked, users of the model are as the model knows them.

        Raises:
            UnknownUser, UsageError: Raised as by `find`.
            StoreError: Raised when the store cannot be asked, and the model does not know the user, or it is not known
                who was erased.
        """
        return self._find(user_id, falls_back=True)

    def _find(self, user_id: Id, falls_back: bool) -> Person:
        if self._store is None:
            return Person(user_id, self._resolver.user(user_id))
        user_id = check_user_id(self._resolver.user_id(user_id))
        row = self._resolver.user_row(user_id) if self._model.histories is not None else None
        try:
            standing = self._store.find(user_id)
            if standing is not None and not standing.erased:
                return Person(user_id, row, self._live(user_id, row, standing.version))
            is_erased = standing is not None
        except StoreError:
            if not falls_back:
                raise
            is_erased = self._store.was_erased(user_id)
            if row is None and not is_erased:
                raise
        if is_erased:
            raise UnknownUser(f"user {user_id} was erased")
        if row is None:
            raise UnknownUser(f"neither the model nor the live store knows user {user_id}")
        return Person(user_id, row)

    def query(self, person: Person) -> Query:
        """The query that recommends to a user."""
        if person.live is not None:
            return person.live.query
        assert person.row is not None  # noqa: S101 - or there would be nothing known of the user
        return self._queries.known(person.row)

    def stars_query(self, person: Person) -> Query:
        """The query that predicts the stars of a user."""
        if person.live is not None:
            return person.live.prediction_query
        assert person.row is not None  # noqa: S101 - or there would be nothing known of the user
        return self._queries.trained(person.row)

    def match(self, picks: Sequence[int]) -> BestUser | None:
        """The user who rated most of the picks, and was not erased; see `Matcher.best_user`.

        Raises:
            StoreError: Raised when the store could not be asked yet, so that nobody knows who was erased.
        """
        erased: list[int] = []
        while (found := self._queries.match(picks, erased)) is not None:
            if not self._is_erased(self._model.users[found.user]):
                break
            erased.append(found.user)
        return found

    def _is_erased(self, user_id: Id) -> bool:
        """Whether a user was erased, as far as the store can be asked."""
        if self._store is None:
            return False
        try:
            standing = self._store.find(user_id)
        except StoreError:
            return self._store.was_erased(user_id)
        return standing is not None and standing.erased


def _read_news(
    model: Model, queries: QueryBuilder, store: "Store", user_id: Id, row: int | None, _version: int
) -> LivePerson:
    return LivePerson(model, queries, row, News.of(store.events(user_id)))
