"""Ids as people give them, and their rows."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from reelwise.data.types import Indices
from reelwise.data.vocabulary import Id, IdArray, Vocabulary, as_array
from reelwise.errors import ReelwiseError, UnknownMovie, UnknownUser, UsageError

Ids = Id | Iterable[Id]
"""One id, or any number of them: a list, an array, a column of a frame."""

_NAMED = 5  # unknown ids that a message names


def list_ids(ids: Ids) -> IdArray:
    """Ids as an array of int64 or of UTF-8 bytes, which shares no memory with the caller's.

    Raises:
        UsageError: Raised when they are of both kinds, or of another one.
    """
    if isinstance(ids, str | bytes | int | float | np.generic) or ids is None:
        ids = [ids]  # type: ignore[list-item]  # what is not an id is refused below
    values: Any = ids.to_numpy() if hasattr(ids, "to_numpy") else ids
    if isinstance(values, np.ndarray):
        if values.ndim > 1:
            raise UsageError(f"ids are an array of shape {values.shape}; expected one dimension, such as one column")
        values = values.reshape(-1)
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        values = _whole(values)
    if isinstance(values, np.ndarray) and values.dtype.kind not in "iuS":
        values = values.tolist()
    try:
        found = as_array(values)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{error}") from None
    return found.copy() if isinstance(values, np.ndarray) and np.shares_memory(found, values) else found


def _whole(values: Any) -> Any:
    """Whole numbers that a frame keeps as floats, as integers.

    Raises:
        UsageError: Raised when one is not whole, or missing.
    """
    wrong = ~((np.abs(values) < 2**63) & (values == np.round(values)))  # NaN is no less than anything
    if wrong.any():
        row = int(wrong.argmax())
        what = "no id" if np.isnan(values[row]) else f"{values[row]}, which cannot be an id"
        raise UsageError(f"row {row + 1} has {what}; expected whole numbers from 0, or strings")
    return values.astype(np.int64)


def require_users(vocabulary: Vocabulary, users: Ids) -> tuple[IdArray, Indices]:
    """User ids and their rows.

    Raises:
        UnknownUser: Raised when one of them is not in the vocabulary; it names some.
    """
    return _require(vocabulary, users, "user", UnknownUser)


def require_movies(vocabulary: Vocabulary, movies: Ids) -> tuple[IdArray, Indices]:
    """Movie ids and their rows.

    Raises:
        UnknownMovie: Raised when one of them is not in the vocabulary; it names some.
    """
    return _require(vocabulary, movies, "movie", UnknownMovie)


def _require(vocabulary: Vocabulary, wanted: Ids, kind: str, unknown: type[ReelwiseError]) -> tuple[IdArray, Indices]:
    ids = list_ids(wanted)
    rows = vocabulary.rows(ids)
    if (rows < 0).any():
        raise unknown(_describe(vocabulary, kind, ids[rows < 0]))
    return ids, rows


def to_column(ids: IdArray) -> IdArray | list[str]:
    """Ids as they are shown: numbers as an array, strings as a list."""
    return [one.decode() for one in ids.tolist()] if ids.dtype.kind == "S" else ids


def hint_at_kind(vocabulary: Vocabulary, noun: str, unknown: IdArray) -> str:
    """What to say of unknown ids that are strings where numbers are known, or the other way round; else nothing."""
    if vocabulary.are_numbers != (unknown.dtype.kind == "S"):
        return ""
    kind = "whole numbers" if vocabulary.are_numbers else "strings"
    return f"; ids of {noun}s are {kind} there, such as {vocabulary[0]!r}"


def _describe(vocabulary: Vocabulary, noun: str, unknown: IdArray) -> str:
    shown = to_column(unknown[:_NAMED])
    more = f" and {len(unknown) - _NAMED:,} more" if len(unknown) > _NAMED else ""
    named = ", ".join(repr(one.item() if isinstance(one, np.generic) else one) for one in shown)
    verb, hint = "is" if len(unknown) == 1 else "are", hint_at_kind(vocabulary, noun, unknown)
    return f"{noun} {named}{more} {verb} not among the ratings that this model was fitted to{hint}"
