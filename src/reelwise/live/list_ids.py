"""The ids of lists say what made the list, so that nothing need be kept of lists that nobody saw."""

import re
import secrets
from typing import NamedTuple

_FORM = re.compile(r"(?P<revision>[0-9a-f]{12})-(?P<percent>[0-9]|[1-9][0-9]|100|x)-[0-9a-f]{16}")


class Origin(NamedTuple):
    """The origin of a list: a model's revision, and the balance between well known and hidden, None where unknown."""

    revision: str
    balance: float | None


def new_list_id(revision: str, balance: float | None) -> str:
    """A new id for a list, of ASCII letters, digits and hyphens; the balance, 0 to 1, is kept in hundredths."""
    percent = "x" if balance is None else round(100 * balance)
    return f"{revision}-{percent}-{secrets.token_hex(8)}"


def origin_of(list_id: str) -> Origin | None:
    """The origin of the list with that id; None where the id is not one of ours."""
    found = _FORM.fullmatch(list_id)
    if found is None:
        return None
    percent = found["percent"]
    return Origin(found["revision"], None if percent == "x" else int(percent) / 100)
