"""What was shown on which list, and when ids of events were told, so that both can be forgotten in time."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_FLEETING = sa.text("type IN ('shown', 'clicked')")


def upgrade() -> None:
    """Make the table, and the indexes by which old rows are found."""
    op.create_table(
        "shown",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("movie_id", sa.Text, primary_key=True),
        sa.Column("recommendation_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.String(12), nullable=False),
        sa.Column("balance", sa.Float),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("clicked", sa.SmallInteger, nullable=False),
        sa.Column("watched", sa.SmallInteger, nullable=False),
        sa.Column("liked", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("shown_by_time", "shown", ["at"])
    # Of those that are there already nobody knows when they were told: they count as told now.
    op.add_column(
        "event_ids", sa.Column("at", sa.BigInteger, nullable=False, server_default=str(time.time_ns() // 1000))
    )
    op.create_index("event_ids_by_time", "event_ids", ["at"])
    op.create_index("fleeting_events", "events", ["at"], sqlite_where=_FLEETING, postgresql_where=_FLEETING)
