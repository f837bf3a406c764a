"""Criticker: scores from 0 to 100 on each person's own scale. The names of its columns begin with blanks."""

import html
from collections.abc import Iterator, Sequence

from reelwise.exports.history import Row
from reelwise.exports.sites import Site, TableKind
from reelwise.exports.tables import Record
from reelwise.exports.values.numbers import imdb_number, year_in
from reelwise.exports.values.scales import percentiles_to_five

_BEST = 100


def _read(record: Record) -> Iterator[Row]:
    score = record.rating("score", best=_BEST)
    yield Row(
        "watched" if score is None else "rating",
        html.unescape(record.title("film name")),
        year_in(record.get("year")),
        record.line,
        imdb_id=imdb_number(record.get("imdb id")),
        stars=score,
        form="series" if "/tv/" in record.get("url") else "film",
        file=record.table.file,
    )


def _finish(rows: Sequence[Row]) -> list[Row]:
    """Turn scores into stars by their place among all of them."""
    scores = [row.stars for row in rows if row.stars is not None]
    stars = iter(percentiles_to_five(scores, _BEST))
    return [row if row.stars is None else row._replace(stars=next(stars)) for row in rows]


SITE = Site(
    name="criticker",
    described="Criticker (CSV)",
    tables=(TableKind(("score", "film name", "year", "url/mini review"), _read),),
    finish=_finish,
)
