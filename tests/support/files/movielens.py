"""A few ratings, written in each layout that MovieLens has used."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

# user, movie, stars, timestamp: user 2 rated movie 20 twice, movie 40 has no row among the films
RATINGS = [
    (2, 20, 1.0, 50),
    (1, 10, 5.0, 100),
    (1, 20, 3.0, 101),
    (2, 20, 4.0, 99),
    (7, 40, 2.0, 103),
    (7, 10, 4.0, 104),
]
# movie 30 has no ratings
FILMS = [(10, "Léon (1994)", "Action|Crime"), (20, "Matrix, The (1999)", "Sci-Fi"), (30, "Nobody's Film", "")]


def write_csv(folder: Path) -> None:
    """ratings.csv, movies.csv and links.csv, with the line ends of Windows as in MovieLens 32M."""
    _lines(folder / "ratings.csv", "userId,movieId,rating,timestamp", *(",".join(map(str, row)) for row in RATINGS))
    films = (f'{movie},"{title}",{genres or "(no genres listed)"}' for movie, title, genres in FILMS)
    _lines(folder / "movies.csv", "movieId,title,genres", *films)
    _lines(folder / "links.csv", "movieId,imdbId,tmdbId", "10,0110413,101", "20,0133093,603", "30,0000001,")


def write_parquet(folder: Path) -> None:
    """ratings.parquet and movies.parquet."""
    columns = ["userId", "movieId", "rating", "timestamp"]
    pl.DataFrame(RATINGS, schema=columns, orient="row").write_parquet(folder / "ratings.parquet")
    pl.DataFrame(FILMS, schema=["movieId", "title", "genres"], orient="row").write_parquet(folder / "movies.parquet")


def write_dat(folder: Path) -> None:
    """ratings.dat and movies.dat, the latter in Latin-1 as in MovieLens 1M."""
    rows = ("::".join((str(user), str(movie), f"{stars:g}", str(when))) for user, movie, stars, when in RATINGS)
    _lines(folder / "ratings.dat", *rows)
    _lines(folder / "movies.dat", *("::".join(map(str, film)) for film in FILMS), encoding="latin-1")


def write_100k(folder: Path) -> None:
    """u.data and u.item, the latter in Latin-1 with a flag for each genre."""
    _lines(folder / "u.data", *("\t".join((str(u), str(m), f"{s:g}", str(t))) for u, m, s, t in RATINGS))
    flags = {"Action|Crime": (1, 6), "Sci-Fi": (15,), "": (0,)}
    rows = []
    for movie, title, genres in FILMS:
        bits = ["1" if flag in flags[genres] else "0" for flag in range(19)]
        rows.append("|".join([str(movie), title, "01-Jan-1995", "", "http://example.org/", *bits]))
    _lines(folder / "u.item", *rows, encoding="latin-1")


LAYOUTS: dict[str, Callable[[Path], None]] = {
    "csv": write_csv,
    "parquet": write_parquet,
    "dat": write_dat,
    "100k": write_100k,
}


def _lines(path: Path, *lines: str, encoding: str = "utf-8") -> None:
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
