"""How much may be asked for at once: the limits, and their messages, of HTTP, the command line and Python."""

from collections.abc import Sized
from numbers import Integral, Real
from typing import Any, get_args

import numpy as np

from reelwise.data.catalogue import LONGEST_GENRE
from reelwise.data.vocabulary import LONGEST_ID
from reelwise.errors import UsageError

MOST_FILMS = 100  # in a list that is asked for
MOST_FOUND = 50  # by a search
MOST_RATED = 1000  # films of a user's history, over HTTP at a time
MOST_PICKS = 20  # liked films, or disliked ones
MOST_STARS = 2000  # films to which one person gives stars
MOST_EXCLUDED = 5000
MOST_CANDIDATES = 5000  # films to choose from
MOST_PREDICTED = 2000
MOST_RESOLVED = 200
MOST_GENRES = 50
MOST_RATINGS = 2**31 - 1
LARGEST_NUMBER = 2**31 - 1  # that is the id of a film or a user over HTTP
MEMBERS = (2, 8)  # of a group
LONGEST_NAME = 100  # characters
LONGEST_TITLE = 200
YEARS = (1800, 2200)

WHO = "name either a user, or at least one film"


def check_n(n: object) -> None:
    """Refuse a number of films that no list can have.

    Raises:
        UsageError: Raised when it is invalid; it says what is expected, here and below.
    """
    check_whole("n", n, 1, MOST_FILMS)


def check_whole(name: str, value: object, least: int, most: int | None = None) -> None:
    """Refuse anything but a whole number from `least`, up to `most` if that is given."""
    if isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= (most or int(value)):
        return
    expected = f"{least} or more" if most is None else f"{least} to {most}"
    raise UsageError(f"{name} is {show(value)}; expected a whole number, {expected}")


def check_year(name: str, value: object) -> None:
    """Refuse anything but a year."""
    try:
        check_whole(name, value, *YEARS)
    except UsageError:
        raise UsageError(f"{name} is {show(value)}; expected a year from {YEARS[0]} to {YEARS[1]}") from None


def check_share(name: str, value: object) -> None:
    """Refuse anything but a number from 0 to 1."""
    number: Any = value  # may be a whole number that is too large for a float
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 <= number <= 1:
        raise UsageError(f"{name} is {show(value)}; expected a number from 0 to 1")


def check_choice(name: str, value: object, known: Any) -> None:
    """Refuse anything but one of the words of a `Literal`, or None."""
    if value is not None and not (isinstance(value, str) and value in get_args(known)):
        raise UsageError(f"{name} is {show(value)}; expected {' or '.join(get_args(known))}")


def check_genres(name: str, genres: Any) -> None:
    """Refuse what cannot be names of genres."""
    fit = isinstance(genres, list | tuple | set | frozenset)
    if not fit or not all(isinstance(one, str) and 1 <= len(one) <= LONGEST_GENRE for one in genres):
        raise UsageError(
            f"{name} is {show(genres)}; expected names of genres, such as ('Crime', 'Drama'), each of up to "
            f"{LONGEST_GENRE} characters"
        )
    check_count(name.replace("_", " "), genres, MOST_GENRES)


def check_count(what: str, values: object, most: int, least: int = 0) -> None:
    """Refuse more values than may be named at once, or too few."""
    if not isinstance(values, Sized):
        return
    if len(values) > most:
        raise UsageError(f"{len(values):,} {what} are too many; name up to {most:,}")
    if len(values) < least:
        raise UsageError("name at least one film")


def check_candidates(only: object) -> None:
    """Refuse no films to choose from, or too many; None stands for all."""
    if isinstance(only, Sized) and not len(only):
        raise UsageError("only is empty; name the films to choose from, or leave it out")
    check_count("films to choose from", only, MOST_CANDIDATES)


def check_text(name: str, text: object, least: int = 0) -> None:
    """Refuse what cannot be a title, or is too long for one."""
    if not isinstance(text, str) or not least <= len(text) <= LONGEST_TITLE:
        is_long = isinstance(text, str) and len(text) > LONGEST_TITLE
        shown = f"a string of {len(str(text)):,} characters" if is_long else show(text)
        raise UsageError(f"{name} is {shown}; expected a title, or how one begins, of up to {LONGEST_TITLE} characters")


def check_name(name: object) -> None:
    """Refuse what cannot be the name of a member of a group."""
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME:
        shown = f"a string of {len(name):,} characters" if isinstance(name, str) else show(name)
        raise UsageError(f"the name of a member is {shown}; expected 1 to {LONGEST_NAME} characters")


def check_id_text(text: object) -> None:
    """Refuse a string that cannot be an id."""
    if isinstance(text, str) and not 1 <= len(text) <= LONGEST_ID:
        raise UsageError(f"an id is a string of {len(text):,} characters; expected 1 to {LONGEST_ID} characters")


def show(value: object) -> str:
    """A value as a message quotes it: NumPy's numbers as Python's own; its type where it cannot say what it is."""
    try:
        return repr(value.item() if isinstance(value, np.generic) else value)
    except Exception:  # noqa: BLE001 - a number of thousands of digits, or a class of the caller's own
        return f"of type {type(value).__name__}"
