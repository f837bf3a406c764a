"""Faults of a table: raised where they are found, and named where the table's file is known."""

from collections.abc import Iterator
from contextlib import contextmanager

from reelwise.errors import DataError


class Fault(DataError):
    """A fault of a table, to which `naming` adds the file.

    Attributes:
        what: what is wrong, and how to fix it.

    Args:
        what: likewise.
        where: the line or row, if it concerns one.
    """

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.what, self._where = what, where

    def within(self, place: str) -> "Fault":
        """The same fault, with the place that it is in."""
        return Fault(self.what, f"{place} {self._where}".strip())


@contextmanager
def naming(place: str) -> Iterator[None]:
    """Have each `Fault` that is raised in the block say that it is in `place`, a file or a part of one.

    Raises:
        DataError: Raised when there is one.
    """
    try:
        yield
    except Fault as fault:
        raise fault.within(place) from None
