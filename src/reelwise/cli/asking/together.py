"""`reelwise recommend --together`: films for several people at once."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reelwise.cli.asking.outlet import put_json
from reelwise.cli.asking.selection import read_films, read_titles
from reelwise.errors import UsageError

if TYPE_CHECKING:
    from reelwise.recommend.groups.request import Member
    from reelwise.recommend.groups.results import GroupRecommendation, GroupRecommendations
    from reelwise.recommend.request import Request
    from reelwise.recommend.service import Service

_MEMBER = re.compile(r"(?:(?P<name>[^:=]+):)?\s*(?P<kind>user|movies|titles|ratings)=(?P<value>.*\S.*)", re.DOTALL)
EXPECTED = (
    "user=ID, movies=ID,ID, titles='TITLE; TITLE' or ratings=FILE, with a name before it if you like: Ann: user=7"
)


def read_members(service: "Service", given: Sequence[str]) -> "list[Member]":
    """The people that `--together` names, each by one option.

    Raises:
        UsageError: Raised when one of them cannot be understood.
    """
    from reelwise.recommend.groups.request import Member

    return [Member(*_read(service, text)) for text in given]


def _read(service: "Service", text: str) -> "tuple[str, Request]":
    """The name of a member, and the request that stands for the member."""
    from reelwise.exports.reading import read_history
    from reelwise.recommend.request import Request

    found = _MEMBER.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--together is {text!r}; expected {EXPECTED}")
    kind, value = found["kind"], found["value"].strip()
    name = (found["name"] or (f"user {value}" if kind == "user" else value)).strip()
    match kind:
        case "user":
            return name, Request(user=value)
        case "movies":
            return name, Request(movies=read_films(service, "--together", value))
        case "titles":
            return name, Request(movies=read_titles(value))
        case _:
            history = service.match_history(read_history(Path(value)))
            return name, Request.for_history(history, told=False)


def show_together(found: "GroupRecommendations", as_json: bool, out: Path | None) -> None:
    """Print the films, with the predicted stars of each member; JSON to a file, if one is named."""
    from reelwise.cli.terminal import say, table

    if not found:
        say("No film matches the filters for everybody.")
    if as_json:
        put_json([_to_json(film) for film in found], out)
    elif found:
        headings = ("film", *(member.name for member in found.members), "because of", "id")
        rows = [
            (
                film.title,
                *(one.format_stars() for one in film.members),
                ", ".join(f"{one.reason.title} ({one.name})" for one in film.members if one.reason),
                str(film.movie_id),
            )
            for film in found
        ]
        table(headings, rows)


def _to_json(film: "GroupRecommendation") -> dict[str, Any]:
    members = [one._asdict() | {"reason": one.reason and asdict(one.reason)} for one in film.members]
    return film._asdict() | {"members": members}
