"""A model as it is now: its catalogue with the films that came, changed or went since it was trained.

Rows of the model stay as they are; those of films that came follow them. Whatever asks for a film by its row, its id or
its title thus finds all of them, and the models are not touched.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Catalogue, Movie, TextColumn
from reelwise.data.movie_stats import MovieStats
from reelwise.data.types import Indices, Rows
from reelwise.data.vocabulary import Id, IdArray, Vocabulary

_SHARED = ("description", "folding", "fold_in_uncertainty")  # what does not depend on the catalogue


class GrownVocabulary(Vocabulary):
    """The ids of a vocabulary with others behind them, and without some that went, whose rows are left empty.

    Args:
        base: the vocabulary.
        more: other ids, in the order of their rows.
        gone: ids that are not found any more.
    """

    def __init__(self, base: Vocabulary, more: Sequence[Id], gone: Iterable[Id]) -> None:
        super().__init__(base.ids)
        self._more, self._gone = list(more), frozenset(gone)
        self._rows = {one: len(base) + place for place, one in enumerate(self._more)}

    def __len__(self) -> int:
        return super().__len__() + len(self._more)

    def __iter__(self) -> Iterator[Id]:
        return chain(super().at(slice(None)), self._more)

    def __getitem__(self, row: int) -> Id:
        """The id in that row."""
        place = row - len(self.ids)
        return self._more[place] if place >= 0 else super().__getitem__(row)

    def at(self, rows: Rows | slice) -> list[Any]:
        """The ids in those rows."""
        places = np.arange(len(self))[rows] if isinstance(rows, slice) else rows
        return [self[row] for row in places.tolist()]

    def row(self, one: object) -> int | None:
        """The row of an id; None where there is none of that value and kind, or it went."""
        if self._more or self._gone:
            try:
                if one in self._gone:
                    return None
                if (found := self._rows.get(one)) is not None:  # type: ignore[call-overload]
                    return int(found)
            except TypeError:  # cannot be an id
                return None
        return super().row(one)

    def row_ever(self, one: object) -> int | None:
        """The row of an id, also of one that went if the model has it."""
        found = self.row(one)
        return super().row(one) if found is None else found

    def rows(self, wanted: IdArray) -> Indices:
        """The row of each id in an array, -1 where there is none of that value and kind, or it went."""
        found = (self.row(one.decode() if isinstance(one, bytes) else one) for one in wanted.tolist())
        return np.array([-1 if row is None else row for row in found], np.int32)


def grow(model: Model, known: Sequence[Movie], gone: Iterable[Id], heard: dict[Id, tuple[int, float]]) -> Model:
    """A model whose catalogue is that of now.

    Args:
        model: as it was trained.
        known: films that came or changed.
        gone: ids of films that went.
        heard: how many ratings films that it has not learnt have by now, and their mean stars.
    """
    base, gone = model.catalogue, frozenset(gone)
    changed = {row: movie for movie in known if (row := base.movies.row(movie.movie_id)) is not None}
    came = [movie for movie in known if movie.movie_id not in base.movies]
    movies = GrownVocabulary(base.movies, [movie.movie_id for movie in came], gone)
    fitted = np.concatenate([model.fitted, np.zeros(len(came), np.bool_)])
    fitted[[row for one in gone if (row := base.movies.row(one)) is not None]] = False
    counts = np.concatenate([model.stats.counts, np.zeros(len(came), np.int64)])
    means = np.concatenate([model.stats.means, np.zeros(len(came))])
    for movie, (count, mean) in heard.items():
        row = movies.row(movie)
        if row is not None and not fitted[row]:
            counts[row], means[row] = count, mean
    grown = replace(
        model, catalogue=_catalogue(base, movies, changed, came), fitted=fitted, stats=MovieStats(counts, means)
    )
    grown.__dict__.update({name: getattr(model, name) for name in _SHARED})
    return grown


def _catalogue(base: Catalogue, movies: Vocabulary, changed: dict[int, Movie], came: Sequence[Movie]) -> Catalogue:
    """The films by row."""
    sets = {genres: place for place, genres in enumerate(base.genre_sets)}
    titles = base.titles.strings()
    years, genres, links = base.years.copy(), base.genres.copy(), base.links.copy()
    for row, movie in changed.items():
        titles[row], years[row] = movie.title, movie.year or 0
        genres[row] = sets.setdefault(movie.genres, len(sets))
        links[row] = movie.imdb_id or 0, movie.tmdb_id or 0
    behind = np.array([(movie.imdb_id or 0, movie.tmdb_id or 0) for movie in came], np.int64).reshape(-1, 2)
    of_came = np.array([sets.setdefault(movie.genres, len(sets)) for movie in came], np.int32)
    return Catalogue(
        movies=movies,
        titles=TextColumn.of([*titles, *(movie.title for movie in came)]),
        years=np.concatenate([years, np.array([movie.year or 0 for movie in came], np.int16)]),
        genre_sets=tuple(sets),
        genres=np.concatenate([genres, of_came]),
        links=np.concatenate([links, behind]),
        tags=base.tags,
    )
