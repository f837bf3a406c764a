"""What the name of a file says of its films, where its content is the same whatever they are."""

import re
from pathlib import PurePosixPath

from reelwise.exports.history import Kind

_WORDS: dict[Kind, str] = {
    "watchlist": "watch[-_ ]?list|wish[-_ ]?list|to[-_ ]?watch|want",
    "watched": "watched|history|seen",
    "like": "like|favou?rite|loved|^films$",
}


def kind_by_name(name: str) -> Kind:
    """What a file is about by its name, or else by that of its folder: watchlist (2).csv, likes/films.csv.

    Where neither says anything, its films are on a list and no more.
    """
    path = PurePosixPath(name.casefold().replace("\\", "/"))
    stem = re.sub(r"[ _-]?\(?\d{0,9}\)?$", "", path.name.partition(".")[0])
    for part in (stem, path.parent.name):
        for kind, words in _WORDS.items():
            if re.search(words, part):
                return kind
    return "listed"
