"""The catalogue: every film of a data set, with or without ratings.

Kept as columns and read with the standard library alone, because the server reads it at each start.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple, Self, TextIO

import numpy as np

from reelwise.data.ratings import Ids

COLUMNS = ("movieId", "title", "genres", "imdbId", "tmdbId")
NO_GENRES = "(no genres listed)"
_YEAR = re.compile(r"\((\d{4})(?:[-–]\d{0,4})?\)\s*$")


class Movie(NamedTuple):
    """One film. `title` is as the data set spells it, usually with the year in brackets."""

    movie_id: int
    title: str
    genres: tuple[str, ...] = ()
    imdb_id: int | None = None
    tmdb_id: int | None = None

    @property
    def year(self) -> int | None:
        """The year at the end of the title, if there is one."""
        found = _YEAR.search(self.title)
        return int(found.group(1)) if found else None


@dataclass(frozen=True)
class Catalogue:
    """Films by ascending id. Two catalogues with the same films are equal."""

    movies: tuple[Movie, ...] = field(default=())

    @classmethod
    def of(cls, movies: Iterable[Movie]) -> Self:
        """A catalogue of `movies`, in any order."""
        return cls(tuple(sorted(movies, key=lambda movie: movie.movie_id)))

    @cached_property
    def _by_id(self) -> dict[int, Movie]:
        return {movie.movie_id: movie for movie in self.movies}

    def __len__(self) -> int:
        return len(self.movies)

    def __iter__(self) -> Iterator[Movie]:
        return iter(self.movies)

    def __contains__(self, movie_id: object) -> bool:
        return movie_id in self._by_id

    def __getitem__(self, movie_id: int) -> Movie:
        """The film with that id.

        Raises:
            KeyError: if there is none.
        """
        return self._by_id[movie_id]

    def get(self, movie_id: int) -> Movie | None:
        """The film with that id, or None."""
        return self._by_id.get(movie_id)

    def with_placeholders(self, rated_ids: Ids) -> "Catalogue":
        """This catalogue and, for each rated id that has no row, a film called "Movie 123"."""
        missing = [int(movie_id) for movie_id in rated_ids if int(movie_id) not in self]
        return Catalogue.of([*self, *(Movie(movie_id, f"Movie {movie_id}") for movie_id in missing)])

    def ids(self) -> Ids:
        """All ids, ascending; int64."""
        return np.fromiter((movie.movie_id for movie in self), np.int64, len(self))


@lru_cache(maxsize=4096)  # many films have the same genres, and share one tuple
def split_genres(text: str) -> tuple[str, ...]:
    """`"Comedy|Drama"` as a tuple; nothing for an empty field or MovieLens' own "(no genres listed)"."""
    return () if text in ("", NO_GENRES) else tuple(text.split("|"))


def write_catalogue(catalogue: Catalogue, file: TextIO) -> None:
    """Write `catalogue` as CSV with the columns `movieId,title,genres,imdbId,tmdbId`."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for movie in catalogue:
        genres = "|".join(movie.genres) or NO_GENRES
        writer.writerow((movie.movie_id, movie.title, genres, movie.imdb_id or "", movie.tmdb_id or ""))


def read_catalogue(path: Path) -> Catalogue:
    """Read what `write_catalogue` wrote.

    Raises:
        ValueError: if a line is not as written.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        if tuple(next(rows, ())) != COLUMNS:
            raise ValueError(f"the first line is not {','.join(COLUMNS)}")
        return Catalogue(tuple(_movie(rows.line_num, row) for row in rows))


def _movie(line: int, row: list[str]) -> Movie:
    try:
        movie_id, title, genres, imdb_id, tmdb_id = row
        return Movie(int(movie_id), title, split_genres(genres), int(imdb_id or 0) or None, int(tmdb_id or 0) or None)
    except ValueError as error:
        raise ValueError(f"line {line} is not a film: {','.join(row)[:80]!r}") from error
