"""The parts of a reader of a site's files; each site has a module."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reelwise.exports.history import Row
from reelwise.exports.tables import Record, Table

ReadRecord = Callable[[Record], Iterable[Row]]
"""Reads the rows of a record. Raises ValueError, with what is wrong, where it cannot be read."""

Tell = Callable[[Sequence[Row]], list[str]]
"""Writes sentences about how rows were understood, where that is not obvious."""

Finish = Callable[[Sequence[Row]], list[Row]]
"""Finishes the rows of a site once all of them are read."""


@dataclass(frozen=True)
class TableKind:
    """A kind of table of a site.

    Attributes:
        columns: names, as `plain_column` writes them, of columns by which it is recognised; "one/other" is any of them.
        read: reads a record.
        exact: whether there must be no other columns with a name.
        without: names of columns that it must not have.
        unless: whether the content of a table with these columns shows that it is of another kind.
        notes: writes sentences about how its columns were understood, where that is not obvious.
    """

    columns: tuple[str, ...]
    read: ReadRecord
    exact: bool = False
    without: tuple[str, ...] = ()
    unless: Callable[[Table], bool] | None = None
    notes: Callable[[Sequence[str]], list[str]] = lambda _: []

    def fits(self, columns: Sequence[str]) -> bool:
        """Whether a table with these columns is of this kind."""
        if self.exact and sum(map(bool, columns)) != len(self.columns):
            return False
        if not set(self.without).isdisjoint(columns):
            return False
        return all(not set(names.split("/")).isdisjoint(columns) for names in self.columns)


@dataclass(frozen=True)
class Site:
    """A site, and the tables that it exports.

    Attributes:
        name: for programs.
        described: for people: the site, and its files that are read.
        tables: the kinds of its tables, the most specific first.
        finish: finishes all its rows.
        notes: writes sentences about them, as they were before that.
    """

    name: str
    described: str
    tables: tuple[TableKind, ...]
    finish: Finish = list
    notes: Tell = lambda _: []
