"""The statements about updates of the model: what there is to learn, and what came of earlier ones."""

import time
from collections.abc import Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from sqlalchemy import Connection, Row, insert, select, text

from reelwise.data.vocabulary import Id
from reelwise.live.identity import id_of
from reelwise.live.schema import UPDATES

if TYPE_CHECKING:
    from reelwise.live.store import Store

UpdateOutcome = Literal["promoted", "nothing new", "refused", "failed", "rolled back"]

_PAGE = 50_000  # ratings that are read at a time, so that no statement takes long

_RATINGS_AFTER = text(
    "SELECT user_id, movie_id, stars, at FROM events WHERE type = 'rating' AND (user_id, movie_id) > (:user, :movie) "
    "ORDER BY user_id, movie_id LIMIT :most"
)
_COUNTS = text(
    "SELECT movie_id, count(*) AS ratings FROM events WHERE type = 'rating' AND stars IS NOT NULL GROUP BY movie_id"
)


class ToldRatings(NamedTuple):
    """The last rating of each film by each user, as parallel columns.

    Attributes:
        users: who.
        movies: which film.
        stars: on the data set's scale; None where the rating was taken back.
        at: when, as `Event` has it.
    """

    users: list[Id]
    movies: list[Id]
    stars: list[float | None]
    at: list[int]


class Update(NamedTuple):
    """The outcome of an update, or of taking one back.

    Attributes:
        served: the revision that was served before.
        outcome: what came of it.
        revision: the revision that is served since: the same where the new one was refused.
        ratings: how many ratings the store had.
        detail: why, in a sentence.
        at: when, in microseconds since 1970; 0 for now.
    """

    served: str
    outcome: UpdateOutcome
    revision: str
    ratings: int
    detail: str
    at: int = 0


def told_ratings(store: "Store") -> ToldRatings:
    """The last rating of each film by each user.

    Raises:
        StoreError: Raised when the store cannot be asked.
    """
    told, read = ToldRatings([], [], [], []), cache(id_of)
    after = {"user": "", "movie": ""}
    while page := store.ask(partial(_page, after=after)):
        users, movies, stars, at = zip(*page, strict=True)
        told.users.extend(map(read, users))
        told.movies.extend(map(read, movies))
        told.stars.extend(stars)
        told.at.extend(at)
        after = {"user": users[-1], "movie": movies[-1]}
    return told


def _page(connection: Connection, after: dict[str, str]) -> Sequence[Row[tuple[str, str, float | None, int]]]:
    return connection.execute(_RATINGS_AFTER, {**after, "most": _PAGE}).all()


def count_ratings(connection: Connection) -> dict[Id, int]:
    """How many ratings the store has of each film."""
    return {id_of(key): int(count) for key, count in connection.execute(_COUNTS)}


def last_update(connection: Connection, revision: str) -> Update | None:
    """The last update after which the model of that revision was served; None where there was none."""
    wanted = select(UPDATES).where(UPDATES.c.revision == revision).order_by(UPDATES.c.at.desc()).limit(1)
    found = connection.execute(wanted).one_or_none()
    if found is None:
        return None
    at, served, outcome, after, ratings, detail = found
    return Update(served, outcome, after, ratings, detail, at)


def note(connection: Connection, update: Update) -> None:
    """Remember what came of an update."""
    latest = connection.execute(text("SELECT max(at) FROM updates")).scalar() or 0
    at = max(update.at or time.time_ns() // 1000, latest + 1)
    connection.execute(insert(UPDATES).values({**update._asdict(), "at": at}))
