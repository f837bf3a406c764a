"""MovieLens, the site: ratings, and the wishlist, which has no `rating`. Ids of IMDb stand there without "tt"."""

import re
from collections.abc import Iterator

from reelwise.exports.history import Kind, Row
from reelwise.exports.sites import Layout, Site
from reelwise.exports.tables import Record
from reelwise.exports.values.numbers import imdb_number, tmdb_number

_TITLE = re.compile(r"(.*) \((\d{4})(?:[-–]\d{0,4})?\)")


def _read(record: Record) -> Iterator[Row]:
    stars = record.rating("rating", best=5)
    kind: Kind = "rating" if stars else "listed" if "rating" in record.values else "watchlist"
    whole = record.title("title")
    found = _TITLE.fullmatch(whole)
    title, year = (found[1], int(found[2])) if found else (whole, None)
    yield Row(
        kind, title, year, record.line, imdb_id=imdb_number(record.get("imdb id")),
        tmdb_id=tmdb_number(record.get("tmdb id")), stars=stars or None, file=record.table.file,
    )  # fmt: skip


SITE = Site(
    name="movielens",
    described="MovieLens (ratings, wishlist)",
    layouts=(Layout(("movie id", "imdb id", "tmdb id", "title"), _read),),
)
