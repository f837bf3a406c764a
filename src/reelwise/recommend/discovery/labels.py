"""What groups of films are called. Whoever translates the names translates `labels.json` and nothing else."""

import json
from importlib import resources
from typing import Any, NamedTuple

_WORDS: dict[str, dict[str, Any]] = json.loads((resources.files(__package__) / "labels.json").read_text("utf-8"))


class Label(NamedTuple):
    """What the films of a group have in common.

    Attributes:
        genres: one or two, as the data set spells them.
        first: the first year of the first decade; None if there is no first one.
        last: the first year of the last decade; None if the films are of all times.
    """

    genres: tuple[str, ...]
    first: int | None = None
    last: int | None = None

    def in_words(self, language: str = "en") -> str:
        """A name such as "Science fiction and thrillers of the 1990s"; in English where the language is not known."""
        words = _WORDS.get(language, _WORDS["en"])
        one = [words["kinds"].get(genre, genre.lower()) for genre in self.genres]
        kinds = words["pairs"].get(" ".join(sorted(self.genres))) or words["and"].join(one)
        kinds = f"{kinds[:1].upper()}{kinds[1:]}"
        if self.last is None:
            return kinds
        when = "before" if self.first is None else "decade" if self.first == self.last else "decades"
        filled: str = words[when].format(kinds=kinds, first=self.first, last=self.last)
        return filled
