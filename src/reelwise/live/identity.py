"""How ids are kept: whole numbers and texts apart, and erased users by a digest alone."""

import json
import re
from collections.abc import Set
from hashlib import sha256

from reelwise.data.vocabulary import LARGEST_ID, LONGEST_ID, Id, is_text_id
from reelwise.errors import UsageError

_NUMBER = re.compile("0|[1-9][0-9]{0,18}")


def key_of(one: Id) -> str:
    """An id as JSON: 7 is `7`, and the text "7" is `"7"`."""
    return json.dumps(one, ensure_ascii=False)


def id_of(key: str) -> Id:
    """The id that `key_of` wrote."""
    return json.loads(key) if key.startswith('"') else int(key)  # a number at a tenth of what JSON takes


def mark_of(user_id: Id) -> str:
    """A digest of a user's id: tells whether a user was erased, and not who was. 64 hexadecimal digits."""
    return sha256(key_of(user_id).encode()).hexdigest()


def is_marked(user_id: Id, marks: Set[str]) -> bool:
    """Whether a user was erased, by these marks; a number and the text that it is written as are the same here."""
    other = str(user_id) if isinstance(user_id, int) else int(user_id) if _NUMBER.fullmatch(user_id) else user_id
    return mark_of(user_id) in marks or mark_of(other) in marks


def check_user_id(user_id: Id) -> Id:
    """An id that can be kept.

    Raises:
        UsageError: Raised when it is empty, too long or too large, or holds what no database keeps.
    """
    text = str(user_id)
    if not is_text_id(text) or (isinstance(user_id, int) and not 0 <= user_id <= LARGEST_ID):
        raise UsageError(
            f"user {text[:40]!r} cannot be an id; expected a whole number from 0, or 1 to {LONGEST_ID} characters"
        )
    return user_id
