"""What the reader of a site's files consists of; each site is a module with its own."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reelwise.exports.history import Row
from reelwise.exports.tables import Record, Table

ReadRecord = Callable[[Record], Iterable[Row]]
"""What a record says. Raises ValueError, with what is wrong, for one that cannot be read."""

Tell = Callable[[Sequence[Row]], list[str]]
"""In sentences, how rows were understood where that is not plain."""

Finish = Callable[[Sequence[Row]], list[Row]]
"""What a site's rows say once all of them are there."""


@dataclass(frozen=True)
class TableKind:
    """A kind of table of a site.

    Attributes:
        columns: plain names of columns, by which it is recognised; "one/other" is any of these.
        read: what each record says.
        exact: whether no other columns have a name.
        without: plain names of columns that it does not have.
        unless: whether what is in a table with these columns tells that it is none of this kind.
        notes: in sentences, what of its columns is understood where that is not plain.
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
        described: for people: the site, and what of it is understood.
        tables: the kinds of its tables, the most telling first.
        finish: what happens to all its rows in the end.
        notes: what is said of them, as they were before that.
    """

    name: str
    described: str
    tables: tuple[TableKind, ...]
    finish: Finish = list
    notes: Tell = lambda _: []
