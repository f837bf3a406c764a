"""The catalogue: every film of a data set, with or without ratings, by row and in columns.

Columns are plain arrays, which a server maps from files; a film becomes an object only when it is looked at.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from reelwise.data.titles import split_year
from reelwise.data.types import Bytes, Indices, Offsets, Rows
from reelwise.data.vocabulary import Id, Vocabulary

NO_GENRES = "(no genres listed)"
MOST_GENRES, MOST_COMBINATIONS = 100, 100_000
"""The most genres that a film may have, and the most combinations of genres in a catalogue."""
LONGEST_GENRE = 500
"""The most characters of a genre."""

_QUOTED = re.compile(r"""(?<![^\[({,\s])(?:"([^"]+)"|'((?:[^']|'(?=\w))+)')""")
_QUOTED_NAMES = re.compile(r"""["']name["']\s*:\s*(?:"([^"]+)"|'((?:[^']|'(?=\w))+)')""")
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

Genres = tuple[str, ...]

Tags = tuple[str, ...]
"""The tags that people give a film, most given first."""

_BETWEEN_TAGS = "\n"


class Movie(NamedTuple):
    """One film. `title` is as the data set spells it, usually with the year in brackets."""

    movie_id: Id
    title: str
    genres: Genres = ()
    imdb_id: int | None = None
    tmdb_id: int | None = None
    tags: Tags = ()

    @classmethod
    def placeholder(cls, movie_id: Id) -> Self:
        """A film of which only the id is known; a string may well be its title."""
        return cls(movie_id, movie_id if isinstance(movie_id, str) else f"Movie {movie_id}")

    @property
    def year(self) -> int | None:
        """The year at the end of the title, if there is one."""
        return split_year(self.title)[1]


@dataclass(frozen=True)
class TextColumn:
    """Strings as one run of UTF-8: string `i` is `text[offsets[i]:offsets[i + 1]]`.

    Attributes:
        offsets: int64, shape (strings + 1,).
        text: uint8.
    """

    offsets: Offsets
    text: Bytes

    @classmethod
    def of(cls, strings: Sequence[str]) -> Self:
        """The column of these strings."""
        encoded = [string.encode() for string in strings]
        offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
        return cls(offsets, np.frombuffer(b"".join(encoded), np.uint8))

    def __getitem__(self, row: int) -> str:
        """The string in that row."""
        return self.text[self.offsets[row] : self.offsets[row + 1]].tobytes().decode()

    def at(self, rows: Rows) -> list[str]:
        """The strings in those rows."""
        whole, ends = self.text.tobytes(), self.offsets[rows + 1].tolist()
        return [whole[start:stop].decode() for start, stop in zip(self.offsets[rows].tolist(), ends, strict=True)]

    def strings(self) -> list[str]:
        """All strings."""
        return self.at(np.arange(len(self.offsets) - 1))


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Films by ascending id; a film's place is its row. Two catalogues with the same films are equal.

    Attributes:
        movies: the ids.
        titles: as the data set spells them.
        years: int16, shape (movies,); of the titles, 0 where unknown.
        genre_sets: the combinations of genres that occur.
        genres: int32, shape (movies,); each film's combination.
        links: int64, shape (movies, 2); numbers at IMDb and TMDB, 0 where unknown.
        tags: those of each film, a line for each tag, most given first; None where no film has any.
    """

    movies: Vocabulary
    titles: TextColumn
    years: npt.NDArray[np.int16]
    genre_sets: tuple[Genres, ...]
    genres: Indices
    links: npt.NDArray[np.int64]
    tags: TextColumn | None = None

    @classmethod
    def of(cls, movies: Iterable[Movie]) -> Self:
        """A catalogue of `movies`, in any order.

        Raises:
            ValueError: Raised when an id is invalid (see `Vocabulary`), or occurs twice.
        """
        listed = list(movies)
        vocabulary = Vocabulary.of([movie.movie_id for movie in listed])
        if len(vocabulary) != len(listed):
            raise ValueError("two films have the same id")
        listed.sort(key=lambda movie: movie.movie_id.encode() if isinstance(movie.movie_id, str) else movie.movie_id)
        sets: dict[Genres, int] = {}
        return cls(
            movies=vocabulary,
            titles=TextColumn.of([movie.title for movie in listed]),
            years=np.array([movie.year or 0 for movie in listed], np.int16),
            genres=np.array([sets.setdefault(movie.genres, len(sets)) for movie in listed], np.int32),
            genre_sets=tuple(sets),
            links=np.array([(movie.imdb_id or 0, movie.tmdb_id or 0) for movie in listed], np.int64).reshape(-1, 2),
            tags=TextColumn.of([_BETWEEN_TAGS.join(movie.tags) for movie in listed])
            if any(movie.tags for movie in listed)
            else None,
        )

    def __len__(self) -> int:
        return len(self.movies)

    def __iter__(self) -> Iterator[Movie]:
        return map(self.movie, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Catalogue) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __contains__(self, movie_id: object) -> bool:
        return movie_id in self.movies

    def __getitem__(self, movie_id: Id) -> Movie:
        """The film with that id.

        Raises:
            KeyError: Raised when there is no such film.
        """
        row = self.movies.row(movie_id)
        if row is None:
            raise KeyError(movie_id)
        return self.movie(row)

    def get(self, movie_id: Id) -> Movie | None:
        """The film with that id, or None."""
        row = self.movies.row(movie_id)
        return None if row is None else self.movie(row)

    def movie(self, row: int) -> Movie:
        """The film in that row."""
        imdb_id, tmdb_id = self.links[row].tolist()
        return Movie(
            self.movies[row],
            self.titles[row],
            self.genre_sets[self.genres[row]],
            imdb_id or None,
            tmdb_id or None,
            self.tags_of(row),
        )

    def tags_of(self, row: int) -> Tags:
        """The tags of the film in that row; none for films after the last that has any."""
        text = self.tags[row] if self.tags and row < len(self.tags.offsets) - 1 else ""
        return tuple(text.split(_BETWEEN_TAGS)) if text else ()

    def year(self, row: int) -> int | None:
        """The year of the film in that row, if it is known."""
        return int(self.years[row]) or None

    def with_placeholders(self, rated: Vocabulary) -> "Catalogue":
        """This catalogue and, for each rated movie that has no row, a film called by its id."""
        missing = rated.at(np.flatnonzero(self.movies.rows(rated.ids) < 0))
        if not missing:
            return self
        return Catalogue.of([*self, *map(Movie.placeholder, missing)])


@cache
def split_genres(text: str) -> Genres:
    """The genres of a text such as "Comedy|Drama", "Comedy, Drama" or '["Comedy", "Drama"]', each of them once.

    There are none in an empty text and MovieLens' own "(no genres listed)".
    """
    text = _UNSHOWN.sub(" ", text).strip()
    if text == NO_GENRES:
        return ()
    if text.startswith(("[", "{", "(")):
        names = _QUOTED_NAMES.findall(text) or _QUOTED.findall(text)
        listed = [whole or other for whole, other in names] or text.strip("[]{}()").split(",")
    else:
        listed = text.split(next((mark for mark in "|;," if mark in text), "|"))
    return tuple(dict.fromkeys(filter(None, map(str.strip, listed))))


def blame_genres(genres: Genres) -> str | None:
    """Say what is wrong with the genres of a film, if anything; keywords and descriptions are not genres."""
    if len(genres) > MOST_GENRES:
        return f"the film has {len(genres):,} genres, more than {MOST_GENRES}; give it fewer"
    if max(map(len, genres), default=0) > LONGEST_GENRE:
        return f"a genre is longer than {LONGEST_GENRE} characters; separate genres by | or commas"
    return None
