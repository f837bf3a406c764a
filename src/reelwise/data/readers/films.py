"""Films in files and frames, in whatever layout they come."""

import csv
import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, filterfalse, islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from reelwise.data.catalogue import MOST_COMBINATIONS, Catalogue, Genres, Movie, Tags, blame_genres, split_genres
from reelwise.data.readers.columns import find_usual, list_names, plain_name
from reelwise.data.readers.faults import Fault, naming
from reelwise.data.readers.frames import list_columns, open_frame, take_columns
from reelwise.data.readers.layout import SEPARATORS
from reelwise.data.readers.lines import MISSING, quote, split_fields
from reelwise.data.readers.opening import ParquetFile, TextFile, decode_line, open_table
from reelwise.data.readers.records import is_blank
from reelwise.data.readers.tags import read_tags
from reelwise.data.titles import split_year
from reelwise.data.vocabulary import LARGEST_ID, LONGEST_ID, Id, Vocabulary

if TYPE_CHECKING:
    from _csv import Reader

MOVIES_FILES = ("movies.csv", "movies.parquet", "movies.dat", "u.item", "movies.csv.gz", "movies.tsv")

_OF_MOVIELENS = (".dat", ".item")  # without a header, and perhaps in Latin-1

# the order of the 0/1 flags in u.item
GENRES_OF_100K = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip

FilmRole = Literal["movie", "title", "genres", "imdb", "tmdb", "year"]
FILM_ROLES: tuple[FilmRole, ...] = get_args(FilmRole)

# as `columns.USUAL`: names that count for each role, without case, blanks and punctuation
_USUAL: dict[FilmRole, tuple[str, str]] = {
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

MOST_FILMS = 1_000_000
"""The most films that a table may have: more than were ever made."""

_DIGITS = 18  # of a number that fits into 64 bits, whatever they are
_WHOLE = re.compile(rf"\s*(\d{{1,{_DIGITS}}})(?:\.0*)?\s*", re.ASCII)  # 1.0 is what pandas makes of gaps
_IMDB = re.compile(r"\btt0*(\d+)")
_ENTITY = re.compile(r"&#?\w{1,30};")  # some titles of MovieLens 1M have such
_YEAR = re.compile(r"\s*(\d{4})(?:\.0*|[-/.]\d.*)?\s*", re.ASCII)  # perhaps with month and day behind it


_NO_MOVIES = Vocabulary.of([])

_Links = Mapping[Id, tuple[int | None, int | None]]
"""Numbers at IMDb and TMDB by id."""


class _Table(NamedTuple):
    """Films as text.

    Attributes:
        number: gives the line or row of the film at a position.
        columns: the values by role; "" where one is missing.
        unit: "line" or "row", whichever these numbers count.
    """

    number: Callable[[int], int]
    columns: dict[str, Sequence[str]]
    unit: str = "line"

    def blame(self, position: int, what: str) -> Fault:
        """A fault of the film at that position."""
        return Fault(what, f"{self.unit} {self.number(position)}")


def read_movies(folder: Path, rated: Vocabulary = _NO_MOVIES) -> Catalogue:
    """The films in `folder`, with what `links.csv` and `tags.csv` say of them, and all others that are rated.

    There need not be a movies file. One with ids of IMDb or TMDB of its own needs no `links.csv`.

    Args:
        folder: where they are.
        rated: the movies that are rated. Where their ids are strings, digits are ids of films as they stand, too.

    Raises:
        DataError: Raised when something is wrong; it names file, line and content of the first fault.
    """
    path = find_movies(folder)
    if path is None:
        return Catalogue.of([]).with_placeholders(rated)
    tags, links, numbers = read_tags(folder), folder / "links.csv", None
    with naming(str(path)):
        films = _read_table(path)
    if links.is_file() and films.columns.keys().isdisjoint(("imdb", "tmdb")):
        with naming(str(links)):
            numbers = _links(_read_table(links, ("movie",)), rated)
    with naming(str(path)):
        return _assemble(films, numbers or _links(films, rated), rated, tags)


def find_movies(folder: Path) -> Path | None:
    """The file of films in `folder`, if there is one."""
    return next((folder / name for name in MOVIES_FILES if (folder / name).is_file()), None)


def read_films_frame(frame: Any, rated: Vocabulary) -> Catalogue:
    """The films in a frame with a row for each, and all others that are rated.

    Args:
        frame: of whatever library, with columns of ids and titles and perhaps genres, year and links.
        rated: see `read_movies`.

    Raises:
        Fault: Raised when something is wrong; it names the row.
    """
    table = _frame_table(open_frame(frame), ("movie", "title"))
    return _assemble(table, _links(table, rated), rated)


def _assemble(
    films: _Table, links: _Links, rated: Vocabulary, tags: Mapping[str, Tags] = MappingProxyType({})
) -> Catalogue:
    """The catalogue of these films, with their links by id, and their tags by id as a text; and of all that are rated.

    Raises:
        Fault: Raised when ids occur twice, or are numbers where those of rated movies are not, or the other way round.
    """
    ids = _ids(films, rated)
    if len(set(ids)) < len(ids):
        seen: set[Id] = set()
        position = next(at for at, one in enumerate(ids) if one in seen or seen.add(one))  # type: ignore[func-returns-value]
        raise films.blame(position, f"movieId {ids[position]} occurs a second time; ids must be unique")
    titles = films.columns["title"]
    years = films.columns.get("year") or [""] * len(ids)
    genres = _genres(films) or [()] * len(ids)
    unknown = (None, None)
    catalogue = Catalogue.of(
        Movie(one, _title(one, title, year), of_film, *links.get(one, unknown), tags.get(str(one), ()))
        for one, title, year, of_film in zip(ids, titles, years, genres, strict=True)
    )
    if len(catalogue) and len(rated) and catalogue.movies.are_numbers != rated.are_numbers:
        film, movie = catalogue.movies[0], rated[0]
        raise Fault(
            f"its ids, such as {film!r}, are of another kind than those of the ratings, such as {movie!r}; "
            "give both the same ids, or keep the ratings in a folder without this file"
        )
    return catalogue.with_placeholders(rated)


def _read_table(path: Path, needed: Iterable[FilmRole] = ("movie", "title")) -> _Table:
    file = open_table(path, or_latin_1=path.suffix in _OF_MOVIELENS)
    if isinstance(file, ParquetFile):
        return _frame_table(file, needed)
    if path.suffix == ".dat":
        return _known_table(file, "::", ("movie", "title", "genres"))
    return _item_table(file) if path.suffix == ".item" else _text_table(file, needed)


def _text_table(file: TextFile, needed: Iterable[FilmRole]) -> _Table:
    known = " ".join(" ".join(names) for names in _USUAL.values()).split()
    with naming(f"line {file.skipped + 1}"):
        splits = [(one, split_fields(file.first, one)) for one in SEPARATORS]
        separator, header = max(splits, key=lambda split: sum(plain_name(name) in known for name in split[1]))
        found = _find(header, needed)
    rows = _read_rows(file, separator[0])
    try:
        records = list(islice(filterfalse(is_blank, rows), MOST_FILMS + 1))
    except UnicodeDecodeError:
        raise Fault(f"not UTF-8 text after line {rows.line_num}; save the file as UTF-8") from None
    except csv.Error as error:
        raise Fault(str(error), f"line {rows.line_num}") from None

    def number(position: int) -> int:
        rows = _read_rows(file, separator[0])
        return next(islice((rows.line_num for row in rows if not is_blank(row)), position, None))

    _require_few(len(records))
    table = _Table(number, {})
    if set(map(len, records)) - {len(header)}:
        at, row = next((at, row) for at, row in enumerate(records) if len(row) != len(header))
        raise table.blame(at, f"{len(row)} fields instead of {len(header)} in {quote(separator.join(row))}")
    values = list(zip(*records, strict=True)) or [()] * len(header)
    return table._replace(columns={role: values[at] for role, at in found.items()})


def _read_rows(file: TextFile, separator: str) -> "Reader":
    """Rows of fields, decoded as they are read; the header and what is before it are blank."""
    lines = file.lines()
    before = [""] * sum(1 for _ in islice(lines, file.skipped + 1))
    return csv.reader(chain(before, map(bytes.decode, lines)), delimiter=separator, strict=True)


def _frame_table(frame: Any, needed: Iterable[FilmRole]) -> _Table:
    found = _find(list_columns(frame), needed)
    taken = take_columns(frame, found)
    _require_few(len(taken["movie"]))
    columns: dict[str, Sequence[str]] = {role: list(map(_as_text, taken[role])) for role in found}
    return _Table(_count_from_one, columns, unit="row")


def _as_text(value: Any) -> str:
    if hasattr(value, "to_list"):
        return "|".join(str(one) for one in value if one is not None)
    return "" if value is None else str(value)


def _known_table(file: TextFile, separator: str, names: Sequence[str]) -> _Table:
    """A file of MovieLens without a header, in UTF-8 (10M) or Latin-1 (1M, 100k)."""
    rows = list[list[str]]()
    for number, raw in enumerate(file.lines(), start=1):
        line = decode_line(number, raw)
        row = line.split(separator)
        if len(row) != len(names):
            raise Fault(f"{len(row)} fields instead of {len(names)} in {quote(line)}", f"line {number}")
        rows.append(row)
        _require_few(number)
    columns: dict[str, Sequence[str]] = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    return _Table(_count_from_one, columns)


def _require_few(films: int) -> None:
    if films > MOST_FILMS:
        raise Fault(f"there are more than {MOST_FILMS:,} films; leave out those without ratings")


def _count_from_one(position: int) -> int:
    return position + 1


def _item_table(file: TextFile) -> _Table:
    """The films of 100k, which have a flag for each genre."""
    names = ("movie", "title", "date", "video", "url", *GENRES_OF_100K)
    films = _known_table(file, "|", names)
    flags = zip(*(films.columns[genre] for genre in GENRES_OF_100K[1:]), strict=True)
    genres = [
        "|".join(genre for genre, flag in zip(GENRES_OF_100K[1:], of_film, strict=True) if flag == "1")
        for of_film in flags
    ]
    return films._replace(columns={**{role: films.columns[role] for role in ("movie", "title")}, "genres": genres})


def _links(table: _Table, rated: Vocabulary) -> _Links:
    """Movie id → numbers at IMDb and TMDB, of a table with columns of these."""
    ids = _ids(table, rated)
    columns = (_link_numbers(table, "imdb", len(ids)), _link_numbers(table, "tmdb", len(ids)))
    return dict(zip(ids, zip(*columns, strict=True), strict=True))


def _find(header: list[str], needed: Iterable[FilmRole]) -> dict[FilmRole, int]:
    """Find the place of each role's column in `header`."""
    found: dict[FilmRole, int] = {}
    for role in FILM_ROLES:
        position = find_usual(role, header, _USUAL[role], set())
        if position is not None:
            found[role] = position
    missing = [role for role in needed if role not in found]
    if missing:
        raise Fault(
            f"no column for the {' and the '.join(missing)} among {list_names(header)}; expected movieId, "
            "title and, if there are any, genres, imdbId, tmdbId, year"
        )
    return found


def _ids(films: _Table, rated: Vocabulary) -> list[Id]:
    """Whole numbers; or strings where most are not numbers, or some are ids of `rated` as they stand."""
    texts = films.columns["movie"]
    ids = list(map(str.strip, texts))
    if rated.are_numbers or set(ids).isdisjoint(rated):
        numbers = _wholes(texts)
        missing = numbers.count(None)
        if missing == 0:
            return numbers  # type: ignore[return-value]
        if 2 * missing <= len(texts):
            at = numbers.index(None)
            raise films.blame(at, f"movieId is {quote(texts[at])}, not a whole number from 0 to {LARGEST_ID}")
    for at, one in enumerate(ids):
        if not one or one in MISSING or len(one) > LONGEST_ID or "\0" in one:
            raise films.blame(at, f"movieId is {quote(one)}, not an id of 1 to {LONGEST_ID} characters")
    return list[Id](ids)


def _genres(films: _Table) -> list[Genres]:
    found = [() if text in MISSING else split_genres(text) for text in films.columns.get("genres") or ()]
    for at, genres in enumerate(found):
        if fault := blame_genres(genres):
            raise films.blame(at, fault)
    if len(set(found)) > MOST_COMBINATIONS:
        raise Fault(f"there are more than {MOST_COMBINATIONS:,} combinations of genres; give films fewer")
    return found


def _title(movie_id: Id, title: str, year: str) -> str:
    title = _ENTITY.sub(lambda found: html.unescape(found[0]), title.strip())
    if not title or title in MISSING:
        return Movie.placeholder(movie_id).title
    found = _YEAR.fullmatch(year)
    return f"{title} ({found[1]})" if found and split_year(title)[1] is None else title


def _link_numbers(table: _Table, role: Literal["imdb", "tmdb"], count: int) -> list[int | None]:
    """Numbers at IMDb or TMDB of that many films; None where there is none."""
    texts = table.columns.get(role) or [""] * count
    numbers = _wholes(texts)
    for at, (number, text) in enumerate(zip(numbers, texts, strict=True)):
        if number is None and text and text.strip() not in MISSING:
            if role == "tmdb":
                raise table.blame(at, f"tmdbId is {quote(text)}, not a number; ids of IMDb go into imdbId")
            at_imdb = _IMDB.search(text)
            if at_imdb is None or len(at_imdb[1]) > _DIGITS:
                raise table.blame(at, f"imdbId is {quote(text)}, not a number or an id of IMDb such as tt0114709")
            numbers[at] = int(at_imdb[1])
    return [number or None for number in numbers]


def _wholes(texts: Sequence[str]) -> list[int | None]:
    """Whole numbers from 0 that fit into 64 bits, perhaps written as 1.0; None for any other text."""
    digits = "".join(texts)
    if digits.isdecimal() and digits.isascii() and max(map(len, texts)) <= _DIGITS:
        return [int(text) if text else None for text in texts]
    found = (_WHOLE.fullmatch(text) for text in texts)
    return [int(one[1]) if one else None for one in found]
