"""Out again: a file that Letterboxd takes in as a list (on its site: New list, Import).

A list, because what comes in as films is marked as watched there.
"""

import csv
import io
from collections.abc import Iterable

from reelwise.data.catalogue import Movie
from reelwise.data.titles import natural, split_title

_COLUMNS = ("tmdbID", "imdbID", "Title", "Year")


def letterboxd_list(movies: Iterable[Movie]) -> str:
    """The films as CSV, with their numbers elsewhere where these are known, by which Letterboxd finds them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for movie in movies:
        title = split_title(movie.title)
        imdb_id = f"tt{movie.imdb_id:07}" if movie.imdb_id else ""
        writer.writerow((movie.tmdb_id or "", imdb_id, natural(title.main), movie.year or ""))
    return text.getvalue()
