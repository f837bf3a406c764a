"""IMDb: ratings, the watchlist and other lists, as they are exported since 2024 and as they were before.

Columns are recognised by their names, in any case. Older files say `You rated`, `Title type` and `Date Added`.
`Title Type` is in the person's language.
"""

from collections.abc import Iterator

from reelwise.exports.history import Kind, Row
from reelwise.exports.sites import Site, TableKind
from reelwise.exports.tables import Record
from reelwise.exports.values.forms import form_of
from reelwise.exports.values.names import kind_by_name
from reelwise.exports.values.numbers import imdb_number, year_in
from reelwise.exports.values.scales import to_five


def _read(record: Record) -> Iterator[Row]:
    """A rating, a place on a list, or both."""
    rating = record.rating("your rating", "you rated", best=10)
    if rating:
        yield _row(record, "rating", "date rated", "date added", "created")._replace(stars=to_five(rating, 10))
    if "position" in record.values:
        yield _row(record, kind_by_name(record.table.name), "created", "date added")
    elif not rating:
        raise ValueError("there is no rating")


def _row(record: Record, kind: Kind, *dates: str) -> Row:
    original = record.title("original title")
    title = record.title("title") or original
    return Row(
        kind, title, year_in(record.get("year", "release date", "release date (month/day/year)")), record.line,
        original_title=original if original != title else "", imdb_id=imdb_number(record.get("const")),
        when=record.when(*dates), form=form_of(record.get("title type")), file=record.table.file,
    )  # fmt: skip


SITE = Site(
    name="imdb",
    described="IMDb (ratings, watchlist, lists)",
    tables=(TableKind(("const", "title", "your rating/you rated/position"), _read),),
)
