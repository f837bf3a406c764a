"""The steps by which the tables of older versions become those of this one (Alembic)."""
