"""Letterboxd: the zip of an account, and each table in it.

| file | columns | what |
|---|---|---|
| `ratings.csv` | `Date,Name,Year,Letterboxd URI,Rating` | ratings as they are now |
| `watched.csv`, `watchlist.csv`, `likes/films.csv` | the same without `Rating` | only the name says which |
| `diary.csv` | `…,Rating,Rewatch,Tags,Watched Date` | the address is the entry's, not the film's |
| `reviews.csv` | the same with `Review` | likewise; reviews hold line ends |
| `lists/*.csv` | `Position,Name,Year,URL,Description`, below lines about the list | |
| `profile.csv` | `…,Favorite Films` | addresses that are found again in the other files |
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from reelwise.exports.history import Kind, Row
from reelwise.exports.sites import Site, TableKind
from reelwise.exports.tables import Record, Table
from reelwise.exports.values.names import kind_by_name, words_of
from reelwise.exports.values.numbers import imdb_number, number_in, tmdb_number, year_in
from reelwise.exports.values.scales import to_five

_RATINGS, _LIKES = "ratings.csv", "films"
_BEST = 5


def _read_ratings(record: Record) -> Iterator[Row]:
    stars = record.rating("rating", best=_BEST)
    yield _row(record, "rating" if stars else "watched", "date", stars=stars, link=record.get("letterboxd uri"))


def _read_diary(record: Record) -> Iterator[Row]:
    stars = record.rating("rating", best=_BEST)
    yield _row(record, "rating" if stars else "watched", "watched date", "date", stars=stars)


def _read_films(record: Record) -> Iterator[Row]:
    name = record.table.name
    is_likes = words_of(PurePosixPath(name).name.partition(".")[0]) == _LIKES  # by itself, without its folder
    yield _row(record, "like" if is_likes else kind_by_name(name), "date", link=record.get("letterboxd uri"))


def _read_list(record: Record) -> Iterator[Row]:
    yield _row(record, kind_by_name(record.table.name), link=record.get("url"))


def _read_profile(record: Record) -> Iterator[Row]:
    for link in record.get("favorite films").split(","):
        if link.strip():
            yield Row("like", "", None, record.line, file=record.table.file, link=link.strip())


def _read_import(record: Record) -> Iterator[Row]:
    """A row of the format that Letterboxd imports, which other programs write, too."""
    stars = record.rating("rating", best=_BEST)
    of_ten = record.rating("rating10", best=10)
    stars = stars or (to_five(of_ten, 10) if of_ten else None)
    watched = record.get("watcheddate") or "rewatch" in record.values
    kind: Kind = "rating" if stars else "watched" if watched else kind_by_name(record.table.name)
    yield _row(record, kind, "watcheddate", stars=stars)._replace(
        title=record.title("title"),
        imdb_id=imdb_number(record.get("imdbid")),
        tmdb_id=tmdb_number(record.get("tmdbid")),
    )


def _has_another_scale(table: Table) -> bool:
    """Whether ratings go beyond five, which those that Letterboxd imports do not."""
    ratings = (number_in(record.get("rating")) for record in table.records() if isinstance(record, Record))
    return any(rating is not None and rating > _BEST for rating in ratings)


def _row(record: Record, kind: Kind, *dates: str, stars: float | None = None, link: str = "") -> Row:
    return Row(
        kind, record.title("name"), year_in(record.get("year")), record.line,
        stars=stars or None, when=record.when(*dates) if dates else None, file=record.table.file, link=link,
    )  # fmt: skip


def _finish(rows: Sequence[Row]) -> list[Row]:
    """Give favourites their titles, and take stars from `ratings.csv` alone, where that is: they are the latest."""
    films = {row.link: row for row in rows if row.link and row.title}
    has_ratings = any(_is_of_ratings(row) for row in rows)
    finished = []
    for row in rows:
        if not row.title and row.link in films:
            row = row._replace(title=films[row.link].title, year=films[row.link].year)
        if has_ratings and row.kind == "rating" and not _is_of_ratings(row):
            row = row._replace(kind="watched", stars=None)
        if row.title or row.imdb_id or row.tmdb_id:
            finished.append(row)
    return finished


def _is_of_ratings(row: Row) -> bool:
    return row.file.rpartition("/")[2] == _RATINGS


SITE = Site(
    name="letterboxd",
    described="Letterboxd (the zip, or a CSV file out of it)",
    tables=(
        TableKind(("date", "name", "year", "letterboxd uri", "watched date"), _read_diary),
        TableKind(("date", "name", "year", "letterboxd uri", "rating"), _read_ratings),
        TableKind(("date", "name", "year", "letterboxd uri"), _read_films),
        TableKind(("position", "name", "year", "url"), _read_list),
        TableKind(("username", "favorite films"), _read_profile),
        TableKind(("title", "year", "imdbid/tmdbid/letterboxduri"), _read_import, unless=_has_another_scale),
    ),
    finish=_finish,
)
