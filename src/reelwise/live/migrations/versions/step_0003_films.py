"""Films that come and go, updates of the model, and leases; ratings can be looked up by film."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "films",
        sa.Column("movie_id", sa.Text, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("genres", sa.Text, nullable=False),
        sa.Column("imdb_id", sa.BigInteger),
        sa.Column("tmdb_id", sa.BigInteger),
        sa.Column("removed", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "film_versions",
        sa.Column("movie_id", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "updates",
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("served", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("revision", sa.String(12), nullable=False),
        sa.Column("ratings", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    of_ratings = sa.text("type = 'rating'")
    op.create_index("ratings_of_film", "events", ["movie_id"], sqlite_where=of_ratings, postgresql_where=of_ratings)
