"""Which films were shown on which list, and what became of them within a week: the statements that keep and count it.

Like those of `reelwise.live.recording`, those that write are for a transaction that no other writer takes part in.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, select, text

from reelwise.data.vocabulary import Id
from reelwise.live.events import Event
from reelwise.live.identity import id_of, key_of
from reelwise.live.list_ids import origin_of
from reelwise.live.outcomes import Figures, Outcome, ShownFilm
from reelwise.live.schema import SHOWN

DAY = 86_400_000_000  # microseconds
WEEK = 7 * DAY

FLEETING = ("shown", "clicked")
"""Events that are kept as long as what was shown is, and not until the user is erased."""

_MOST_GROUPS = 100  # revisions with a balance each that are told of, the newest
_AT_ONCE = 10_000  # rows that are forgotten in one transaction, so that nobody waits long

_OF_TYPE: dict[Outcome, str] = {
    "clicked": "events.type = 'clicked'",
    "watched": "events.type = 'watched'",
    "liked": "(events.type = 'like' OR (events.type = 'rating' AND events.stars >= :least_like))",
}
_BECAME = ", ".join(
    f"{outcome} = CASE WHEN {outcome} = 1 OR EXISTS (SELECT 1 FROM events WHERE events.user_id = shown.user_id "  # noqa: S608
    f"AND events.movie_id = shown.movie_id AND {of_type} AND events.at BETWEEN shown.at AND shown.at + {WEEK} "
    "AND (events.recommendation_id IS NULL OR events.recommendation_id = shown.recommendation_id)) THEN 1 ELSE 0 END"
    for outcome, of_type in _OF_TYPE.items()
)
_UPDATE = text(f"UPDATE shown SET {_BECAME} WHERE user_id = :user_id AND movie_id = :movie_id")  # noqa: S608
_INSERT = text(
    "INSERT INTO shown (user_id, movie_id, recommendation_id, revision, balance, at, clicked, watched, liked) "
    "VALUES (:user_id, :movie_id, :recommendation_id, :revision, :balance, :at, 0, 0, 0) "
    "ON CONFLICT (user_id, movie_id, recommendation_id) "
    "DO UPDATE SET at = CASE WHEN excluded.at < shown.at THEN excluded.at ELSE shown.at END"
)
_FIND_USERS = text("SELECT DISTINCT user_id FROM shown WHERE user_id IN :users").bindparams(
    bindparam("users", expanding=True)
)
_FIGURES = text(
    "SELECT revision, balance, count(*), count(DISTINCT movie_id), sum(clicked), sum(watched), sum(liked) FROM shown "  # noqa: S608
    f"GROUP BY revision, balance ORDER BY max(at) DESC, revision, balance LIMIT {_MOST_GROUPS}"
)
_FORGET = {
    table: text(
        f"DELETE FROM {table} WHERE ({keys}) IN "  # noqa: S608
        f"(SELECT {keys} FROM {table} WHERE at < :before{more} LIMIT {_AT_ONCE})"
    )
    for table, keys, more in (
        ("shown", "user_id, movie_id, recommendation_id", ""),
        ("events", "user_id, movie_id, type", " AND type IN ('shown', 'clicked')"),
        ("event_ids", "user_id, event_id", ""),
    )
}


def on_list(event: Event, user: str, movie: str, at: int) -> dict[str, Any] | None:
    """The row that says that the film of an event was shown on a list; None where it does not say which."""
    origin = origin_of(event.recommendation_id) if event.recommendation_id else None
    if origin is None:
        return None
    return {"user_id": user, "movie_id": movie, "recommendation_id": event.recommendation_id, "at": at} | (
        origin._asdict()
    )


def note(
    connection: Connection, shown: Collection[dict[str, Any]], films: Iterable[tuple[str, str]], least_like: float
) -> None:
    """Keep what was shown, and what became of it by the events that are on record.

    Args:
        connection: in a transaction.
        shown: rows of `on_list`.
        films: keys of users and films of which there are new events.
        least_like: the fewest stars that are a like.
    """
    if shown:
        connection.execute(_INSERT, [*shown])
    films = [*films]
    users = {user for user, _ in films}
    known = {*connection.execute(_FIND_USERS, {"users": [*users]}).scalars()} if users else ()
    if touched := [
        {"user_id": user, "movie_id": movie, "least_like": least_like} for user, movie in films if user in known
    ]:
        connection.execute(_UPDATE, touched)


def figures(connection: Connection) -> tuple[Figures, ...]:
    """The outcomes of all that is still kept, by revision and balance, the last shown first."""
    return tuple(Figures(*row) for row in connection.execute(_FIGURES))


def shown_to(connection: Connection, user_id: Id) -> list[ShownFilm]:
    """The films that were shown to a user, by time."""
    wanted = (
        select(SHOWN.c.movie_id, *(SHOWN.c[name] for name in ShownFilm._fields[1:]))
        .where(SHOWN.c.user_id == key_of(user_id))
        .order_by(SHOWN.c.at)
    )
    return [
        ShownFilm(id_of(movie), list_id, at, *map(bool, became))
        for movie, list_id, at, *became in connection.execute(wanted)
    ]


def forget(connection: Connection, before: int) -> bool:
    """Forget some of what was shown before a moment, in microseconds since 1970, and of the ids of events told before.

    Returns:
        Whether there is more.
    """
    removed = [connection.execute(statement, {"before": before}).rowcount for statement in _FORGET.values()]
    return max(removed) >= _AT_ONCE
