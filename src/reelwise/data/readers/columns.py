"""The columns of a table and their roles, by the names that people use, or as the user says."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from reelwise.data.readers.faults import Fault
from reelwise.errors import UsageError

Role = Literal["user", "movie", "rating", "time"]
ROLES: tuple[Role, ...] = get_args(Role)
NEEDED: tuple[Role, ...] = ("user", "movie")

ColumnNames = Mapping[str, str]
"""Names of columns by role, as the user gives them; "" where there is no such column."""

USUAL: dict[Role, tuple[str, str]] = {
    "user": (
        """user userid uid useridx userindex member memberid customer customerid reviewer reviewerid viewer viewerid
        account accountid profile profileid person personid visitor visitorid subscriber subscriberid rater raterid
        author authorid who""",
        "username nickname login handle email useremail",
    ),
    "movie": (
        """movie movieid mid film filmid item itemid iid product productid show showid titleid video videoid content
        contentid asin movieindex itemindex""",
        """title movietitle filmtitle movietitles moviename filmname itemname name imdbid imdb tconst const tmdbid
        tmdb""",
    ),
    "rating": (
        """rating ratings score scores star stars rate userrating yourrating userscore moviescore movierating
        filmrating overall grade mark vote ratingvalue starrating""",
        "value points label target weight count plays playcount watchcount views viewcount liked like",
    ),
    "time": (
        """timestamp time date datetime ratedat ratedon ratedate daterated ratingtimestamp ratingtime ratingdate ts when
        created createdat createdon unixtime unixreviewtime unixtimestamp epoch reviewtimestamp tstamp watchedat
        watcheddate datewatched viewedat viewdate eventtime eventtimestamp at""",
        "reviewtime reviewdate updated updatedat modified modifiedat lastmodified added addedat dateadded",
    ),
}
"""For each role the names that count as one, without case, blanks and punctuation: first the usual ones, then others,
which count where there is none of these."""

_WORDS: dict[str, str] = {"user": "the user", "movie": "the movie", "rating": "the stars", "time": "the time"}
_SHOWN = 12  # columns that a message lists


def find_columns(header: Sequence[str], given: ColumnNames | None) -> dict[Role, int]:
    """Find the place of each role's column in `header`; roles without a column are left out.

    Args:
        header: the names of the columns.
        given: the columns by role that the user gave; the others are recognised by their names.

    Raises:
        UsageError: Raised when there is no such role.
        Fault: Raised when users or movies have no column, a column that was given is missing, or two could be meant.
    """
    check_roles(given or {})
    found: dict[Role, int] = {}
    for role in ROLES:
        name = (given or {}).get(role)
        if name is None:
            position = find_usual(role, header, USUAL[role], set(found.values()), can_be_said=True)
        else:
            position = _find_said(name, header)
        if position is not None:
            if position in found.values():
                raise Fault(f"the column {header[position]!r} is given twice; choose another for {role}")
            found[role] = position
    missing = [role for role in NEEDED if role not in found]
    if missing:
        how = ",".join(f"{role}=NAME" for role in missing)
        raise Fault(
            f"no column for {' and '.join(_WORDS[role] for role in missing)} among {list_names(header)}; say which "
            f"with {how} (on the command line --columns {how})"
        )
    if "rating" not in found and (given or {}).get("rating") is None:
        _refuse_typing_errors(header, found)
    return found


def count_known(header: Sequence[str], given: ColumnNames | None) -> int:
    """Count the roles that have a column in `header`, as given or by a usual name."""
    plain = {plain_name(name) for name in header}
    names = given or {}
    return sum(
        plain_name(names[role]) in plain if names.get(role) else not plain.isdisjoint(" ".join(USUAL[role]).split())
        for role in ROLES
    )


def check_roles(given: ColumnNames) -> None:
    """Refuse unknown roles.

    Raises:
        UsageError: Raised when a role is unknown.
    """
    wrong = next((role for role in given if role not in ROLES), None)
    if wrong is not None:
        raise UsageError(f"there is no role {wrong!r}; expected {', '.join(ROLES)}, such as user=user_id")


def list_names(header: Sequence[str]) -> str:
    """The names of columns for a message, not too many of them."""
    shown = [name if len(name) <= 30 else f"{name[:27]}..." for name in header[:_SHOWN]]
    return ", ".join(map(repr, shown)) + (f" and {len(header) - _SHOWN} more" if len(header) > _SHOWN else "")


def find_usual(
    role: str, header: Sequence[str], usual: tuple[str, str], taken: set[int], *, can_be_said: bool = False
) -> int | None:
    """Find the column that has one of the usual names of a role; None where there is none.

    Args:
        role: of the column.
        header: the names of the columns.
        usual: see `USUAL`.
        taken: columns that have another role already.
        can_be_said: whether the user can say which column is meant, instead of renaming the others.

    Raises:
        Fault: Raised when two could be meant.
    """
    for names in map(str.split, usual):
        found = [at for at, name in enumerate(header) if plain_name(name) in names and at not in taken]
        if len(found) > 1:
            can_be_said = can_be_said and len({header[at] for at in found}) > 1
            first, names_found = header[found[0]], list_names([header[at] for at in found])
            how = f"say which with {role}={first} (on the command line --columns {role}={first})"
            raise Fault(
                f"the columns {names_found} could all be {_WORDS.get(role, role)}; "
                f"{how if can_be_said else 'rename all but one'}"
            )
        if found:
            return found[0]
    return None


def _find_said(name: str, header: Sequence[str]) -> int | None:
    """The column of that very name, or else of that name without case, blanks and punctuation; None for ""."""
    if not name:
        return None
    found = [at for at, one in enumerate(header) if one == name]
    found = found or [at for at, one in enumerate(header) if plain_name(one) == plain_name(name)]
    if not found:
        raise Fault(f"no column {name!r} among {list_names(header)}")
    if len(found) > 1:
        raise Fault(f"the column {name!r} occurs {len(found)} times; rename all but one")
    return found[0]


def _refuse_typing_errors(header: Sequence[str], found: Mapping[Role, int]) -> None:
    """Where there is no column of stars, refuse a name that is nearly a usual one, rather than leave it out."""
    usual = USUAL["rating"][0].split()
    for position, name in enumerate(header):
        if position not in found.values() and difflib.get_close_matches(plain_name(name), usual, 1, 0.8):
            raise Fault(
                f"is {name!r} the column of stars? If so, say rating={name} (--columns rating={name}); "
                "if there is none, rating= without a name"
            )


def plain_name(name: str) -> str:
    """A name without case, blanks and punctuation, and without the kind that some data sets add (`user_id:token`)."""
    return re.sub(r"[\W_]", "", re.sub(r":(token|float|token_seq|float_seq)$", "", name.strip().casefold()))
