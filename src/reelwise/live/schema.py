"""The tables. Steps of `migrations` make them; times are in microseconds since 1970, UTC."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, SmallInteger, String, Table, Text, text

METADATA = MetaData()

_OF_RATINGS = text("type = 'rating'")
_OF_ERASED = text("erased_at IS NOT NULL")

EVENTS = Table(
    "events",
    METADATA,
    Column("user_id", Text, primary_key=True),
    Column("movie_id", Text, primary_key=True),
    Column("type", String(16), primary_key=True),
    Column("stars", Float),
    Column("at", BigInteger, nullable=False),
    Column("event_id", Text),
    Column("recommendation_id", Text),
    Column("position", Integer),
    Index("ratings_of_film", "movie_id", sqlite_where=_OF_RATINGS, postgresql_where=_OF_RATINGS),
    sqlite_with_rowid=False,  # the events of a user lie together
)
"""The last event of each type for each user and film; ids as `key_of` spells them."""

EVENT_IDS = Table(
    "event_ids",
    METADATA,
    Column("user_id", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index("event_ids_by_time", "at"),
    sqlite_with_rowid=False,
)
"""Every event that was sent with an id, also those that later ones have overwritten; `at` is when it was sent."""

SHOWN = Table(
    "shown",
    METADATA,
    Column("user_id", Text, primary_key=True),
    Column("movie_id", Text, primary_key=True),
    Column("recommendation_id", Text, primary_key=True),
    Column("revision", String(12), nullable=False),
    Column("balance", Float),
    Column("at", BigInteger, nullable=False),
    Column("clicked", SmallInteger, nullable=False),
    Column("watched", SmallInteger, nullable=False),
    Column("liked", SmallInteger, nullable=False),
    Index("shown_by_time", "at"),
    sqlite_with_rowid=False,
)
"""Which films a user saw on which list, that list's model and balance, and what became of it within a week: 0 or 1."""

USERS = Table(
    "users",
    METADATA,
    Column("mark", String(64), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("latest", BigInteger, nullable=False),
    Column("erased_at", BigInteger),
    Index("erased_users", "mark", sqlite_where=_OF_ERASED, postgresql_where=_OF_ERASED),
    sqlite_with_rowid=False,
)
"""The users who sent events or were erased, by `mark_of` their ids.

`version` is another one after each change that counts for lists; `latest` is the time of the latest event.
"""

FILMS = Table(
    "films",
    METADATA,
    Column("movie_id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("genres", Text, nullable=False),
    Column("imdb_id", BigInteger),
    Column("tmdb_id", BigInteger),
    Column("removed", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Films that came, changed or went since the model was trained; `genres` is a JSON list, `removed` 1 or 0."""

FILM_VERSIONS = Table(
    "film_versions",
    METADATA,
    Column("movie_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Of each film of `films`, and of others that the model has not learnt: another version after each change of the film
or of its ratings. The empty id stands for all of them, `ratings` for all of these ratings."""

UPDATES = Table(
    "updates",
    METADATA,
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("served", String(12), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("revision", String(12), nullable=False),
    Column("ratings", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""The outcomes of updates of the model `served`: the model served since, how many ratings were here, and why."""

LEASES = Table(
    "leases",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("until", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Leases: what only one process may do at a time, and until when it may."""
