"""Bringing the tables of a store up to date."""

from pathlib import Path

from sqlalchemy import Connection, inspect, select, table
from sqlalchemy import column as named

from reelwise.errors import StoreError

NEWEST = "0005"
"""The last step that this version knows."""

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, target: str = NEWEST) -> None:
    """Take the steps that this store has not seen, in the transaction that is open; others must be locked out.

    Args:
        connection: in a transaction.
        target: the last step to take.

    Raises:
        StoreError: Raised when a newer version of Reelwise made the store.
    """
    found = _version(connection)
    if found == NEWEST:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":  # a step may copy a table, which takes longer than any answer may
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    try:
        command.upgrade(config, target)
    except CommandError:
        raise StoreError(
            f"a newer version of Reelwise made this live store (its schema is {found}, and the newest known here is "
            f"{NEWEST}); serve it with that version"
        ) from None


def _version(connection: Connection) -> str | None:
    """The last step that the store has seen; None for a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(select(named("version_num")).select_from(table("alembic_version"))).scalar()
