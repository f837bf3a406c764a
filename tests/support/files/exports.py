"""Files as film sites export them, of people who do not exist."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from reelwise.exports.history import History, Row
from reelwise.exports.reading import read_history

RATINGS = """\
Date,Name,Year,Letterboxd URI,Rating
2024-01-02,Pulp Fiction,1994,https://boxd.it/a,4.5
2024-01-03,The Matrix,1999,https://boxd.it/b,2
"""
WATCHED = """\
Date,Name,Year,Letterboxd URI
2024-01-02,Pulp Fiction,1994,https://boxd.it/a
2024-01-03,The Matrix,1999,https://boxd.it/b
2024-01-04,Toy Story,1995,https://boxd.it/c
"""
WATCHLIST = """\
Date,Name,Year,Letterboxd URI
2024-02-01,The Silence of the Lambs,1991,https://boxd.it/d
"""
LIKES = """\
Date,Name,Year,Letterboxd URI
2024-02-01,Toy Story,1995,https://boxd.it/c
"""
DIARY = """\
Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date
2023-05-02,The Matrix,1999,https://boxd.it/entry1,5,Yes,"with, friends",2023-05-01
2023-06-02,Toy Story,1995,https://boxd.it/entry2,,,,2023-06-01
"""
REVIEWS = """\
Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date
2023-05-02,The Matrix,1999,https://boxd.it/entry1,5,,"Whoa.

""There is no spoon"", he said,
and bent it.",,2023-05-01
2023-07-02,Pulp Fiction,1994,https://boxd.it/entry3,4,,"Short.",,2023-07-01
"""
LIST = """\
Letterboxd list export v7
Date,Name,Tags,URL,Description
2024-03-01,Rainy days,,https://boxd.it/list,"Two
lines"

Position,Name,Year,URL,Description
1,Pulp Fiction,1994,https://boxd.it/a,
2,Toy Story,1995,https://boxd.it/c,"so, sweet"
"""
PROFILE = """\
Date Joined,Username,Given Name,Family Name,Email Address,Location,Website,Bio,Pronoun,Favorite Films
2020-01-01,nobody,No,Body,nobody@example.org,,,,they,"https://boxd.it/b, https://boxd.it/zzz"
"""
LETTERBOXD = {
    "profile.csv": PROFILE,
    "ratings.csv": RATINGS,
    "watched.csv": WATCHED,
    "watchlist.csv": WATCHLIST,
    "likes/films.csv": LIKES,
    "likes/lists.csv": "Date,Name,Year,Letterboxd URI\n2024-01-01,A list,,https://boxd.it/l\n",
    "diary.csv": DIARY,
    "reviews.csv": REVIEWS,
    "comments.csv": "Date,Content,Comment\n2024-01-01,https://boxd.it/x,Nice\n",
    "lists/rainy-days.csv": LIST,
    "deleted/diary.csv": DIARY.replace("Toy Story", "Taken Back"),
    "orphaned/ratings.csv": RATINGS.replace("Pulp Fiction", "Taken Back"),
}


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """These files as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read(content: str | bytes | Mapping[str, str], name: str = "", profile: str | None = None) -> History:
    """What a file says, or a zip of several."""
    if isinstance(content, Mapping):
        content = zipped(content)
    return read_history(content.encode() if isinstance(content, str) else content, name=name, profile=profile)


def only_row(content: str | bytes | Mapping[str, str], name: str = "") -> Row:
    """What a file with one row says."""
    (row,) = read(content, name).rows
    return row


def trakt_film(title: str, year: int | None, imdb: object, tmdb: object, **more: Any) -> dict[str, Any]:
    """An item of a Trakt file about a film."""
    ids = {"trakt": 1, "slug": "slug", "imdb": imdb, "tmdb": tmdb}
    return {**more, "type": "movie", "movie": {"title": title, "year": year, "ids": ids}}


def as_json(*items: object) -> str:
    """Items as a JSON file."""
    return json.dumps(items)
