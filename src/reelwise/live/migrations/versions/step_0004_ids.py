"""Ids of events are each user's own; ids of users that are too great for a number are texts, as everywhere."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_HELD = ("events", "event_ids", "shown")
_GREATEST = "9223372036854775807"
_IS_GREAT = (
    "user_id NOT LIKE '\"%' AND (length(user_id) > 19 OR (length(user_id) = 19 AND user_id > '" + _GREATEST + "'))"
)


def upgrade() -> None:
    """Copy the ids of events into a table by user, and write great ids of users as texts are written."""
    connection = op.get_bind()
    op.create_table(
        "event_ids_of_users",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO event_ids_of_users (user_id, event_id, at) SELECT user_id, event_id, at FROM event_ids")
    op.drop_table("event_ids")
    op.rename_table("event_ids_of_users", "event_ids")
    op.create_index("event_ids_by_time", "event_ids", ["at"])
    selects = (f"SELECT user_id FROM {table} WHERE {_IS_GREAT}" for table in _HELD)  # noqa: S608
    for (number,) in connection.execute(sa.text(" UNION ".join(selects))).all():
        for table in _HELD:
            _rename(connection, table, "user_id", number, f'"{number}"')
        _rename(connection, "users", "mark", *(sha256(key.encode()).hexdigest() for key in (number, f'"{number}"')))


def _rename(connection: sa.Connection, table: str, column: str, before: str, after: str) -> None:
    statement = f"UPDATE {table} SET {column} = :after WHERE {column} = :before"  # noqa: S608
    connection.execute(sa.text(statement), {"before": before, "after": after})
