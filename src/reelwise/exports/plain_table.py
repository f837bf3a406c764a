"""A table of a person's own: films by title or number, one a row, with stars, or in a list without."""

from collections.abc import Iterator, Sequence

from reelwise.data.titles import split_year
from reelwise.exports.history import Row
from reelwise.exports.sites import Site, TableKind
from reelwise.exports.tables import Record
from reelwise.exports.values.names import kind_by_name
from reelwise.exports.values.numbers import imdb_number, tmdb_number, year_in
from reelwise.exports.values.scales import to_five

_MARKS = ("rating", "stars", "score", "rating10")
_TITLES = ("title", "name", "film", "movie", "film title", "movie title", "film name", "movie name", "titel", "titre")
_RATINGS = (
    *(f"{whose}{word}" for whose in ("my ", "your ", "personal ", "user ", "") for word in _MARKS),
    *("grade", "note", "bewertung"),
)  # a person's own first: what has no owner may be everybody's
_IMDB = ("imdb id", "imdbid", "imdb", "const", "tconst")
_TMDB = ("tmdb id", "tmdbid", "tmdb")
_YEARS = ("year", "release year", "released", "release date", "jahr", "année")
_DATES = ("date", "date rated", "rated at", "watched", "watched date", "watcheddate", "watched at")
_PEOPLE = ("user", "user id", "userid", "username")  # then it has ratings of many

_SCALES = (5, 10, 100)


def _read(record: Record) -> Iterator[Row]:
    column = _ratings_in(record.table.columns)
    stars = record.rating(column, best=_SCALES[-1]) if column else None
    title, year = split_year(record.title(*_TITLES))
    yield Row(
        "rating" if stars is not None else kind_by_name(record.table.name),
        title,
        year_in(record.get(*_YEARS)) or year,
        record.line,
        imdb_id=imdb_number(record.get(*_IMDB)),
        tmdb_id=tmdb_number(record.get(*_TMDB)),
        stars=stars,
        when=record.when(*_DATES),
        file=record.table.file,
    )


def _ratings_in(columns: Sequence[str]) -> str | None:
    """The one column whose ratings count."""
    return next((name for name in _RATINGS if name in columns), None)


def _note_columns(columns: Sequence[str]) -> list[str]:
    """Say which columns look like ratings and are left out."""
    column = _ratings_in(columns)
    others = [name for name in columns if name != column and any(mark in name for mark in _MARKS)]
    if not others:
        return []
    names = " and ".join(map(repr, others))
    if column:
        return [f"the ratings are those of the column {column!r}, not of {names}"]
    return [f"{names} may be ratings by others, and are ignored; call the column 'my rating' if they are your own"]


def _scale_of(rows: Sequence[Row]) -> int:
    """The end of the scale of the stars: the first of 5, 10 and 100 that none exceeds."""
    most = max((row.stars for row in rows if row.stars is not None), default=0)
    return next(best for best in _SCALES if most <= best)


def _finish(rows: Sequence[Row]) -> list[Row]:
    best = _scale_of(rows)
    return [row if row.stars is None else row._replace(stars=to_five(row.stars, best)) for row in rows]


def _notes(rows: Sequence[Row]) -> list[str]:
    if all(row.stars is None for row in rows):
        return []
    return [f"the ratings are taken as out of {_scale_of(rows)}, because none is higher"]


def _any(names: Sequence[str]) -> str:
    return "/".join(names)


SITE = Site(
    name="table",
    described="a table of your own with a column title, and year or rating (CSV)",
    tables=tuple(
        TableKind(columns, _read, without=_PEOPLE, notes=_note_columns)
        for columns in (
            (_any(_TITLES), _any(_RATINGS)),
            (_any(_IMDB), _any(_RATINGS)),
            (_any(_TMDB), _any(_RATINGS)),
            (_any(_TITLES), _any(_YEARS)),
        )
    ),
    finish=_finish,
    notes=_notes,
)
