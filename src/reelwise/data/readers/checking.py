"""From a table of ratings, wherever it is from, to checked columns, or to the first invalid row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from reelwise.data.interactions import MOVIELENS_SCALE, RatingScale
from reelwise.data.readers.columns import NEEDED, Role
from reelwise.data.readers.faults import Fault
from reelwise.data.readers.lines import Rules, find_fault
from reelwise.data.readers.scales import find_scale
from reelwise.data.readers.values import to_ids, to_stars, to_times
from reelwise.data.types import Mask, Stars, Times
from reelwise.data.vocabulary import IdArray

if TYPE_CHECKING:
    import polars as pl

    from reelwise.data.readers.dates import Written

NumberType = TypeVar("NumberType", bound=np.generic)

Values: TypeAlias = "dict[Role, pl.Series]"
"""Parallel columns by role."""

Explain = Callable[[Mapping[Role, str]], str | None]
"""Says what is wrong with a row, given its values as text."""


class RatingsTable(Protocol):
    """Ratings as they are read, not yet checked."""

    @property
    def names(self) -> Mapping[Role, str]:
        """The names of its columns by role."""

    @property
    def is_text(self) -> bool:
        """Whether all values are written as text, numbers too."""

    def read(self) -> "pl.DataFrame":
        """The columns, each called by its role, of whatever type."""

    def raise_first_fault(self, invalid: Mask, explain: Explain) -> None:
        """Raise a `Fault` that names the first row that is `invalid`, unless all these are blank lines."""


@dataclass(frozen=True)
class Columns:
    """Parallel columns of ratings, shape (rows,).

    Attributes:
        user_ids: int64, or UTF-8 as bytes.
        movie_ids: likewise.
        stars: float32.
        times: when each rating was given; None where that is not known.
        scale: the scale that the stars are on.
        is_scale_said: whether the scale was given, rather than found from the stars.
        implicit: whether there is no column of stars; then all are the highest of the scale.
        names: the names of the columns by role.
    """

    user_ids: IdArray
    movie_ids: IdArray
    stars: Stars
    times: Times | None
    scale: RatingScale
    is_scale_said: bool
    implicit: bool
    names: Mapping[Role, str]


def check(table: RatingsTable, scale: RatingScale | None = None) -> Columns:
    """The ratings in a table, checked.

    Args:
        table: what was read.
        scale: the scale the stars must lie on. By default the one that they seem to be on, see `find_scale`.

    Raises:
        Fault: Raised when a row is invalid; it names the first one and its content.
    """
    names, is_scale_said = table.names, scale is not None
    values, written = convert(table)
    if "rating" in names:
        scale = scale or find_scale(values["rating"].drop_nulls())
    scale = scale or MOVIELENS_SCALE
    values = leave_out_blank(table, values, Rules(names, scale, times=written, is_scale_said=is_scale_said))
    count = len(values["user"])
    if count == 0:
        raise Fault("there are no ratings here")
    implicit = "rating" not in values
    times = _take(values, "time", np.int64) if "time" in values else None
    users, movies = (_take_ids(values, role) for role in NEEDED)
    stars = np.full(count, scale.high, np.float32) if implicit else _take(values, "rating", np.float32)
    return Columns(users, movies, stars, times, scale, is_scale_said, implicit, names)


def convert(table: RatingsTable) -> tuple[Values, "Written"]:
    """The columns as ids, stars and times, null where a value is invalid; and how most times are written.

    Raises:
        Fault: Raised when a column holds something else.
    """
    raw, names = table.read(), table.names
    values: Values = {role: to_ids(names[role], raw.drop_in_place(role), table.is_text) for role in NEEDED}
    written: Written = "numbers"
    if "time" in names:
        values["time"], written = to_times(names["time"], raw.drop_in_place("time"))
    if "rating" in names:
        values["rating"] = to_stars(names["rating"], raw.drop_in_place("rating"))
    return values, written


def leave_out_blank(table: RatingsTable, values: Values, rules: Rules) -> Values:
    """The rows of converted columns that hold anything; all of these are ratings.

    Raises:
        Fault: Raised when one is not; it names the first one and its content.
    """
    import polars as pl

    invalid = _find_invalid(values, rules.scale)
    if invalid is None:
        return values
    strings = [role for role in NEEDED if values[role].dtype == pl.String]
    rules = replace(rules, strings=strings)
    table.raise_first_fault(invalid, lambda row: find_fault({role: row[role] for role in rules.names}, rules))
    return {role: column.filter(pl.Series(~invalid)) for role, column in values.items()}


def _find_invalid(values: Values, scale: RatingScale) -> Mask | None:
    """Mark the rows that have a missing value, or stars off the scale; None where there are no such rows."""
    stars = values.get("rating")
    is_fine = not any(column.null_count() for column in values.values())
    if stars is None:
        outside = None
    else:
        outside = ~stars.is_between(*scale)
        is_fine = is_fine and not outside.any()
    if is_fine:
        return None
    invalid = np.zeros(len(values["user"]), np.bool_)
    for column in values.values():
        invalid |= column.is_null().to_numpy()
    if outside is not None:
        invalid |= outside.fill_null(True).to_numpy()
    return invalid


def _take_ids(values: Values, role: Role) -> IdArray:
    import polars as pl

    if values[role].dtype == pl.String:
        column = values.pop(role)
        distinct = column.unique()
        codes = column.cast(pl.Enum(distinct)).to_physical().to_numpy()
        ids: IdArray = np.array([one.encode() for one in distinct], np.bytes_)[codes]
        return ids
    return _take(values, role, np.int64)


def _take(values: Values, role: Role, dtype: type[NumberType]) -> npt.NDArray[NumberType]:
    """A column as an array. It is gone from `values`, so that its memory is free before the next is copied."""
    return np.concatenate([chunk.to_numpy() for chunk in values.pop(role).get_chunks()], dtype=dtype)
