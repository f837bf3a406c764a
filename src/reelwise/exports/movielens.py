"""MovieLens, the site: ratings, and the wishlist, which has no `rating`. Ids of IMDb stand there without "tt"."""

from collections.abc import Iterator

from reelwise.data.titles import split_year
from reelwise.exports.history import Kind, Row
from reelwise.exports.sites import Site, TableKind
from reelwise.exports.tables import Record
from reelwise.exports.values.numbers import imdb_number, tmdb_number


def _read(record: Record) -> Iterator[Row]:
    stars = record.rating("rating", best=5)
    kind: Kind = "rating" if stars else "listed" if "rating" in record.values else "watchlist"
    title, year = split_year(record.title("title"))
    yield Row(
        kind, title, year, record.line, imdb_id=imdb_number(record.get("imdb id")),
        tmdb_id=tmdb_number(record.get("tmdb id")), stars=stars or None, file=record.table.file,
    )  # fmt: skip


SITE = Site(
    name="movielens",
    described="MovieLens (ratings, wishlist)",
    tables=(TableKind(("movie id", "imdb id", "tmdb id", "title"), _read),),
)
