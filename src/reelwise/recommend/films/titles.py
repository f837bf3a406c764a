"""Searching the titles of a model's films and of those that came or changed since, which have an index of their own."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from reelwise.artifacts.title_index import write_title_index
from reelwise.recommend.naming.title_search import Hit, TitleSearch
from reelwise.storage.working_folders import working_folder


class AllTitles(TitleSearch):
    """All titles, ready to be searched. Safe to share between threads.

    Args:
        path: the title index of the model.
        films: the number of films that it was made of.
        more: rows and titles of films that came, or are called otherwise since.
        gone: rows of films that are not found any more.
    """

    def __init__(self, path: Path, films: int, more: Sequence[tuple[int, str]], gone: Collection[int]) -> None:
        super().__init__(path, films)
        self._rows, self._gone = [row for row, _ in more], frozenset(gone)
        with working_folder("reelwise-scratch-") as folder:  # the index stays readable
            index = folder / path.name
            write_title_index(index, [title for _, title in more], np.zeros(len(more), np.int64))
            self._more = TitleSearch(index, len(more))

    def close(self) -> None:
        """Close both indexes."""
        self._more.close()
        super().close()

    def search(self, query: str, limit: int = 10, *, as_typed: bool = False) -> list[Hit]:
        """The films whose names fit the query, best first."""
        found = super().search(query, limit + len(self._gone), as_typed=as_typed)
        found += [Hit(self._rows[hit.row], hit.score) for hit in self._more.search(query, limit, as_typed=as_typed)]
        best: dict[int, float] = {}
        for row, score in sorted(found, key=lambda hit: (-hit.score, hit.row)):
            if row not in self._gone:
                best.setdefault(row, score)
        return [Hit(row, score) for row, score in list(best.items())[:limit]]

    def called(self, text: str) -> list[int]:
        """The rows of the films with a name that is `text`, in plain form, up to an article or blanks."""
        return self._joined(super().called(text), self._more.called(text))

    def called_any(self, names: Collection[str]) -> dict[str, list[tuple[str, int]]]:
        """The films with a name that is any of these up to an article: by that name, their own names and rows."""
        films, more = super().called_any(names), self._more.called_any(names)
        for name, found in more.items():
            films.setdefault(name, []).extend((own, self._rows[place]) for own, place in found)
        return {
            name: kept
            for name, found in films.items()
            if (kept := [film for film in dict.fromkeys(found) if film[1] not in self._gone])
        }

    def frequency(self, word: str) -> int:
        """The number of times that a word is in a name."""
        return super().frequency(word) + self._more.frequency(word)

    def _joined(self, rows: list[int], more: list[int]) -> list[int]:
        found = dict.fromkeys([*rows, *(self._rows[place] for place in more)])
        return [row for row in found if row not in self._gone]
