"""An index of erased users, who are counted every second."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the index."""
    of_erased = sa.text("erased_at IS NOT NULL")
    op.create_index("erased_users", "users", ["mark"], sqlite_where=of_erased, postgresql_where=of_erased)
