"""The live store of one process. Safe to share between threads."""

import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from reelwise.data.vocabulary import Id
from reelwise.errors import StoreError
from reelwise.live import films, recording, shown
from reelwise.live.address import check_store_address
from reelwise.live.databases import PATIENCE, identity_of, open_database, store_error, translated
from reelwise.live.events import Event, Recorded
from reelwise.live.identity import mark_of
from reelwise.live.migrate import upgrade
from reelwise.live.outcomes import Figures, ShownFilm
from reelwise.live.recording import Standing
from reelwise.live.writer import Writer

logger = logging.getLogger(__name__)

T = TypeVar("T")

_PAUSE = 1.0  # seconds after a failure, in which nobody waits for the next one
_LONGEST_WAIT = 3 * PATIENCE  # seconds for what is written


class Store:
    """The events of users, in a database that other processes and hosts may share.

    It is opened when it is first needed, and again after whatever failed; until then each method raises StoreError,
    which says what is wrong.

    Args:
        address: sqlite:///FILE or postgresql+psycopg://….

    Raises:
        UsageError: Raised when the address is invalid, or the package for it is missing.
    """

    def __init__(self, address: str) -> None:
        self._database = open_database(check_store_address(address))
        self._writer = Writer(self._transact)
        self._opening, self._file = threading.Lock(), identity_of(None)
        self._is_open = False
        self._not_before, self._faults = 0.0, dict[str, StoreError]()
        self._erased: set[str] = set()
        self._emptying, self._must_empty_log, self._next_try = threading.Lock(), False, 0.0

    @property
    def name(self) -> str:
        """Its name in messages, without a password."""
        return self._database.name

    @property
    def path(self) -> Path | None:
        """The file that it is; None for a database elsewhere."""
        return self._database.path

    def open(self) -> None:
        """Bring the tables up to date, if that was not done.

        Raises:
            StoreError: Raised when the store cannot be reached or written, or a newer version made it.
        """
        with self._watched("writing"):
            self._open()

    def find(self, user_id: Id) -> Standing | None:
        """Find the record of a user; None if there is none."""
        standing = self.ask(partial(recording.find_user, user_id=user_id))
        if standing and standing.erased:
            self._erased.add(mark_of(user_id))
        return standing

    def was_erased(self, user_id: Id) -> bool:
        """Whether a user was erased, as far as this process knows; for when the store cannot be asked.

        Raises:
            StoreError: Raised when this process has not read the store yet.
        """
        if not self._is_open:
            raise self._not_ready()
        return mark_of(user_id) in self._erased

    def events(self, user_id: Id) -> list[Event]:
        """All events of a user, as they are now, by time."""
        return self.ask(partial(recording.events_of, user_id=user_id))

    def event_ids(self, user_id: Id) -> list[str]:
        """The ids that a user's events were sent with, ascending."""
        return self.ask(partial(recording.event_ids_of, user_id=user_id))

    def erased_marks(self) -> frozenset[str]:
        """The marks of all users who were erased, see `reelwise.live.identity.mark_of`."""
        return self.ask(recording.erased_marks)

    def shown_to(self, user_id: Id) -> list[ShownFilm]:
        """The films that were shown to a user, with their lists, by time."""
        return self.ask(partial(shown.shown_to, user_id=user_id))

    def figures(self) -> tuple[Figures, ...]:
        """The outcomes of what was shown, by model revision and balance, the last shown first."""
        return self.ask(shown.figures, speaks_for_others=False)

    def record(self, events: Sequence[Event], least_like: float = math.inf, unlearnt: Collection[Id] = ()) -> Recorded:
        """Put events on disk, all of them or none; see `reelwise.live.recording.record`.

        Args:
            events: the events.
            least_like: the fewest stars that say that somebody likes a film.
            unlearnt: those of their films whose vectors are not the model's, and follow from such events.
        """

        def record(connection: Connection) -> Recorded:
            recorded = recording.record(connection, events, least_like)
            films.touch_rated(connection, unlearnt)
            return recorded

        return self.change(record)

    def forget(self, days: int) -> None:
        """Forget what was shown and clicked, and the ids of events, longer ago than that."""
        before = time.time_ns() // 1000 - days * shown.DAY
        while self.change(partial(shown.forget, before=before)):
            pass

    def erase(self, user_id: Id) -> None:
        """Forget all events of a user, and keep no more than a digest that tells that there was one.

        In SQLite's files nothing is left of them, either, once nobody reads any more who began before: this is tried
        again after writing, at `check` and `close`, and by whoever opens the store later.
        """

        def erase(connection: Connection) -> None:
            films.touch_rated_by(connection, user_id)
            recording.erase(connection, user_id)

        self.change(erase)
        self._erased.add(mark_of(user_id))
        if self._database.path is not None and not self._empty_log(PATIENCE):
            logger.warning(
                "The log of the live store %s still holds what was just erased, because a reader began before; it will "
                "be emptied later.",
                self.name,
            )

    def ask(self, question: Callable[[Connection], T], speaks_for_others: bool = True) -> T:
        """Ask a question, such as those of `reelwise.live.films`.

        Args:
            question: what is asked.
            speaks_for_others: whether others need not try for a moment where this fails; not for what may take long.

        Raises:
            StoreError: Raised when the store cannot be asked.
        """
        now = time.monotonic()
        if now < self._not_before:
            raise self._not_ready()
        if "reading" in self._faults:  # one finds out whether it is back, and nobody waits with that one
            self._not_before = now + _LONGEST_WAIT
        try:
            with self._watched("reading"):
                self._open()
                answer = self._answer(question)
        except StoreError:
            if speaks_for_others:
                self._not_before = time.monotonic() + _PAUSE
            raise
        self._not_before = 0.0
        return answer

    def change(self, job: Callable[[Connection], T]) -> T:
        """Do something in a transaction of its own, or of several at once; it is on disk afterwards.

        Raises:
            StoreError: Raised when it cannot be written; then nothing was.
        """
        written = self._writer.submit(job)
        try:
            done = written.result(_LONGEST_WAIT)
        except TimeoutError:
            written.cancel()  # so that what nobody was told of is not written later, if it is not under way
            self._faults["writing"] = store_error(self._database, "takes too long to write; try again later")
            raise self._faults["writing"] from None
        self._not_before = 0.0  # it is back, if it was away
        self._empty_log_if_due()
        return done

    @property
    def fault(self) -> str | None:
        """The fault when the store was last used, in words for clients; None if there was none."""
        return next((fault.public for fault in tuple(self._faults.values())), None)

    def check(self) -> str | None:
        """Try the store, learn who was erased elsewhere, and return the `fault`; None if there is none.

        If writing failed before, it is tried again.
        """
        with suppress(StoreError):
            self.ask(self._follow_erased)
            if self._faults:
                self.change(recording.touch)
            self._empty_log_if_due()
        return self.fault

    def close(self) -> None:
        """Put what is under way on disk, and let go of all connections."""
        self._writer.close()
        if self._must_empty_log:
            self._empty_log(0)
        self._database.writing.dispose()

    def _not_ready(self) -> StoreError:
        fault = self._faults.get("reading")
        return StoreError(str(fault), fault.public) if fault else store_error(self._database, "is not ready")

    def _answer(self, question: Callable[[Connection], T]) -> T:
        try:
            with self._database.reading.connect() as connection:
                return question(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        with self._database.reading.connect() as connection:  # the server had closed those that were kept
            return question(connection)

    def _follow_erased(self, connection: Connection) -> None:
        if recording.count_erased(connection) != len(self._erased):
            self._erased |= recording.erased_marks(connection)

    def _empty_log_if_due(self) -> None:
        if self._must_empty_log and time.monotonic() >= self._next_try:
            self._empty_log(0)

    def _empty_log(self, patience: float) -> bool:
        """Have what was erased overwritten in SQLite's log, too; False where somebody reads who began before.

        Args:
            patience: seconds to wait for readers, and let writers wait.
        """
        with self._emptying:
            self._must_empty_log = True
            with suppress(StoreError), translated(self._database), self._database.reading.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(1000 * patience)}")
                try:
                    is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
                finally:
                    connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(1000 * PATIENCE)}")
                self._must_empty_log = bool(is_busy)
            self._next_try = time.monotonic() + _PAUSE
            return not self._must_empty_log

    @contextmanager
    def _transact(self) -> Iterator[Connection]:
        with self._watched("writing"):
            self._open()
            with self._database.writing.begin() as connection:
                yield connection

    def _open(self) -> None:
        """See to it that the tables are there, and that the file is the one that was opened."""
        path = self._database.path
        if self._is_open:
            if path is not None and identity_of(path) != self._file:
                what = "was removed or replaced while it was in use; put the file back, or start the server again"
                raise store_error(self._database, what)
            return
        with self._opening:
            if self._is_open:
                return
            if path is not None:
                with self._database.reading.connect() as connection:
                    connection.execute(text("PRAGMA journal_mode = WAL"))  # readers and the writer do not wait
            with self._database.writing.begin() as connection:
                upgrade(connection)
                self._erased |= recording.erased_marks(connection)
            self._must_empty_log = path is not None and bool(self._erased)  # whoever erased may have been killed
            self._file, self._is_open = identity_of(path), True

    @contextmanager
    def _watched(self, what: str) -> Iterator[None]:
        """Remember what fails in the block, until it goes well again."""
        try:
            with translated(self._database):
                yield
        except StoreError as error:
            if str(error) not in map(str, tuple(self._faults.values())):
                logger.warning("%s.", error)
            self._faults[what] = StoreError(str(error), error.public)  # without what a traceback holds on to
            raise
        self._faults.pop(what, None)
