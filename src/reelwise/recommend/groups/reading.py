"""Members of a group as Python names them: a dict for each."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reelwise.errors import UsageError
from reelwise.recommend.groups.request import Member, name_members
from reelwise.recommend.limits import show
from reelwise.recommend.naming.references import by_movie, listed
from reelwise.recommend.request import Request

_KEYS = ("name", "user", "movies", "stars", "disliked", "history")


def read_members(members: Iterable[Mapping[str, Any]], of_history: Callable[[Any], Request]) -> list[Member]:
    """The members, each with a name.

    Args:
        members: each with `user`, or `history`, or some of `movies`, `stars` and `disliked`; and perhaps a `name`.
        of_history: makes the request of somebody with a history.

    Raises:
        UsageError: Raised when one of them is invalid.
    """
    if isinstance(members, str | bytes | Mapping) or not isinstance(members, Iterable):
        raise UsageError(f"members is of type {type(members).__name__}; expected a list of dicts, one for each")
    given = [*members]
    for one in given:
        _check(one)
    names = name_members([one.get("name") for one in given])
    return [Member(name, _read(name, one, of_history)) for name, one in zip(names, given, strict=True)]


def _check(given: Any) -> None:
    if not isinstance(given, Mapping):
        raise UsageError(f"{show(given)} is not a member; expected a dict, such as {{'user': 7}}")
    unknown = next((key for key in given if key not in _KEYS), None)
    if unknown is not None:
        raise UsageError(f"a member has {show(unknown)}; choose from {', '.join(_KEYS)}")


def _read(name: str, given: Mapping[str, Any], of_history: Callable[[Any], Request]) -> Request:
    if (history := given.get("history")) is not None:
        if given.keys() - {"name", "history"}:
            raise UsageError(f"{name}: history says who it is; leave out user, movies, stars and disliked")
        return of_history(history)
    return Request(
        user=given.get("user"),
        movies=listed("movies", given.get("movies", ())),
        stars=by_movie(given.get("stars")),
        disliked=listed("disliked", given.get("disliked", ())),
    )
