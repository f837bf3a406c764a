"""Lists of films for other sites, as CSV with the films' numbers there.

Letterboxd imports its own on its site (New list, Import). It is a list because films that are imported as such are
marked as watched there. The lists of IMDb and TMDB are like those that these sites export, so that any program that
reads those, and finds films by numbers, reads them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

from reelwise.data.catalogue import Movie
from reelwise.data.titles import natural, split_title

Cells = Sequence[object]


def letterboxd_list(movies: Iterable[Movie]) -> str:
    """The films as CSV, with their numbers elsewhere where these are known, by which Letterboxd finds them."""
    rows = ((movie.tmdb_id or "", _imdb(movie), _title(movie), movie.year or "") for movie in movies)
    return _table(("tmdbID", "imdbID", "Title", "Year"), rows)


def imdb_list(movies: Iterable[Movie]) -> str:
    """The films that have a number at IMDb, in their order, with the columns of IMDb's lists."""
    known = enumerate((movie for movie in movies if movie.imdb_id), 1)
    rows = (
        (place, _imdb(movie), _title(movie), f"https://www.imdb.com/title/{_imdb(movie)}/", "Movie", movie.year or "")
        for place, movie in known
    )
    return _table(("Position", "Const", "Title", "URL", "Title Type", "Year"), rows)


def tmdb_list(movies: Iterable[Movie]) -> str:
    """The films that have a number at TMDB, in their order, with the columns of TMDB's lists."""
    rows = (
        (movie.tmdb_id, _imdb(movie), "movie", _title(movie), movie.year or "") for movie in movies if movie.tmdb_id
    )
    return _table(("TMDb ID", "IMDb ID", "Type", "Name", "Year"), rows)


LISTS: Mapping[str, Callable[[Iterable[Movie]], str]] = {
    "letterboxd": letterboxd_list,
    "imdb": imdb_list,
    "tmdb": tmdb_list,
}
"""The writers of lists by site; the formats of the command line name them, too, without importing this."""


def _table(heading: Cells, rows: Iterable[Cells]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


def _imdb(movie: Movie) -> str:
    return f"tt{movie.imdb_id:07}" if movie.imdb_id else ""


def _title(movie: Movie) -> str:
    return natural(split_title(movie.title).main)
