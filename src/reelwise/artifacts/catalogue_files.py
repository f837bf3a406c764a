"""The catalogue in a model folder: `movies_….npy` and `movies.json`, opened and not built at load."""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from reelwise.artifacts.config import Part, Text
from reelwise.data.catalogue import MOST_COMBINATIONS, MOST_GENRES, Catalogue, TextColumn
from reelwise.data.vocabulary import Vocabulary
from reelwise.errors import ModelError
from reelwise.storage.arrays import ArrayFolder, check_offsets
from reelwise.storage.json_files import read_json, validate

GENRES_FILE = "movies.json"
_LARGEST = 16 << 20  # bytes of that file


class _Genres(Part):
    genre_sets: Annotated[
        list[Annotated[list[Text], Field(max_length=MOST_GENRES)]], Field(max_length=MOST_COMBINATIONS)
    ]


def write_catalogue(arrays: ArrayFolder, catalogue: Catalogue) -> None:
    """Write the films to a model folder; their ids are `movie_ids.npy`."""
    arrays.write("movie_ids", catalogue.movies.ids)
    arrays.write("movies_title_offsets", catalogue.titles.offsets)
    arrays.write("movies_titles", catalogue.titles.text)
    if catalogue.tags is not None:
        arrays.write("movies_tag_offsets", catalogue.tags.offsets)
        arrays.write("movies_tags", catalogue.tags.text)
    arrays.write("movies_years", catalogue.years)
    arrays.write("movies_genres", catalogue.genres)
    arrays.write("movies_links", catalogue.links)
    content = json.dumps({"genre_sets": catalogue.genre_sets}, ensure_ascii=False)
    (arrays.folder / GENRES_FILE).write_text(content + "\n", encoding="utf-8")


def read_catalogue(arrays: ArrayFolder) -> Catalogue:
    """The films of a model folder, mapped.

    Raises:
        ModelError: Raised when a file is missing or invalid; it names the file and what is wrong.
    """
    movies = Vocabulary.load(arrays, "movie_ids")
    count = len(movies)
    titles = _read_texts(arrays, "movies_title_offsets", "movies_titles", count)
    tags = ("movies_tag_offsets", "movies_tags")
    has_tags = any(name in arrays for name in tags)
    path = arrays.folder / GENRES_FILE
    sets = validate(_Genres, path, read_json(path, _LARGEST)).genre_sets
    genres = arrays.read("movies_genres", "<i4", (count,))
    if count and not 0 <= genres.min() <= genres.max() < len(sets):
        raise ModelError(f"{arrays.path('movies_genres')}: holds an index outside 0 to {len(sets) - 1}")
    links = arrays.read("movies_links", "<i8", (count, 2))
    if count and links.min() < 0:
        raise ModelError(f"{arrays.path('movies_links')}: holds a negative number")
    return Catalogue(
        movies,
        titles,
        arrays.read("movies_years", "<i2", (count,)),
        tuple(map(tuple, sets)),
        genres,
        links,
        _read_texts(arrays, *tags, count) if has_tags else None,
    )


def _read_texts(arrays: ArrayFolder, offsets: str, texts: str, count: int) -> TextColumn:
    column = TextColumn(arrays.read(offsets, "<i8", (count + 1,)), arrays.read(texts, "|u1", (None,)))
    check_offsets(arrays.path(offsets), column.offsets, len(column.text))
    if not arrays.checked:
        _check_text(arrays.path(texts), column)
    return column


def _check_text(path: Path, column: TextColumn) -> None:
    """Refuse text that is not UTF-8, or is cut within a character."""
    starts = column.offsets[:-1][column.offsets[:-1] < len(column.text)]
    try:
        column.text.tobytes().decode()
    except UnicodeDecodeError:
        raise ModelError(f"{path}: not UTF-8 text") from None
    if ((column.text[starts] & np.uint8(0xC0)) == 0x80).any():
        raise ModelError(f"{path}: a text begins within a character")
