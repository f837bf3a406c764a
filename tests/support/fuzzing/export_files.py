"""Exports of strangers: whatever is in them, a history comes out that is printable and bounded, or an `ExportError`."""

import json
import random
from math import isfinite

from reelwise.errors import ExportError
from reelwise.exports.reading import read_history
from support.files import exports
from support.fuzzing.laws import check_refusal
from support.fuzzing.mutations import spoil_bytes, spoil_json, spoil_table

_TABLES = {
    "ratings.csv": exports.RATINGS,
    "watched.csv": exports.WATCHED,
    "diary.csv": exports.DIARY,
    "reviews.csv": exports.REVIEWS,
    "list.csv": exports.LIST,
    "imdb.csv": "Const,Your Rating,Date Rated,Title,URL,Title Type,IMDb Rating,Year\n"
    "tt0133093,9,2024-01-02,The Matrix,https://www.imdb.com/title/tt0133093,Movie,8.7,1999\n",
    "movielens.csv": "movie_id,imdb_id,tmdb_id,rating,average_rating,title\n1,0114709,862,4.5,3.9,Toy Story (1995)\n",
    "netflix.csv": 'Title,Date\n"Alien",1/2/24\n"The Crown: Season 1: Gloriana",2/13/24\n',
}
_TRAKT = [
    exports.trakt_film("The Matrix", 1999, "tt0133093", 603, rating=9, rated_at="2024-01-02T03:04:05.000Z"),
    exports.trakt_film("Alien", 1979, "tt0078748", 348, plays=3, last_watched_at="2024-01-02T03:04:05.000Z"),
]


class ExportFiles:
    """A file of a film site, spoilt, by itself or in a zip with others."""

    name = "exports"

    def attack(self, choose: random.Random) -> bool:
        """Read it."""
        name, content = make_export(choose)
        try:
            history = read_history(content, name=name)
        except ExportError as error:
            return check_refusal(error)
        for row in history.rows:
            assert row.title.isprintable()
            assert row.stars is None or isfinite(row.stars)
        json.dumps([str(row) for row in history.rows]).encode()
        return True


def make_export(choose: random.Random) -> tuple[str, bytes]:
    """A spoilt export, and what it is called."""
    if choose.random() < 0.25:
        name, content = "ratings-movies.json", spoil_json(choose, _TRAKT)
    else:
        name = choose.choice(sorted(_TABLES))
        separator = choose.choice(",,,;\t|")
        text = _TABLES[name].replace(",", separator)
        content = spoil_table(choose, text, separator).encode(choose.choice(("utf-8", "utf-8", "utf-16", "utf-7")))
    if choose.random() < 0.3:
        content = spoil_bytes(choose, content)
    if choose.random() < 0.3:
        name, content = "mine.zip", exports.zipped(exports.LETTERBOXD | {name: content})
    return name, content
