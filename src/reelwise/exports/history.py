"""The content of a person's file: a row for each thing that it says about a film."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

Kind = Literal["rating", "watched", "like", "dislike", "watchlist", "listed"]
"""The statement of a row about its film; "listed" only means that it is on some list."""

Form = Literal["film", "series", "episode", "trailer", "other", "unclear"]
"""The subject of a row; "unclear" is a film if one has exactly this title, otherwise an episode of a series."""


class Row(NamedTuple):
    """One thing that a person's file says.

    Attributes:
        kind: what it says.
        title: as the site spells it.
        year: of the film, where the file has it.
        line: where it stands: the line where the row begins, or in JSON which item of its list it is, from 1.
        original_title: "" where the file has none.
        imdb_id: number at IMDb, without "tt" and zeros before it.
        tmdb_id: number among the films at TMDB.
        stars: on a scale up to five; only of ratings.
        when: the moment, UTC; midnight where only the day is known.
        form: what it is about.
        file: of an archive, the file in it; else "".
        link: its address on the site, by which files of an archive refer to each other.
        profile: whose it is, where a file is about several people.
    """

    kind: Kind
    title: str
    year: int | None
    line: int
    original_title: str = ""
    imdb_id: int | None = None
    tmdb_id: int | None = None
    stars: float | None = None
    when: datetime | None = None
    form: Form = "film"
    file: str = ""
    link: str = ""
    profile: str = ""


class UnreadableRow(NamedTuple):
    """A row that cannot be read, and what is wrong with it; `file` is that of an archive, else ""."""

    file: str
    line: int
    detail: str


@dataclass(frozen=True, repr=False)
class History:
    """The content of a person's file, without regard to any catalogue.

    Attributes:
        source: the site that the file is from: "letterboxd", "imdb", "trakt", "movielens", "tmdb", "criticker" or
            "netflix"; "table" for one of a person's own, "library" for a media server's `.nfo` files.
        rows: what it says, in its order.
        faults: rows that cannot be read.
        notes: sentences about how it was understood, where that is not obvious.
    """

    source: str
    rows: tuple[Row, ...]
    faults: tuple[UnreadableRow, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in Counter(row.kind for row in self.rows).items())
        return f"History({self.source!r}: {counts or 'no rows'})"
