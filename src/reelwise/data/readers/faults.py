"""What is wrong in a table: told by whoever finds it, named by whoever knows which table that is."""

from collections.abc import Iterator
from contextlib import contextmanager

from reelwise.errors import DataError


class Fault(DataError):
    """Something wrong in a table, which `naming` names.

    Attributes:
        what: is wrong, and how to fix it.

    Args:
        what: likewise.
        where: the line or row, if it is one's.
    """

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.what, self._where = what, where

    def within(self, place: str) -> "Fault":
        """The same, told from further outside."""
        return Fault(self.what, f"{place} {self._where}".rstrip())


@contextmanager
def naming(place: str) -> Iterator[None]:
    """Have each `Fault` that is found meanwhile say that it is in `place`, a file or a part of one.

    Raises:
        DataError: Raised when there is one.
    """
    try:
        yield
    except Fault as fault:
        raise fault.within(place) from None
