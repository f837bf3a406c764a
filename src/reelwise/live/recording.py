"""The statements by which events are recorded, read and erased; the same for SQLite and PostgreSQL.

Those that write are for a transaction that no other writer takes part in; see `reelwise.live.databases`.
"""

import math
import secrets
import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, text

from reelwise.data.vocabulary import Id
from reelwise.live import shown
from reelwise.live.events import Event, EventType, Recorded, Rejected
from reelwise.live.identity import id_of, key_of, mark_of
from reelwise.live.schema import EVENT_IDS, EVENTS, SHOWN, USERS

_FIELDS = tuple(column.name for column in EVENTS.columns)
_OTHERS = [name for name in _FIELDS if name not in EVENTS.primary_key.columns]

_UPSERT_EVENT = text(
    f"INSERT INTO events ({', '.join(_FIELDS)}) VALUES ({', '.join(f':{name}' for name in _FIELDS)}) "  # noqa: S608
    f"ON CONFLICT (user_id, movie_id, type) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _OTHERS)} "
    "WHERE excluded.at >= events.at"
)
_UPSERT_USER = text(
    "INSERT INTO users (mark, version, latest, erased_at) VALUES (:mark, :version, :latest, :erased_at) "
    "ON CONFLICT (mark) DO UPDATE SET version = excluded.version, latest = excluded.latest, "
    "erased_at = excluded.erased_at"
)
_FIND_USER = text("SELECT version, latest, erased_at FROM users WHERE mark = :mark")
_FIND_USERS = text("SELECT mark, version, latest, erased_at FROM users WHERE mark IN :marks").bindparams(
    bindparam("marks", expanding=True)
)
_FIND_EVENT_IDS = text(
    "SELECT user_id, event_id FROM event_ids WHERE user_id IN :users AND event_id IN :wanted"
).bindparams(bindparam("users", expanding=True), bindparam("wanted", expanding=True))
_INSERT_EVENT_ID = text("INSERT INTO event_ids (event_id, user_id, at) VALUES (:event_id, :user_id, :at)")


class Standing(NamedTuple):
    """A user's record: a version that changes with what counts for lists, the latest event's time, whether erased."""

    version: int
    latest: int
    erased: bool


_NOBODY = Standing(0, 0, erased=False)


def find_user(connection: Connection, user_id: Id) -> Standing | None:
    """Find the record of a user; None if there is none."""
    found = connection.execute(_FIND_USER, {"mark": mark_of(user_id)}).one_or_none()
    return None if found is None else Standing(found.version, found.latest, found.erased_at is not None)


def events_of(connection: Connection, user_id: Id) -> list[Event]:
    """All events of a user, as they are now, by time."""
    wanted = select(EVENTS).where(EVENTS.c.user_id == key_of(user_id)).order_by(EVENTS.c.at)
    return [
        Event(user_id, id_of(movie), type_, stars, at, *more)
        for _, movie, type_, stars, at, *more in connection.execute(wanted)
    ]


def event_ids_of(connection: Connection, user_id: Id) -> list[str]:
    """The ids that a user's events were sent with, ascending."""
    wanted = select(EVENT_IDS.c.event_id).where(EVENT_IDS.c.user_id == key_of(user_id))
    return sorted(connection.execute(wanted).scalars())


def erased_marks(connection: Connection) -> frozenset[str]:
    """The marks of all users who were erased."""
    return frozenset(connection.execute(select(USERS.c.mark).where(USERS.c.erased_at.is_not(None))).scalars())


def count_erased(connection: Connection) -> int:
    """How many users were erased."""
    wanted = select(func.count()).select_from(USERS).where(USERS.c.erased_at.is_not(None))
    return connection.execute(wanted).scalar_one()


def record(connection: Connection, events: Sequence[Event], least_like: float = math.inf) -> Recorded:
    """Put events on record, in their order: the later of the same type by the same user on the same film wins.

    An event without a time comes after all that the user did. One that is older than what is there changes nothing.
    One with the id of a list says that the film was shown there.

    Args:
        connection: in a transaction.
        events: the events.
        least_like: the fewest stars that are a like.
    """
    known = _known_event_ids(connection, events)
    standings = _standings(connection, {mark_of(event.user_id) for event in events})
    now, duplicates = _now(), 0
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    told: list[dict[str, Any]] = []
    on_lists: list[dict[str, Any]] = []
    latest: dict[str, int] = {}
    changed = set[str]()
    rejected = []
    for index, event in enumerate(events):
        mark, user = mark_of(event.user_id), key_of(event.user_id)
        standing = standings.get(mark, _NOBODY)
        if standing.erased:
            rejected.append(Rejected(index, f"user {event.user_id!r} was erased"))
            continue
        if event.event_id is not None:
            if (user, event.event_id) in known:
                duplicates += 1
                continue
            known.add((user, event.event_id))
            told.append({"event_id": event.event_id, "user_id": user, "at": now})
        last = latest.get(mark, standing.latest)
        at = max(now, last + 1) if event.at is None else min(max(event.at, 0), now)
        latest[mark] = max(last, at)
        place = user, movie, _ = user, key_of(event.movie_id), event.type
        if event.type not in shown.FLEETING:
            changed.add(mark)
        if (on_list := shown.on_list(event, user, movie, at)) is not None:
            on_lists.append(on_list)
        if place not in rows or at >= rows[place]["at"]:
            values = (*place, event.stars, at, event.event_id, event.recommendation_id, event.position)
            rows[place] = dict(zip(_FIELDS, values, strict=True))
    if rows:
        connection.execute(_UPSERT_EVENT, [*rows.values()])
        versions = {mark: standings.get(mark, _NOBODY).version for mark in latest}
        versions |= {mark: _new_version() for mark in changed}
        _set_users(connection, {mark: Standing(versions[mark], at, erased=False) for mark, at in latest.items()})
        shown.note(connection, on_lists, {place[:2] for place in rows}, least_like)
    if told:
        connection.execute(_INSERT_EVENT_ID, told)
    return Recorded(len(events) - duplicates - len(rejected), duplicates, tuple(rejected))


def erase(connection: Connection, user_id: Id) -> None:
    """Forget all events of a user, and keep a mark that says that there was one."""
    for held in (EVENTS, EVENT_IDS, SHOWN):
        connection.execute(delete(held).where(held.c.user_id == key_of(user_id)))
    _set_users(connection, {mark_of(user_id): Standing(_new_version(), 0, erased=True)})


def take_back(connection: Connection, user_id: Id, places: Collection[tuple[Id, EventType]]) -> None:
    """Forget what a user did with films: the events of those films and types."""
    standing = find_user(connection, user_id)
    if not places or standing is None or standing.erased:
        return
    for movie, type_ in places:
        where = (EVENTS.c.user_id == key_of(user_id), EVENTS.c.movie_id == key_of(movie), EVENTS.c.type == type_)
        connection.execute(delete(EVENTS).where(*where))
    _set_users(connection, {mark_of(user_id): standing._replace(version=_new_version())})


def touch(connection: Connection) -> None:
    """Write, and change nothing."""
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def _known_event_ids(connection: Connection, events: Iterable[Event]) -> set[tuple[str, str]]:
    """The event ids of these users that were sent before, each with the key of its user."""
    wanted = {(key_of(event.user_id), event.event_id) for event in events if event.event_id is not None}
    if not wanted:
        return set()
    users, ids = map(set, zip(*wanted, strict=True))
    return {(user, one) for user, one in connection.execute(_FIND_EVENT_IDS, {"users": [*users], "wanted": [*ids]})}


def _standings(connection: Connection, marks: Iterable[str]) -> dict[str, Standing]:
    return {
        mark: Standing(version, latest, erased_at is not None)
        for mark, version, latest, erased_at in connection.execute(_FIND_USERS, {"marks": [*marks]})
    }


def _set_users(connection: Connection, standings: dict[str, Standing]) -> None:
    connection.execute(
        _UPSERT_USER,
        [
            {"mark": mark, "version": version, "latest": latest, "erased_at": _now() if erased else None}
            for mark, (version, latest, erased) in standings.items()
        ],
    )


def _new_version() -> int:
    return secrets.randbits(62)


def _now() -> int:
    return time.time_ns() // 1000
