"""A request of several people at once."""

from collections.abc import Sequence, Sized
from dataclasses import dataclass, field
from numbers import Real
from typing import NamedTuple

from reelwise.data.interactions import RatingScale
from reelwise.errors import UsageError
from reelwise.recommend.limits import MEMBERS, check_name, show
from reelwise.recommend.request import Request


class Member(NamedTuple):
    """One of the people.

    Attributes:
        name: what the answer calls this person.
        request: who that is, and which films are not to be shown for this person's sake; nothing else of it counts.
    """

    name: str
    request: Request


@dataclass(frozen=True)
class GroupRequest:
    """Several people who want to see films together, and of what kind.

    Attributes:
        members: 2 to 8 people, each with a name of their own.
        wishes: what the list should be like, and which films may be on it; who asks does not count.
        nobody_below: the fewest predicted stars of any member, on the data set's scale; by default any will do.
    """

    members: Sequence[Member]
    wishes: Request = field(default_factory=Request)
    nobody_below: float | None = None

    def check(self, scale: RatingScale) -> None:
        """Refuse what is contradictory or invalid.

        Raises:
            UsageError: Raised when it is.
        """
        check_members([member.name for member in self.members])
        self.wishes.check_list()
        low, high = scale
        least = self.nobody_below
        if least is not None and (not isinstance(least, Real) or isinstance(least, bool) or not low <= least <= high):
            raise UsageError(f"nobody_below is {show(least)}; expected stars from {low:g} to {high:g}")


def check_members(names: Sequence[str]) -> None:
    """Refuse too few members, too many, and those with the same name.

    Raises:
        UsageError: Raised when there are any.
    """
    check_size(names)
    seen: set[str] = set()
    for name in names:
        check_name(name)
        if name in seen:
            raise UsageError(f"two members are called {name!r}; give each a name of their own")
        seen.add(name)


def check_size(members: Sized) -> None:
    """Refuse too few members, or too many.

    Raises:
        UsageError: Raised when there are.
    """
    least, most = MEMBERS
    if not least <= len(members) <= most:
        raise UsageError(f"a group of {len(members)}; expected {least} to {most} members")


def name_members(given: Sequence[str | None]) -> list[str]:
    """The names that were given; "member 2" and so on where there is none."""
    return [f"member {place}" if name is None else name for place, name in enumerate(given, 1)]
