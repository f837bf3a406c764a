"""TMDB: ratings, watchlist and favourites. `Your Rating` is the person's, `Rating` everybody's."""

from collections.abc import Iterator

from reelwise.exports.history import Form, Row
from reelwise.exports.sites import Site, TableKind
from reelwise.exports.tables import Record
from reelwise.exports.values.forms import form_of
from reelwise.exports.values.names import kind_by_name
from reelwise.exports.values.numbers import imdb_number, tmdb_number, year_in
from reelwise.exports.values.scales import to_five


def _read(record: Record) -> Iterator[Row]:
    rating, form = record.rating("your rating", best=10), _form_of(record)
    yield Row(
        "rating" if rating else kind_by_name(record.table.name),
        record.title("name"),
        year_in(record.get("release date")),
        record.line,
        imdb_id=imdb_number(record.get("imdb id")),
        tmdb_id=tmdb_number(record.get("tmdb id")) if form == "film" else None,  # series have numbers of their own
        stars=to_five(rating, 10) if rating else None,
        when=record.when("date rated"),
        form=form,
        file=record.table.file,
    )


def _form_of(record: Record) -> Form:
    if record.get("episode number"):
        return "episode"
    return "series" if record.get("season number") else form_of(record.get("type"))


SITE = Site(
    name="tmdb",
    described="TMDB (ratings, watchlist, favorites)",
    tables=(TableKind(("tmdb id", "type", "name"), _read),),
)
