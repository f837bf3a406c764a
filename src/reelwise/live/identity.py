"""How ids are kept: whole numbers and texts apart, and erased users by a digest alone."""

import json
from hashlib import sha256

from reelwise.data.vocabulary import LONGEST_ID, Id, is_text_id
from reelwise.errors import UsageError


def key_of(one: Id) -> str:
    """An id as JSON: 7 is `7`, and the text "7" is `"7"`."""
    return json.dumps(one, ensure_ascii=False)


def id_of(key: str) -> Id:
    """The id that `key_of` wrote."""
    found: Id = json.loads(key)
    return found


def mark_of(user_id: Id) -> str:
    """A digest of a user's id: tells whether a user was erased, and not who was. 64 hexadecimal digits."""
    return sha256(key_of(user_id).encode()).hexdigest()


def check_user_id(user_id: Id) -> Id:
    """An id that can be kept.

    Raises:
        UsageError: Raised when it is empty or too long, or holds what no database keeps.
    """
    text = str(user_id)
    if not is_text_id(text) or (isinstance(user_id, int) and user_id < 0):
        raise UsageError(
            f"user {text[:40]!r} cannot be an id; expected a whole number from 0, or 1 to {LONGEST_ID} characters"
        )
    return user_id
