"""The films of the built-in sample, read from `films.csv` beside this module.

Titles, years and genres are facts, written by hand; `movieId` is the film's MovieLens number, so that a list of picks
means the same films here and there. `quality` and `popularity` are this project's own rough judgement.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class SampleFilm:
    """One film of the sample.

    Attributes:
        movie_id: the MovieLens id.
        title: as MovieLens spells titles, `"Matrix, The (1999)"`.
        year: of the first showing.
        genres: MovieLens genre words, in alphabetical order.
        franchise: what it shares with its sequels, such as `"star-wars"`; empty for most films.
        quality: general regard, 1 to 10.
        popularity: how many people have seen it, 1 (few) to 10 (nearly everybody).
    """

    movie_id: int
    title: str
    year: int
    genres: tuple[str, ...]
    franchise: str
    quality: int
    popularity: int


@cache
def sample_films() -> tuple[SampleFilm, ...]:
    """All films of the sample, by ascending id."""
    file = resources.files("reelwise.data.sample").joinpath("films.csv")
    with file.open(encoding="utf-8") as lines:
        return tuple(_film(row) for row in csv.DictReader(lines))


def _film(row: dict[str, str]) -> SampleFilm:
    title = row["title"]
    return SampleFilm(
        movie_id=int(row["movieId"]),
        title=title,
        year=int(title[-5:-1]),
        genres=tuple(row["genres"].split("|")),
        franchise=row["franchise"],
        quality=int(row["quality"]),
        popularity=int(row["popularity"]),
    )
