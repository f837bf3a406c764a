"""Events, the ids that they were told with, and users."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "events",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("movie_id", sa.Text, primary_key=True),
        sa.Column("type", sa.String(16), primary_key=True),
        sa.Column("stars", sa.Float),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.Text),
        sa.Column("recommendation_id", sa.Text),
        sa.Column("position", sa.Integer),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event_ids",
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("event_ids_of_user", "event_ids", ["user_id"])
    op.create_table(
        "users",
        sa.Column("mark", sa.String(64), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("latest", sa.BigInteger, nullable=False),
        sa.Column("erased_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )
