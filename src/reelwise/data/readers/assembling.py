"""From checked columns and films to the parts of a data set, and to words that say how they were understood."""

from typing import Any, NamedTuple

import numpy as np

from reelwise.data.catalogue import Catalogue
from reelwise.data.likes import least_like
from reelwise.data.ratings import Ratings
from reelwise.data.readers.checking import Columns, check
from reelwise.data.readers.columns import ColumnNames
from reelwise.data.readers.faults import naming
from reelwise.data.readers.films import read_films_frame
from reelwise.data.readers.frames import FrameTable
from reelwise.data.readers.scales import check_scale
from reelwise.data.vocabulary import IdArray
from reelwise.errors import in_one_line

_LONGEST_NAME = 200  # characters


class FrameContent(NamedTuple):
    """The fields of a data set that a frame determines; see `Dataset`."""

    name: str
    ratings: Ratings
    catalogue: Catalogue
    duplicates: int
    implicit: bool
    understood: str


def read_frame(
    frame: Any, given: ColumnNames, scale: tuple[float, float] | None, films: Any, name: str
) -> FrameContent:
    """The content of a frame; see `Dataset.from_frame`."""
    name = in_one_line(name)[:_LONGEST_NAME]
    with naming(name):
        columns = check(FrameTable.of(frame, given), check_scale(scale))
    ratings = sort_ratings(columns)
    with naming(f"{name}, films"):
        catalogue = (
            Catalogue.of([]).with_placeholders(ratings.movies)
            if films is None
            else read_films_frame(films, ratings.movies)
        )
    return FrameContent(
        name=name,
        ratings=ratings,
        catalogue=catalogue,
        duplicates=len(columns.stars) - len(ratings),
        implicit=columns.implicit,
        understood=describe(columns, len(columns.stars) - len(ratings)),
    )


def sort_ratings(columns: Columns) -> Ratings:
    """The ratings of checked columns, of each pair the latest."""
    return Ratings.from_columns(columns.user_ids, columns.movie_ids, columns.stars, columns.times, scale=columns.scale)


def describe(columns: Columns, repeated: int) -> str:
    """Say in one line how columns and stars were understood, and what is odd about them.

    Args:
        columns: the columns.
        repeated: the number of ratings that are ignored, since the same user rated the same movie again.
    """
    names, scale = columns.names, columns.scale
    parts = [
        f"user from {names['user']}{_describe_kind(columns.user_ids)}",
        f"movie from {names['movie']}{_describe_kind(columns.movie_ids)}",
    ]
    if columns.implicit:
        parts.append("no column of stars: every row counts as a like, and no stars are predicted")
    else:
        parts.append(f"stars {scale.low:g} to {scale.high:g} from {names['rating']}")
    parts.append(f"time from {names['time']}" if "time" in names else "no times")
    if repeated:
        which = "latest" if "time" in names else "last"
        parts.append(f"{repeated:,} repeated rating{'s' if repeated > 1 else ''}: the {which} counts")
    return ", ".join([*parts, *_describe_oddities(columns)])


def _describe_kind(ids: IdArray) -> str:
    return "" if ids.dtype.kind == "i" else " (text)"


def _describe_oddities(columns: Columns) -> list[str]:
    """Say why it is doubtful that these are stars on this scale."""
    stars, scale = columns.stars, columns.scale
    if columns.implicit:
        return []
    lowest, highest = np.min(stars), np.max(stars)
    advice = (
        ": give the data's own scale by --scale LOW:HIGH, or --columns rating= if the rows only say who watched what "
        "(in Python scale=(LOW, HIGH), rating='')"
    )
    if columns.is_scale_said:
        advice = ""
    if lowest == highest and len(stars) > 1:
        return [f"every rating is {lowest:g}{advice}"]
    if highest < least_like(scale):
        return [f"there are no likes, as no rating reaches {least_like(scale):g}{advice}"]
    return []
