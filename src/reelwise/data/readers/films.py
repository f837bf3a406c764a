"""Films in files and frames, in whatever layout they come."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from reelwise.data.catalogue import Catalogue, Genres, Movie, split_genres
from reelwise.data.readers.columns import find_usual, list_names, plain_name
from reelwise.data.readers.frames import list_columns, take_columns
from reelwise.data.readers.lines import EXACT, MISSING, quote, split_fields
from reelwise.data.readers.text import SEPARATORS, first_line, open_text, read_records
from reelwise.data.vocabulary import LARGEST_ID, LONGEST_ID, Id, Vocabulary
from reelwise.errors import DataError

MOVIES_FILES = ("movies.csv", "movies.parquet", "movies.dat", "u.item", "movies.csv.gz", "movies.tsv")

# the order of the 0/1 flags in u.item
GENRES_OF_100K = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip

Role = Literal["movie", "title", "genres", "imdb", "tmdb", "year"]
ROLES: tuple[Role, ...] = get_args(Role)

# as `columns.USUAL`: names that count for each role, without case, blanks and punctuation
_USUAL: dict[Role, tuple[str, str]] = {
    "movie": (
        """movie movieid mid film filmid item itemid iid id product productid show showid titleid video videoid
        content contentid asin""",
        "imdbid imdb tconst const tmdbid tmdb",
    ),
    "title": ("title movietitle filmtitle name moviename filmname itemname primarytitle", "originaltitle"),
    "genres": ("genres genre categories category", ""),
    "imdb": ("imdbid imdb imdbtitleid tconst const", ""),
    "tmdb": ("tmdbid tmdb themoviedbid", ""),
    "year": ("year releaseyear startyear", ""),
}

_YEAR_AT_END = re.compile(r"\(\d{4}(?:[-–]\d{0,4})?\)$")
_IMDB = re.compile(r"\btt0*(\d+)")


class _Row(NamedTuple):
    """A film as text: where it stands, and its values by role, "" where there is none."""

    place: str
    values: Mapping[Role, str]


def read_movies(folder: Path) -> Catalogue:
    """The films in `folder`, with the ids of `links.csv` where there is one; empty if there is no movies file.

    A movies file with ids of IMDb or TMDB of its own needs no `links.csv`.

    Raises:
        DataError: Raised when something is wrong; it names file, line and content of the first fault.
    """
    path = find_movies(folder)
    if path is None:
        return Catalogue.of([])
    rows = list(_read_rows(path))
    links = folder / "links.csv"
    if links.is_file() and not any("imdb" in row.values or "tmdb" in row.values for row in rows[:1]):
        return _assemble(rows, _read_links(links))
    return _assemble(rows, {})


def find_movies(folder: Path) -> Path | None:
    """The file of films in `folder`, if there is one."""
    return next((folder / name for name in MOVIES_FILES if (folder / name).is_file()), None)


def read_films_frame(frame: Any, place: str) -> Catalogue:
    """The films in a frame with a row for each: columns of their ids and titles and perhaps genres, year and links.

    Raises:
        DataError: Raised when something is wrong; it names the row.
    """
    return _assemble(list(_frame_rows(frame, place)), {})


def add_films(catalogue: Catalogue, rated: Vocabulary, place: str) -> Catalogue:
    """The films of a data set: those of `catalogue`, and others that are rated, which are called by their ids.

    Raises:
        DataError: Raised when ids of films are numbers and those of rated movies are not, or the other way round.
    """
    if len(catalogue) and len(rated) and catalogue.movies.are_numbers != rated.are_numbers:
        film, movie = catalogue.movies[0], rated[0]
        raise DataError(
            f"{place}: its ids, such as {film!r}, are of another kind than those of the ratings, such as {movie!r}; "
            "give both the same, or leave the films out"
        )
    return catalogue.with_placeholders(rated)


def _assemble(rows: "list[_Row]", links: Mapping[Id, tuple[int | None, int | None]]) -> Catalogue:
    """The catalogue of these rows."""
    are_numbers = 2 * sum(_whole(row.values["movie"]) is not None for row in rows) >= len(rows)
    films: dict[Id, Movie] = {}
    for row in rows:
        values = row.values
        movie_id = _id(row, are_numbers)
        if movie_id in films:
            raise DataError(f"{row.place}: movieId {movie_id} stands here a second time; ids must be unique")
        own = tuple(_link(row.place, values.get(role, "")) for role in ("imdb", "tmdb"))
        imdb_id, tmdb_id = own if any(own) else links.get(movie_id, (None, None))
        films[movie_id] = Movie(movie_id, _title(movie_id, values), _genres(values), imdb_id, tmdb_id)
    return Catalogue.of(films.values())


def _read_rows(path: Path) -> Iterator[_Row]:
    if path.suffix == ".parquet":
        import polars as pl

        try:
            return _frame_rows(pl.read_parquet(path, glob=False), str(path), "row")
        except (pl.exceptions.PolarsError, OSError) as error:
            raise DataError(f"{path}: cannot be read as films ({first_line(error)})") from None
    if path.suffix == ".dat":
        return _dat_rows(path)
    return _item_rows(path) if path.suffix == ".item" else _text_rows(path, ("movie", "title"))


def _text_rows(path: Path, needed: Iterable[Role]) -> Iterator[_Row]:
    source, first = open_text(path)
    splits = [(one, split_fields(first, one)) for one in SEPARATORS]
    known = " ".join(" ".join(names) for names in _USUAL.values()).split()
    separator, header = max(splits, key=lambda split: sum(plain_name(name) in known for name in split[1]))
    found = _find(f"{path} line 1", header, needed)
    for record in read_records(str(path), source, separator, has_header=True):
        if not record.content:
            continue
        if len(record.fields) != len(header):
            raise DataError(
                f"{path} line {record.line}: {len(record.fields)} fields instead of {len(header)} in "
                f"{quote(record.content)}"
            )
        yield _Row(f"{path} line {record.line}", {role: record.fields[place] for role, place in found.items()})


def _frame_rows(frame: Any, place: str, row: str = "row") -> Iterator[_Row]:
    found = _find(place, list_columns(frame), ("movie", "title"))
    for number, values in enumerate(take_columns(frame, found).iter_rows(named=True), start=1):
        yield _Row(f"{place} {row} {number}", {role: _as_text(value) for role, value in values.items()})  # type: ignore[misc]


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "|".join(map(str, value))
    return "" if value is None else str(value)


def _dat_rows(path: Path) -> Iterator[_Row]:
    raw = path.read_bytes()
    try:  # 10M is UTF-8, 1M is Latin-1
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split("::")
        if len(fields) != 3:
            raise DataError(f"{path} line {number}: {len(fields)} fields instead of 3 in {quote(line)}")
        yield _Row(f"{path} line {number}", {"movie": fields[0], "title": fields[1], "genres": fields[2]})


def _item_rows(path: Path) -> Iterator[_Row]:
    width = 5 + len(GENRES_OF_100K)
    for number, line in enumerate(path.read_text("latin-1").splitlines(), start=1):
        fields = line.split("|")
        if len(fields) != width:
            raise DataError(f"{path} line {number}: {len(fields)} fields instead of {width} in {quote(line)}")
        flags = zip(GENRES_OF_100K, fields[5:], strict=True)
        genres = "|".join(genre for genre, flag in flags if flag == "1" and genre != "unknown")
        yield _Row(f"{path} line {number}", {"movie": fields[0], "title": fields[1], "genres": genres})


def _read_links(path: Path) -> dict[Id, tuple[int | None, int | None]]:
    """Movie id → numbers at IMDb and TMDB."""
    rows = list(_text_rows(path, ("movie",)))
    are_numbers = 2 * sum(_whole(row.values["movie"]) is not None for row in rows) >= len(rows)
    return {
        _id(row, are_numbers): (
            _link(row.place, row.values.get("imdb", "")),
            _link(row.place, row.values.get("tmdb", "")),
        )
        for row in rows
    }


def _find(place: str, header: list[str], needed: Iterable[Role]) -> dict[Role, int]:
    """Where each role's column stands among `header`."""
    found: dict[Role, int] = {}
    for role in ROLES:
        position = find_usual(place, role, header, _USUAL[role], set())
        if position is not None:
            found[role] = position
    missing = [role for role in needed if role not in found]
    if missing:
        raise DataError(
            f"{place}: no column for the {' and the '.join(missing)} among {list_names(header)}; expected movieId, "
            "title and, if there are any, genres, imdbId, tmdbId, year"
        )
    return found


def _id(row: _Row, are_numbers: bool) -> Id:
    text = row.values["movie"].strip()
    if are_numbers:
        number = _whole(text)
        if number is None:
            raise DataError(f"{row.place}: movieId is {quote(text)}, not a whole number from 0 to {LARGEST_ID}")
        return number
    if not text or text in MISSING or len(text) > LONGEST_ID or "\0" in text:
        raise DataError(f"{row.place}: movieId is {quote(text)}, not an id of 1 to {LONGEST_ID} characters")
    return text


def _title(movie_id: Id, values: Mapping[Role, str]) -> str:
    title, year = values["title"].strip(), values.get("year", "").strip().removesuffix(".0")
    if not title or title in MISSING:
        return Movie.placeholder(movie_id).title
    return f"{title} ({year})" if re.fullmatch(r"\d{4}", year) and not _YEAR_AT_END.search(title) else title


def _genres(values: Mapping[Role, str]) -> Genres:
    text = values.get("genres", "")
    return () if text in MISSING else split_genres(text)


def _link(place: str, text: str) -> int | None:
    """A number at IMDb or TMDB; None where there is none."""
    text = text.strip()
    if not text or text in MISSING:
        return None
    at_imdb = _IMDB.search(text)
    number = int(at_imdb[1]) if at_imdb and len(at_imdb[1]) < 19 else _whole(text)
    if number is None:
        raise DataError(f"{place}: a link is {quote(text)}, not a number, nor an id of IMDb such as tt0114709")
    return number or None


def _whole(text: str) -> int | None:
    """A whole number from 0 that fits into 64 bits, perhaps written as 1.0; None if that is not what it is."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return int(text) if len(text) < 19 or (len(text) == 19 and int(text) <= LARGEST_ID) else None
    if re.fullmatch(r"\d{1,16}\.0*", text, re.ASCII) and float(text) <= EXACT:  # what pandas makes of gaps
        return int(float(text))
    return None
