"""The kind of a file's rows by its name, where the content does not show it."""

import re
from pathlib import PurePosixPath

from reelwise.exports.history import Kind

_PHRASES: dict[Kind, re.Pattern[str]] = {
    "watchlist": re.compile(r"\b(watch ?list|wish ?list|to ?watch|want to see)\b"),
    "watched": re.compile(r"\b(watched|seen|(watch|viewing) ?history)\b|^history$"),
    "dislike": re.compile(r"\b(dislikes?|disliked|hated|i hate)\b"),
    "like": re.compile(r"\b(likes|liked|favou?rites?|loved|i like|i love)\b|^(like|favou?rite)$"),
}
# "Not seen" does not say what was done; "most loved" is about other people.
_SAYS_NOTHING = re.compile(r"\b(no|not|never|non|dont|didnt|havent|wont|without|most)\b")
_BETWEEN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W\d_]+")


def kind_by_name(name: str) -> Kind:
    """The kind of a file's rows by its name, or else by that of its folder: watchlist (2).csv, likes/list.csv.

    Only whole words count, and of a folder its whole name. Where neither says anything, or the name says what
    the films are not, they are only listed.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    stem, folder = words_of(path.name.partition(".")[0]), words_of(path.parent.name)
    for kind, phrase in _PHRASES.items():
        if phrase.search(stem):
            return "listed" if _SAYS_NOTHING.search(stem) else kind
    if folder == "history":  # of whatever
        return "listed"
    return next((kind for kind, phrase in _PHRASES.items() if phrase.fullmatch(folder)), "listed")


def words_of(name: str) -> str:
    """The words of a name with a blank between them, without numbers: "watchList (2)" is "watch list"."""
    return _BETWEEN_WORDS.sub(" ", re.sub("['’]", "", name)).casefold().strip()
