"""Films in files, in whatever layout they come."""

import csv
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

from reelwise.data.catalogue import Catalogue, Movie, split_genres
from reelwise.data.readers.lines import quote
from reelwise.data.vocabulary import LARGEST_ID
from reelwise.errors import DataError

MOVIES_FILES = ("movies.csv", "movies.parquet", "movies.dat", "u.item")

# the order of the 0/1 flags in u.item
GENRES_OF_100K = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip


def read_movies(folder: Path) -> Catalogue:
    """The films in `folder`, with the ids of `links.csv` where there is one; empty if there is no movies file.

    A `movies.csv` with columns `imdbId` or `tmdbId` of its own needs no `links.csv`.

    Raises:
        DataError: Raised when something is wrong; it names file, line and content of the first fault.
    """
    path = next((folder / name for name in MOVIES_FILES if (folder / name).is_file()), None)
    if path is None:
        return Catalogue.of([])
    if path.suffix == ".csv":
        movies = _from_csv(path)
    elif path.suffix == ".parquet":
        movies = _from_parquet(path)
    else:
        movies = _from_dat(path) if path.suffix == ".dat" else _from_item(path)
    links = _read_links(path if _has_links(path) else folder / "links.csv")
    catalogue: dict[int, Movie] = {}
    for line, movie_id, title, genres in movies:
        if movie_id in catalogue:
            raise DataError(f"{path} line {line}: movieId {movie_id} stands here a second time; ids must be unique")
        catalogue[movie_id] = Movie(movie_id, title, genres, *links.get(movie_id, (None, None)))
    return Catalogue.of(catalogue.values())


MovieLine = tuple[int, int, str, tuple[str, ...]]  # line, movieId, title, genres


def _from_csv(path: Path) -> Iterator[MovieLine]:
    for line, (movie_id, title, genres) in _csv_columns(path, ("movieId", "title", "genres")):
        yield line, _id(path, line, movie_id), title.strip(), split_genres(genres)


def _from_parquet(path: Path) -> Iterator[MovieLine]:
    import polars as pl

    try:
        frame = pl.read_parquet(path, columns=["movieId", "title", "genres"])
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path}: cannot be read as movieId, title, genres ({str(error).splitlines()[0]})") from None
    for row, (movie_id, title, genres) in enumerate(frame.iter_rows(), start=1):
        yield row, _id(path, row, str(movie_id)), str(title).strip(), split_genres(genres or "")


def _from_dat(path: Path) -> Iterator[MovieLine]:
    raw = path.read_bytes()
    try:  # 10M is UTF-8, 1M is Latin-1
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split("::")
        if len(fields) != 3:
            raise DataError(f"{path} line {number}: {len(fields)} fields instead of 3 in {quote(line)}")
        yield number, _id(path, number, fields[0]), fields[1].strip(), split_genres(fields[2])


def _from_item(path: Path) -> Iterator[MovieLine]:
    width = 5 + len(GENRES_OF_100K)
    for number, line in enumerate(path.read_text("latin-1").splitlines(), start=1):
        fields = line.split("|")
        if len(fields) != width:
            raise DataError(f"{path} line {number}: {len(fields)} fields instead of {width} in {quote(line)}")
        flags = zip(GENRES_OF_100K, fields[5:], strict=True)
        genres = tuple(genre for genre, flag in flags if flag == "1" and genre != "unknown")
        yield number, _id(path, number, fields[0]), fields[1].strip(), genres


def _has_links(path: Path) -> bool:
    """Whether the films have links beside their titles."""
    if path.suffix != ".csv":
        return False
    with path.open("rb") as file:
        return not {b"imdbId", b"tmdbId"}.isdisjoint(file.readline().strip().split(b","))


def _read_links(path: Path) -> dict[int, tuple[int | None, int | None]]:
    """MovieId → imdbId, tmdbId."""
    if not path.is_file():
        return {}
    return {
        _id(path, line, movie_id): (_link(path, line, imdb_id), _link(path, line, tmdb_id))
        for line, (movie_id, imdb_id, tmdb_id) in _csv_columns(path, ("movieId",), ("imdbId", "tmdbId"))
    }


def _csv_columns(
    path: Path, names: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line number and the named fields of each line of a CSV file; an optional one that is not there is ""."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        try:
            header = next(rows, [])
            missing = [name for name in names if name not in header]
            if missing:
                raise DataError(
                    f"{path} line 1: no column {' or '.join(missing)} in the header {quote(','.join(header))}; "
                    f"expected {','.join(names)}"
                )
            last = len(header)  # each row gets an empty field more
            wanted = itemgetter(*(header.index(name) if name in header else last for name in (*names, *optional)))
            for row in rows:
                if not row:
                    continue
                if len(row) != len(header):
                    raise DataError(
                        f"{path} line {rows.line_num}: {len(row)} fields instead of {len(header)} in "
                        f"{quote(','.join(row))}"
                    )
                yield rows.line_num, wanted([*row, ""])
        except UnicodeDecodeError:
            raise DataError(f"{path}: not UTF-8 text after line {rows.line_num}; save the file as UTF-8") from None
        except csv.Error as error:
            raise DataError(f"{path} line {rows.line_num}: {error}") from None


def _id(path: Path, line: int, text: str) -> int:
    number = _number(text)
    if number is not None and 1 <= number <= LARGEST_ID:
        return number
    raise DataError(f"{path} line {line}: movieId is {quote(text)}, not a number from 1 to {LARGEST_ID}")


def _link(path: Path, line: int, text: str) -> int | None:
    if not text:
        return None
    number = _number(text.removesuffix(".0"))  # what pandas makes of a column with gaps
    if number is None:
        raise DataError(f"{path} line {line}: a link is {quote(text)}, not a number")
    return number or None


def _number(text: str) -> int | None:
    """A whole number from 0 that fits into 64 bits; None if that is not what it is."""
    return int(text) if text.isdecimal() and len(text) < 19 else None
