"""The tables. Steps of `migrations` make them; times are in microseconds since 1970, UTC."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, SmallInteger, String, Table, Text

METADATA = MetaData()

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
    sqlite_with_rowid=False,  # the events of a user lie together
)
"""The last event of each type for each user and film; ids as `key_of` spells them."""

EVENT_IDS = Table(
    "event_ids",
    METADATA,
    Column("event_id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("event_ids_of_user", "user_id"),
    Index("event_ids_by_time", "at"),
    sqlite_with_rowid=False,
)
"""Every event that was told with an id, also those that later ones have overwritten; `at` is when it was told."""

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
    sqlite_with_rowid=False,
)
"""Who told something, or was erased, by `mark_of` their ids.

`version` is another one after each change that counts for lists; `latest` is the time of the latest event.
"""
